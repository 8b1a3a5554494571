"""Microsoft.ManagedIdentity: identities without a secret, and the tokens of others that stand for them."""

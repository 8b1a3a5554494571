"""Microsoft.Authorization/locks: what nobody may delete, or change, until its lock is gone."""

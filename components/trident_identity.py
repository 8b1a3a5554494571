"""Whom Trident signs in to Azure as, without any secret: a managed identity that trusts its service account."""

from typing import Final, NotRequired, TypedDict

import pulumi
from pulumi_azure_native import managedidentity

from components import rules
from components.child_options import child_options, known_name
from components.trident import CONTROLLER, DEFAULT_NAMESPACE

AUDIENCE: Final = "api://AzureADTokenExchange"

IDENTITY_NAME = rules.text(r"[a-zA-Z0-9][a-zA-Z0-9_-]{2,127}", "3 to 128 letters, digits, _ or -", rules.AZURE_NAMES)


class TridentIdentityArgs(TypedDict):
    """Arguments of `TridentIdentity`."""

    resource_group_name: pulumi.Input[str]
    """The resource group of the identity."""
    identity_name: pulumi.Input[str]
    """Its name in Azure, 3 to 128 characters."""
    oidc_issuer: pulumi.Input[str]
    """The issuer of the cluster's service account tokens, as AKS tells it."""
    namespace: NotRequired[pulumi.Input[str]]
    """Trident's namespace. Default: trident."""


class TridentIdentity(pulumi.ComponentResource):
    """A user-assigned identity, federated with the service account of Trident's controller in one cluster.

    It may do nothing yet: see `TridentRole`.

    Raises `rules.InvalidArgsError` for a name that Azure would refuse.
    Source: https://learn.microsoft.com/azure/aks/workload-identity-overview
    """

    client_id: pulumi.Output[str]
    """The identity's client id, for Trident."""
    principal_id: pulumi.Output[str]
    """The identity's principal, for role assignments."""

    def __init__(self, name: str, args: TridentIdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("anf-smb:index:TridentIdentity", name, {}, opts)
        rules.check_args("TridentIdentity", args, {"identity_name": IDENTITY_NAME, "namespace": rules.NAMESPACE})
        identity = managedidentity.UserAssignedIdentity(
            f"{name}-identity",
            resource_group_name=args["resource_group_name"],
            resource_name_=args["identity_name"],
            opts=child_options(self),
        )
        federation = managedidentity.FederatedIdentityCredential(
            f"{name}-federation",
            resource_group_name=args["resource_group_name"],
            resource_name_=known_name(args["identity_name"], identity.location),
            federated_identity_credential_resource_name="trident-controller",
            issuer=args["oidc_issuer"],
            subject=pulumi.Output.concat(
                "system:serviceaccount:", args.get("namespace", DEFAULT_NAMESPACE), f":{CONTROLLER}"
            ),
            audiences=[AUDIENCE],
            opts=child_options(self),
        )
        # Whoever uses the identity waits for its federation too: before that, Entra ID refuses the cluster's tokens.
        self.client_id = pulumi.Output.all(identity.client_id, federation.urn).apply(lambda both: str(both[0]))
        self.principal_id = identity.principal_id
        self.register_outputs({"clientId": self.client_id, "principalId": self.principal_id})

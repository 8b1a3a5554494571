"""The managed identity that Trident signs in to Azure as, without a secret: it trusts Trident's service account."""

from typing import Final, NotRequired, TypedDict

import pulumi
from pulumi.type_token import get_type_token
from pulumi_azure_native import managedidentity

from components import rules
from components.guest.azure_types import AzureType
from components.guest.existing_objects import refuse_existing
from components.guest.kept_settings import KeptSettings
from components.guest.prior_state import PriorState
from components.resource_group import ResourceGroupRef
from components.rules.tags import check_tags
from components.support.options import child_options, known_name
from components.support.references import fields
from components.trident import CONTROLLER, DEFAULT_NAMESPACE

AUDIENCE: Final = "api://AzureADTokenExchange"

IDENTITY_NAME = rules.text(r"[a-zA-Z0-9][a-zA-Z0-9_-]{2,127}", "3 to 128 letters, digits, _ or -", rules.AZURE_NAMES)

IDENTITY: Final = AzureType(
    title="The managed identity",
    look_up="azure-native:managedidentity:getUserAssignedIdentity",
    names=("resourceGroupName", "resourceName"),
    inputs=managedidentity.UserAssignedIdentityArgs,
    no_settings=("location",),
)


class TridentIdentityArgs(TypedDict):
    """Arguments of `TridentIdentity`."""

    resource_group: pulumi.Input[ResourceGroupRef]
    """The resource group of the identity."""
    name: pulumi.Input[str]
    """The identity's name in Azure, 3 to 128 characters."""
    keep_name: NotRequired[bool]
    """Keep the name of an identity that the state has, and use this one for a new one. Default: false."""
    oidc_issuer: pulumi.Input[str]
    """The issuer of the cluster's service account tokens, as AKS reports it."""
    namespace: NotRequired[pulumi.Input[str]]
    """Trident's namespace. Default: trident."""
    tags: NotRequired[pulumi.Input[dict[str, str] | None]]
    """Tags of the identity, by their names. Tags that others put on it stay. Default: none."""


class TridentIdentity(pulumi.ComponentResource):
    """A user-assigned identity, federated with the service account of Trident's controller in one cluster.

    It has no permissions: see TridentRole. A name that Azure would refuse is an error.
    Source: https://learn.microsoft.com/azure/aks/workload-identity-overview
    """

    client_id: pulumi.Output[str]
    """The identity's client id, for Trident."""
    principal_id: pulumi.Output[str]
    """The identity's principal, for role assignments."""

    def __init__(self, name: str, args: TridentIdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        prior = PriorState({str(get_type_token(managedidentity.UserAssignedIdentity))}, with_inputs=True)
        super().__init__("anf-smb:index:TridentIdentity", name, {}, prior.options(opts))
        rules.check_args("TridentIdentity", args, {"name": IDENTITY_NAME, "namespace": rules.NAMESPACE})
        check_tags("TridentIdentity", args.get("tags"))
        group = fields(args["resource_group"], ResourceGroupRef)["name"]
        settings = KeptSettings(self, f"{name}-identity", IDENTITY)
        identity_name: pulumi.Input[str] = args["name"]
        if args.get("keep_name"):
            identity_name = prior.kept(self, identity_name, lambda child: child.input("resourceName"))
        identity = managedidentity.UserAssignedIdentity(
            f"{name}-identity",
            resource_group_name=group,
            resource_name_=identity_name,
            tags=args.get("tags"),
            opts=settings.options(
                child_options(
                    self,
                    opts,
                    before_create=refuse_existing(
                        f"{name}-identity-exists", self, "managed identity", "Trident.client_id"
                    ),
                )
            ),
        )
        federation = managedidentity.FederatedIdentityCredential(
            f"{name}-federation",
            resource_group_name=group,
            resource_name_=known_name(identity_name, identity.location),
            federated_identity_credential_resource_name="trident-controller",
            issuer=args["oidc_issuer"],
            subject=pulumi.Output.concat(
                "system:serviceaccount:", args.get("namespace", DEFAULT_NAMESPACE), f":{CONTROLLER}"
            ),
            audiences=[AUDIENCE],
            opts=child_options(
                self,
                opts,
                before_create=refuse_existing(
                    f"{name}-federation-exists", self, "federated credential", "Trident.client_id"
                ),
            ),
        )
        # The client id waits for the federation too: before that, Entra ID refuses the cluster's tokens.
        self.client_id = pulumi.Output.all(identity.client_id, federation.urn).apply(lambda both: str(both[0]))
        self.principal_id = identity.principal_id
        self.register_outputs(
            {"clientId": self.client_id, "principalId": self.principal_id, **settings.outputs(identity.id)}
        )

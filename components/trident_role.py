"""Trident's permissions in Azure: no more than it needs, and only where its pool and its network are."""

import re
import uuid
from collections.abc import Sequence
from typing import Any, Final, NotRequired, TypedDict

import pulumi
from pulumi.type_token import get_type_token
from pulumi_azure_native import authorization

from components import rules
from components.guest.existing_objects import refuse_existing
from components.guest.prior_state import PriorChild, PriorState
from components.resource_group import ResourceGroupRef
from components.support.options import Limits, child_options
from components.support.references import fields
from components.support.transient_errors import PRINCIPAL_UNKNOWN, ROLE_UNKNOWN, wait_out

STORAGE_ACTIONS: Final = (
    "Microsoft.NetApp/netAppAccounts/capacityPools/read",
    "Microsoft.NetApp/netAppAccounts/capacityPools/write",
    "Microsoft.NetApp/netAppAccounts/capacityPools/volumes/read",
    "Microsoft.NetApp/netAppAccounts/capacityPools/volumes/write",
    "Microsoft.NetApp/netAppAccounts/capacityPools/volumes/delete",
    "Microsoft.NetApp/netAppAccounts/capacityPools/volumes/snapshots/read",
    "Microsoft.NetApp/netAppAccounts/capacityPools/volumes/snapshots/write",
    "Microsoft.NetApp/netAppAccounts/capacityPools/volumes/snapshots/delete",
    "Microsoft.NetApp/netAppAccounts/capacityPools/volumes/MountTargets/read",
    "Microsoft.Network/virtualNetworks/read",
    "Microsoft.Network/virtualNetworks/subnets/read",
    "Microsoft.Network/virtualNetworks/subnets/join/action",
)
"""Volumes and their subnet: in the resource groups of the account and of the virtual network."""
FEATURE_ACTIONS: Final = (
    "Microsoft.Features/featureProviders/subscriptionFeatureRegistrations/read",
    "Microsoft.Features/featureProviders/subscriptionFeatureRegistrations/write",
    "Microsoft.Features/featureProviders/subscriptionFeatureRegistrations/delete",
    "Microsoft.Features/features/read",
    "Microsoft.Features/operations/read",
    "Microsoft.Features/providers/features/read",
    "Microsoft.Features/providers/features/register/action",
    "Microsoft.Features/providers/features/unregister/action",
    "Microsoft.Features/subscriptionFeatureRegistrations/read",
)
"""Trident reads at each start which features of Azure NetApp Files the subscription has; refused, it does not start."""


class TridentRoleArgs(TypedDict):
    """Arguments of `TridentRole`."""

    subscription_id: pulumi.Input[str]
    """The subscription of pool and network."""
    resource_group: pulumi.Input[ResourceGroupRef]
    """The resource group of the account."""
    network_resource_group_name: NotRequired[pulumi.Input[str] | None]
    """The resource group of the virtual network, if it is another one."""
    principal_id: pulumi.Input[str]
    """The principal of the roles' assignments: of an identity or of an app registration."""
    label: NotRequired[str]
    """A label in the roles' names, which are unique in the directory. Default: NAME."""
    keep_label: NotRequired[bool]
    """Keep the label of roles that the state has, and use this one for new ones. Default: false."""


class TridentRole(pulumi.ComponentResource):
    """Two roles of least privilege and their assignments: one for the resource groups, one for the subscription.

    The latter covers feature flags alone. NetApp documents one role for the whole subscription, with which Trident
    could delete every volume in it. The user of `pulumi` needs the right to define and to assign roles (Owner, or User
    Access Administrator). A new role or principal needs time to spread: an assignment waits for it, as long as the
    custom timeouts of the options say, 15 minutes by default.

    Source: https://docs.netapp.com/us-en/trident/trident-use/anf-prep.html
    """

    storage_role_id: pulumi.Output[str]
    """The id of the role for the resource groups."""
    features_role_id: pulumi.Output[str]
    """The id of the role for the subscription."""

    def __init__(self, name: str, args: TridentRoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        prior = PriorState({str(get_type_token(authorization.RoleDefinition))}, with_inputs=True)
        super().__init__("anf-smb:index:TridentRole", name, {}, prior.options(opts))
        rules.check_args("TridentRole", args, {"subscription_id": rules.GUID, "principal_id": rules.GUID})
        self._opts = opts
        group = fields(args["resource_group"], ResourceGroupRef)["name"]
        groups = {"": group, "-network": args.get("network_resource_group_name")}
        scopes = {suffix: group for suffix, group in groups.items() if group is not None}
        label: pulumi.Input[str] = args.get("label", name)
        if args.get("keep_label"):
            label = prior.kept(self, label, _label)
        definitions = pulumi.Output.all(label, args["subscription_id"], *scopes.values()).apply(
            lambda given: role_definitions(given[0], given[1], given[2:])
        )
        storage = self._role(f"{name}-storage", definitions.apply(lambda both: both[0]))
        features = self._role(f"{name}-features", definitions.apply(lambda both: both[1]))
        subscription = pulumi.Output.concat("/subscriptions/", args["subscription_id"])
        for suffix, group in scopes.items():
            scope = pulumi.Output.concat(subscription, "/resourceGroups/", group)
            self._assign(f"{name}-storage{suffix}", storage, scope, args["principal_id"])
        self._assign(f"{name}-features", features, subscription, args["principal_id"])
        self.storage_role_id, self.features_role_id = storage.id, features.id
        self.register_outputs({"storageRoleId": self.storage_role_id, "featuresRoleId": self.features_role_id})

    def _role(self, name: str, definition: pulumi.Output[dict[str, Any]]) -> authorization.RoleDefinition:
        return authorization.RoleDefinition(
            f"{name}-role",
            scope=definition.apply(lambda role: role["AssignableScopes"][0]),
            role_definition_id=definition.apply(lambda role: _guid(role["AssignableScopes"][0], role["Name"])),
            role_name=definition.apply(lambda role: role["Name"]),
            description=definition.apply(lambda role: role["Description"]),
            role_type="CustomRole",
            permissions=[{"actions": definition.apply(lambda role: role["Actions"])}],
            assignable_scopes=definition.apply(lambda role: role["AssignableScopes"]),
            opts=child_options(
                self,
                self._opts,
                before_create=refuse_existing(
                    f"{name}-role-exists", self, "role definition", "TridentPath.role_label", "label"
                ),
            ),
        )

    def _assign(
        self, name: str, role: authorization.RoleDefinition, scope: pulumi.Output[str], principal: pulumi.Input[str]
    ) -> None:
        authorization.RoleAssignment(
            f"{name}-assignment",
            scope=scope,
            role_assignment_name=pulumi.Output.all(scope, principal, role.id).apply(lambda given: _guid(*given)),
            role_definition_id=role.id,
            principal_id=principal,
            # Without it Azure looks the principal up, which it may not know yet.
            principal_type="ServicePrincipal",
            opts=child_options(
                self,
                self._opts,
                before_create=refuse_existing(
                    f"{name}-assignment-exists", self, "role assignment", "TridentPath.role_label", "label"
                ),
                hooks=pulumi.ResourceHookBinding(
                    on_error=[
                        wait_out(
                            self,
                            f"{name}-assignment-spread",
                            Limits.of(self._opts, 15).create,
                            ROLE_UNKNOWN,
                            PRINCIPAL_UNKNOWN,
                        )
                    ]
                ),
            ),
        )


def _label(role: PriorChild) -> str | None:
    """Return the label in a role's name, see `role_definitions`."""
    found = re.fullmatch(r"Trident \w+ \((.*), [^,]*\)", str(role.input("roleName")))
    return found[1] if found else None


def role_definitions(
    label: str, subscription_id: str, resource_group_names: Sequence[str | None]
) -> list[dict[str, Any]]:
    """Return the two roles in the form that `az role definition create --role-definition` takes."""
    subscription = f"/subscriptions/{subscription_id}"
    scopes = [f"{subscription}/resourceGroups/{group}" for group in resource_group_names if group]
    label = f"{label}, {subscription_id}"
    return [
        _definition(f"Trident volumes ({label})", "Volumes of Trident, and their subnet", STORAGE_ACTIONS, scopes),
        _definition(
            f"Trident features ({label})", "Feature flags that Trident asks for", FEATURE_ACTIONS, [subscription]
        ),
    ]


def _definition(name: str, description: str, actions: Sequence[str], scopes: Sequence[str]) -> dict[str, Any]:
    return {
        "Name": name,
        "IsCustom": True,
        "Description": description,
        "Actions": [*actions],
        "AssignableScopes": [*scopes],
    }


def _guid(*parts: str) -> str:
    """Return the GUID that Azure wants for a name, always the same for the same parts."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join(part.lower() for part in parts)))

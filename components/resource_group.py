"""The resource group that everything in Azure lives in."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_azure_native as azure_native

from components import rules
from components.child_options import child_options, known_name
from components.lookup import looked_up


class ResourceGroupArgs(TypedDict):
    """Arguments of `ResourceGroup`."""

    resource_group_name: pulumi.Input[str]
    """Its name in Azure."""
    existing: NotRequired[bool]
    """Use the group that has this name, and leave it alone. Default: false, it is made."""
    protect: NotRequired[bool]
    """Refuse to delete or replace it: that would take everything inside with it. Default: true."""


class ResourceGroup(pulumi.ComponentResource):
    """A resource group, made or brought along.

    A group that is brought along is looked up, so that a missing one fails the preview; it is never changed or deleted.

    Raises `rules.InvalidArgsError` for a name that Azure would refuse.
    """

    name: pulumi.Output[str]
    """Its name, known in every preview."""

    def __init__(self, name: str, args: ResourceGroupArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("anf-smb:index:ResourceGroup", name, {}, opts)
        rules.check_args("ResourceGroup", args, {"resource_group_name": rules.RESOURCE_GROUP_NAME})
        group_name = args["resource_group_name"]
        if args.get("existing", False):
            found = looked_up(
                "The resource group that is brought along",
                azure_native.resources.get_resource_group_output(
                    resource_group_name=group_name, opts=pulumi.InvokeOutputOptions(parent=self)
                ),
                "name one that exists in this subscription and may be read, or let this stack make it",
            )
            self.name = found.name
        else:
            group = azure_native.resources.ResourceGroup(
                f"{name}-group",
                resource_group_name=group_name,
                opts=child_options(self, protect=args.get("protect", True)),
            )
            self.name = known_name(group_name, group.location)
        self.register_outputs({"name": self.name})

"""The resource group that everything in Azure lives in."""

from typing import Final, NotRequired, TypedDict

import pulumi
import pulumi_azure_native as azure_native

from components import rules
from components.guest.azure_types import AzureType
from components.guest.created_before import CreatedBefore
from components.guest.existing_objects import refuse_existing
from components.guest.kept_settings import KeptSettings
from components.rules.tags import check_tags
from components.support.lookup import looked_up
from components.support.options import child_options, known_name

RESOURCE_GROUP: Final = AzureType(
    title="The resource group",
    look_up="azure-native:resources:getResourceGroup",
    names=("resourceGroupName",),
    inputs=azure_native.resources.ResourceGroupArgs,
    no_settings=("location",),
)


class ResourceGroupRef(TypedDict):
    """A resource group, for what lives in it."""

    name: pulumi.Input[str]
    """Its name."""


class ResourceGroupArgs(TypedDict):
    """Arguments of `ResourceGroup`."""

    name: pulumi.Input[str]
    """The group's name in Azure: 1 to 90 letters, digits, full stops, underscores, hyphens and parentheses."""
    existing: NotRequired[bool]
    """Use the group of this name, and never change or delete it. Default: false, the component creates it."""
    tags: NotRequired[pulumi.Input[dict[str, str] | None]]
    """Tags of a group to create, by their names. Tags that others put on it stay. Default: none."""


class ResourceGroup(pulumi.ComponentResource):
    """A resource group, created or existing; a preview fails when an existing one is missing.

    A created group is protected unless the options say `protect: false`: Azure deletes everything in a group with it.
    A name that Azure would refuse is an error.
    """

    name: pulumi.Output[str]
    """The group's name, known in every preview."""
    resource_group_id: pulumi.Output[str]
    """The group's resource id."""

    def __init__(self, name: str, args: ResourceGroupArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        created, existing = CreatedBefore(azure_native.resources.ResourceGroup), args.get("existing", False)
        super().__init__("anf-smb:index:ResourceGroup", name, {}, created.options(opts) if existing else opts)
        rules.check_args("ResourceGroup", args, {"name": rules.RESOURCE_GROUP_NAME})
        check_tags("ResourceGroup", args.get("tags"))
        settings = KeptSettings(self, f"{name}-group", RESOURCE_GROUP)
        if existing:
            created.forget(self)
            found = looked_up(
                "The existing resource group",
                azure_native.resources.get_resource_group_output(
                    resource_group_name=args["name"], opts=pulumi.InvokeOutputOptions(parent=self)
                ),
                "name one that exists in this subscription and that you may read, or let the stack create it",
            )
            self.name, self.resource_group_id = found.name, found.id
        else:
            group = azure_native.resources.ResourceGroup(
                f"{name}-group",
                resource_group_name=args["name"],
                tags=args.get("tags"),
                opts=settings.options(
                    child_options(
                        self,
                        opts,
                        data=True,
                        before_create=refuse_existing(f"{name}-group-exists", self, "resource group"),
                    )
                ),
            )
            self.name, self.resource_group_id = known_name(args["name"], group.location), group.id
        self.register_outputs(
            {"name": self.name, "resourceGroupId": self.resource_group_id, **settings.outputs(self.resource_group_id)}
        )

    @property
    def ref(self) -> ResourceGroupRef:
        """The group, for what lives in it."""
        return {"name": self.name}

"""Action groups: whom a metric alert tells. Nobody is told.

Bodies: recordings of Azure/azure-cli, command_modules/monitor, test_monitor_action_group_basic_scenario.
"""

from typing import Any, ClassVar, Final

from sandbox.azure.errors import ArmError
from sandbox.azure.ids import ACTION_GROUPS, ResourceId
from sandbox.azure.model import Desired, Draft, Model, ResourceType
from sandbox.azure.operations import Kind
from sandbox.azure.regions import check_global
from sandbox.azure.shapes import mappings
from sandbox.azure.store import Resource

_RECEIVERS: Final = (
    "emailReceivers",
    "smsReceivers",
    "webhookReceivers",
    "eventHubReceivers",
    "itsmReceivers",
    "azureAppPushReceivers",
    "automationRunbookReceivers",
    "voiceReceivers",
    "logicAppReceivers",
    "azureFunctionReceivers",
    "armRoleReceivers",
)
_LONGEST_SHORT_NAME: Final = 12
_SHOWN: Final = {"kind": None, "type": "Microsoft.Insights/ActionGroups"}
"""So spelt in answers."""


class ActionGroups(ResourceType):
    """Microsoft.Insights/actionGroups."""

    name = ACTION_GROUPS
    has_etag = False
    shows_state = False
    synchronous: ClassVar[frozenset[Kind]] = frozenset({"create", "update", "delete"})

    def place(self, wanted: object) -> str:
        check_global(wanted, self.name)
        return "Global"

    def create(self, model: Model, resource_id: ResourceId, desired: Desired) -> Draft:
        given = desired.properties
        short = given.get("groupShortName")
        if not isinstance(short, str) or not 0 < len(short) <= _LONGEST_SHORT_NAME:
            # Guess: the code and words for a short name of an action group that is missing or too long.
            text = f"The groupShortName '{short or ''}' must have 1 to {_LONGEST_SHORT_NAME} characters."
            raise ArmError(400, "ValidationFailed", text)
        receivers = {name: mappings(given.get(name), name) for name in _RECEIVERS}
        shown: dict[str, Any] = {"groupShortName": short, "enabled": given.get("enabled", True), **receivers}
        return Draft(shown, envelope={**_SHOWN, "identity": desired.envelope.get("identity")})

    def update(self, model: Model, resource: Resource, desired: Desired) -> Draft:
        """Replace it; change only `enabled` and tags by a PATCH."""
        if not desired.partial:
            return self.create(model, resource.id, desired)
        enabled = desired.properties.get("enabled", resource.properties["enabled"])
        return Draft({**resource.properties, "enabled": enabled}, envelope=resource.envelope)


def is_there(model: Model, action_group: object) -> bool:
    """Return whether an id is that of an action group."""
    wanted = ResourceId.of(ACTION_GROUPS, action_group)
    return wanted is not None and model.find(wanted) is not None

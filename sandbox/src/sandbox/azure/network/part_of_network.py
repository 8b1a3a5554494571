"""What is in a virtual network: its names, and that it is changed when nothing else of the network is."""

import re
from typing import Final

from sandbox.azure.errors import ArmError
from sandbox.azure.ids import ResourceId
from sandbox.azure.model import Model, ResourceType
from sandbox.azure.network.serial import check_network_idle
from sandbox.azure.store import Resource

_NAME: Final = re.compile(r"[a-zA-Z0-9]([\w.-]{0,78}\w)?")


class PartOfNetwork(ResourceType):
    """A type of resource that is nested in a virtual network."""

    has_location = False
    creating = "Updating"

    def check_name(self, resource_id: ResourceId) -> None:
        if not _NAME.fullmatch(resource_id.name):
            text = (
                f"Resource name {resource_id.name} is invalid. The name can be up to 80 characters long. It must begin "
                "with a word character, and it must end with a word character or with '_'. The name may contain word "
                "characters or '.', '-', '_'."
            )
            raise ArmError(400, "InvalidResourceName", text)

    def check_idle(self, model: Model, resource_id: ResourceId, current: Resource | None) -> None:
        check_network_idle(model, resource_id.parent)

"""Names of what is in a virtual network."""

import re
from typing import Final

from sandbox.azure.errors import ArmError
from sandbox.azure.ids import ResourceId

_NAME: Final = re.compile(r"[a-zA-Z0-9]([\w.-]{0,78}\w)?")


def check_network_name(resource_id: ResourceId) -> None:
    if not _NAME.fullmatch(resource_id.name):
        text = (
            f"Resource name {resource_id.name} is invalid. The name can be up to 80 characters long. It must begin "
            "with a word character, and it must end with a word character or with '_'. The name may contain word "
            "characters or '.', '-', '_'."
        )
        raise ArmError(400, "InvalidResourceName", text)

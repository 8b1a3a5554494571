"""The people of the sandbox's tenant: one, so that a role can be given to somebody who is no program."""

import uuid
from dataclasses import dataclass
from typing import Final

from sandbox.azure.entra.credentials import TENANT


@dataclass(frozen=True)
class Person:
    """A user of the directory."""

    object_id: str
    name: str
    sign_in: str
    """The user principal name."""


PEOPLE: Final = (Person(str(uuid.uuid5(uuid.UUID(TENANT), "person")), "Sandbox User", "user@sandbox.onmicrosoft.com"),)

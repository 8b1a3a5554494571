"""Resource ids: paths of names that Azure compares without regard to case and shows as they were first written."""

import re
from dataclasses import dataclass

GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

GROUP_TYPE = "Microsoft.Resources/resourceGroups"


@dataclass(frozen=True)
class ResourceId:
    """The id of a resource group (no types), or of a resource in one."""

    subscription: str
    group: str
    provider: str = ""
    types: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> "ResourceId":
        """Read `/subscriptions/S/resourceGroups/G[/providers/P/TYPE/NAME…]`; ValueError if it is not one."""
        parts = text.split("/")
        if parts[:1] != [""] or "" in parts[1:]:
            raise ValueError(f"{text!r} is not a resource id")
        parts = parts[1:]
        if len(parts) < 4 or parts[0].lower() != "subscriptions" or parts[2].lower() != "resourcegroups":
            raise ValueError(f"{text!r} is not a resource id")
        if len(parts) == 4:
            return cls(parts[1], parts[3])
        if len(parts) < 8 or len(parts) % 2 or parts[4].lower() != "providers":
            raise ValueError(f"{text!r} is not a resource id")
        return cls(parts[1], parts[3], parts[5], tuple(parts[6::2]), tuple(parts[7::2]))

    def __str__(self) -> str:
        text = f"/subscriptions/{self.subscription}/resourceGroups/{self.group}"
        if self.types:
            text += f"/providers/{self.provider}"
            text += "".join(f"/{kind}/{name}" for kind, name in zip(self.types, self.names, strict=True))
        return text

    @property
    def key(self) -> str:
        """What two spellings of one id have in common."""
        return str(self).lower()

    @property
    def type(self) -> str:
        """`Microsoft.NetApp/netAppAccounts/capacityPools`, or the type of a resource group."""
        return "/".join((self.provider, *self.types)) if self.types else GROUP_TYPE

    @property
    def name(self) -> str:
        """The last name."""
        return self.names[-1] if self.names else self.group

    @property
    def full_name(self) -> str:
        """All names, as NetApp resources show them: `account/pool/volume`."""
        return "/".join(self.names) if self.names else self.group

    @property
    def parent(self) -> "ResourceId":
        """The resource it is nested in, else its resource group."""
        if len(self.types) < 2:
            return self.resource_group
        return ResourceId(self.subscription, self.group, self.provider, self.types[:-1], self.names[:-1])

    @property
    def resource_group(self) -> "ResourceId":
        """The id of its resource group."""
        return ResourceId(self.subscription, self.group)

    def child(self, kind: str, name: str) -> "ResourceId":
        """The id of a resource nested in this one."""
        return ResourceId(self.subscription, self.group, self.provider, (*self.types, kind), (*self.names, name))

    @property
    def type_and_name(self) -> str:
        """`Microsoft.NetApp/netAppAccounts/anf-dev`, the form of ResourceNotFound."""
        return self.provider + "".join(f"/{k}/{n}" for k, n in zip(self.types, self.names, strict=True))

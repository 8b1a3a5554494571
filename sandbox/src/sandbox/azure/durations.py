"""How long operations take: a few milliseconds for tests and first tries, or about what Azure takes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from sandbox.azure.operations import Kind, plain_kind

_ANF: Final = "microsoft.netapp/netappaccounts"
_VOLUMES: Final = f"{_ANF}/capacitypools/volumes"
_VNET: Final = "microsoft.network/virtualnetworks"
_GROUP: Final = "microsoft.resources/resourcegroups"

_AKS: Final = "microsoft.containerservice/managedclusters"

_KINDS: Final = ("create", "update", "delete")


@dataclass(frozen=True)
class Durations:
    """Seconds per type (lower case) and kind of operation, and how soon clients are told to ask again."""

    name: str
    default: float
    retry_after: float
    nested_lag: float
    """How long before the end of a deletion a GET already answers 404, while the parent cannot go yet."""
    seconds: Mapping[tuple[str, str], float] = field(default_factory=dict[tuple[str, str], float])
    first: Mapping[str, float] = field(default_factory=dict[str, float])
    """Seconds for the creation of the first resource of a type in a region."""
    netapp_retry_after: float | None = None
    """How soon Azure NetApp Files tells clients to ask again. None: it does not, as Azure. Clients then wait their own
    time, az and those for Go 30 s."""

    def of(self, type_name: str, kind: Kind, *, first: bool = False) -> float:
        """Seconds that an operation takes; `first` is the creation of the first of its type in a region."""
        name = type_name.lower()
        usual = self.seconds.get((name, plain_kind(kind)), self.default)
        return self.first.get(name, usual) if first else usual

    def overridden(self, overrides: Mapping[tuple[str, str], float]) -> "Durations":
        """The same profile with other times for some operations."""
        first = {name: seconds for name, seconds in self.first.items() if (name, "create") not in overrides}
        return replace(self, seconds={**self.seconds, **overrides}, first=first)


# Clients do not wait for a snapshot policy (no long-running operation by the specification), nor need they: Azure takes
# 0.05 s, and is through before they can ask.
_POLICY_SECONDS: Final = {(f"{_ANF}/snapshotpolicies", kind): 0.0 for kind in ("create", "update")}

_ROLE: Final = ("microsoft.authorization/roledefinitions", "create")
"""A new role's time to spread, until assignments find it."""

# Azure NetApp Files gives no Retry-After. With these durations it does, or az and Trident would wait 30 s for what
# takes milliseconds here.
INSTANT: Final = Durations(
    "instant",
    default=0.02,
    retry_after=0.05,
    nested_lag=0.01,
    seconds={**_POLICY_SECONDS, _ROLE: 0.0},
    netapp_retry_after=0.05,
)

# Recorded: accounts and pools 0.02 to 0.4 s, an SMB volume 195 s and its deletion 69 s, the first volume of a region
# 607 s, a move to another pool 10 s, a change of its backup 12 s, a snapshot 10 s, its deletion 6 s, backup vaults and
# policies 0.1 to 0.4 s (tests/azure/recorded, and test_create_delete_backup.yaml of azure-cli's tests).
# Guess: A network takes 6 s, the deletion of a resource group 60 s.
REALISTIC: Final = Durations(
    "realistic",
    default=10.0,
    retry_after=10.0,
    nested_lag=8.0,
    seconds={
        **_POLICY_SECONDS,
        _ROLE: 15.0,
        **{(_ANF, kind): 0.1 for kind in _KINDS},
        **{(f"{_ANF}/capacitypools", kind): 0.4 for kind in _KINDS},
        (_VOLUMES, "create"): 195.0,
        (_VOLUMES, "update"): 12.0,
        (_VOLUMES, "delete"): 70.0,
        (f"{_VOLUMES}/snapshots", "create"): 10.0,
        (f"{_VOLUMES}/snapshots", "delete"): 6.0,
        **{(f"{_ANF}/{each}", kind): 0.2 for each in ("backupvaults", "backuppolicies") for kind in _KINDS},
        (_VNET, "create"): 6.0,
        (f"{_VNET}/subnets", "create"): 6.0,
        (_GROUP, "delete"): 60.0,
        # recorded: test_aks_create_scale_with_custom_nodepool_name_msi.yaml of azure-cli's tests
        **{(f"{_AKS}/agentpools", kind): 120.0 for kind in _KINDS},
        (_AKS, "update"): 60.0,
    },
    first={_VOLUMES: 600.0},
)

PROFILES: Final = {profile.name: profile for profile in (INSTANT, REALISTIC)}


def parse_override(text: str) -> tuple[tuple[str, str], float]:
    """Read `TYPE:KIND=SECONDS`, as in `Microsoft.NetApp/netAppAccounts:create=2.5`; ValueError if it is not one."""
    what, _, seconds = text.partition("=")
    type_name, _, kind = what.rpartition(":")
    try:
        value = float(seconds)
    except ValueError:
        value = -1.0
    if not type_name or kind not in _KINDS or not 0 <= value < float("inf"):
        raise ValueError(f"{text!r} is not of the form TYPE:create|update|delete=SECONDS")
    return (type_name.lower(), kind), value

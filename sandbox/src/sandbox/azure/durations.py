"""How long operations take: a few milliseconds for tests and first tries, or about what Azure takes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sandbox.azure.operations import Kind

_ANF: Final = "microsoft.netapp/netappaccounts"
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

    def of(self, type_name: str, kind: Kind) -> float:
        """Seconds that an operation takes."""
        return self.seconds.get((type_name.lower(), kind), self.default)

    def overridden(self, overrides: Mapping[tuple[str, str], float]) -> "Durations":
        """The same profile with other times for some operations."""
        return Durations(self.name, self.default, self.retry_after, self.nested_lag, {**self.seconds, **overrides})


# Clients do not wait for a snapshot policy (no long-running operation by the specification), nor need they: Azure takes
# 0.05 s, and is through before they can ask.
_POLICY_SECONDS: Final = {(f"{_ANF}/snapshotpolicies", kind): 0.0 for kind in ("create", "update")}

_ROLE: Final = ("microsoft.authorization/roledefinitions", "create")
"""A new role's time to spread, until assignments find it."""

INSTANT: Final = Durations(
    "instant", default=0.02, retry_after=0.05, nested_lag=0.01, seconds={**_POLICY_SECONDS, _ROLE: 0.0}
)

REALISTIC: Final = Durations(
    "realistic",
    default=10.0,
    retry_after=10.0,
    nested_lag=8.0,
    seconds={
        **_POLICY_SECONDS,
        _ROLE: 15.0,
        (_ANF, "create"): 15.0,
        (_ANF, "delete"): 20.0,
        (f"{_ANF}/capacitypools", "create"): 40.0,
        (f"{_ANF}/capacitypools", "delete"): 45.0,
        (f"{_ANF}/capacitypools/volumes", "create"): 300.0,
        (f"{_ANF}/capacitypools/volumes", "update"): 30.0,
        (f"{_ANF}/capacitypools/volumes", "delete"): 150.0,
        # recorded: test_create_delete_snapshots.yaml of azure-cli's tests
        (f"{_ANF}/capacitypools/volumes/snapshots", "create"): 10.0,
        (f"{_ANF}/capacitypools/volumes/snapshots", "delete"): 6.0,
        (_VNET, "create"): 6.0,
        (f"{_VNET}/subnets", "create"): 6.0,
        (_GROUP, "delete"): 60.0,
        # recorded: test_aks_create_scale_with_custom_nodepool_name_msi.yaml of azure-cli's tests
        **{(f"{_AKS}/agentpools", kind): 120.0 for kind in _KINDS},
        (_AKS, "update"): 60.0,
    },
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

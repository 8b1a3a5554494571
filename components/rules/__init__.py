"""Rules of Azure, Kubernetes and the driver, in one place: each is a value with its text and its source.

The settings apply them to a stack's configuration before anything is registered; the components apply them to the
arguments that are plain values. A rule of one value is a `Rule`; a rule between several is a function that returns what
is wrong, or None.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Generic, NamedTuple, TypeVar

import pulumi

REST: Final = "https://learn.microsoft.com/rest/api/netapp/?view=rest-netapp-2024-09-01"
LIMITS: Final = "https://learn.microsoft.com/azure/azure-netapp-files/azure-netapp-files-resource-limits"
AZURE_NAMES: Final = "https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules"
KUBERNETES_NAMES: Final = "https://kubernetes.io/docs/concepts/overview/working-with-objects/names/"
SMB_DRIVER: Final = "https://github.com/kubernetes-csi/csi-driver-smb/blob/master/charts/README.md"

GIB: Final = 1024**3
TIB: Final = 1024**4

T = TypeVar("T")


@dataclass(frozen=True)
class Rule(Generic[T]):
    """A rule of one value: the allowed values in words, the check, and the source."""

    allowed: str
    holds: Callable[[T], bool]
    source: str
    schema: Mapping[str, Any] = field(default_factory=dict[str, Any], hash=False)
    """The rule in JSON Schema, as far as that can express it."""


class BreakingValue(NamedTuple):
    """A value of a chart that breaks the product."""

    path: str
    """Its path in the values."""
    value: Any
    allowed: str


class InvalidArgsError(pulumi.InputPropertiesError, pulumi.RunError):
    """Arguments of a component that Azure or Kubernetes would refuse; the error names all of them, and none is sent."""


def check_args(component: str, args: Mapping[str, Any], rules: Mapping[str, Rule[Any]]) -> None:
    """Raise `InvalidArgsError` for the arguments that are plain values and break their rule.

    An argument that is an Output is known only to the engine: the provider judges it.
    """
    broken: list[pulumi.InputPropertyErrorDetails] = [
        {
            "property_path": name,
            "reason": f"{args[name]!r} is not allowed; allowed: {rule.allowed} ({rule.source})",
        }
        for name, rule in rules.items()
        if isinstance(args.get(name), str | int | float) and not rule.holds(args[name])
    ]
    if broken:
        listed = "; ".join(f"{error['property_path']}: {error['reason']}" for error in broken)
        raise InvalidArgsError(f"{component}: {listed}", broken)


def check_values(component: str, found: Iterable[BreakingValue]) -> None:
    """Raise `InvalidArgsError` for values of a component's chart that break the product."""
    if broken := [f"{each.path} is {each.value!r}; allowed: {each.allowed}" for each in found]:
        raise InvalidArgsError(f"{component}: {argument(component, 'values')}: {'; '.join(broken)}")


_KEYS: Final[dict[str, str]] = {}


def name_arguments(keys: Mapping[str, str]) -> None:
    """Let errors name the caller's keys too: {"Trident.version": "anf-smb:trident.version"} by COMPONENT.ARGUMENT."""
    _KEYS.update(keys)


def argument(component: str, name: str) -> str:
    """Return an argument as errors name it, with the caller's key for it where `name_arguments` has one."""
    given = key(component, name)
    return f"{name} ({given})" if given else name


def key(component: str, name: str) -> str | None:
    """Return the caller's key for an argument, where `name_arguments` has one."""
    return _KEYS.get(f"{component}.{name}")


def text(pattern: str, allowed: str, source: str, *, reserved: Iterable[str] = ()) -> Rule[str]:
    """Return a rule for texts that match the whole `pattern` and are none of the `reserved` words, in any case."""
    compiled = re.compile(pattern)
    words = frozenset(reserved)
    suffix = f"; not {' or '.join(sorted(words))}" if words else ""
    return Rule(
        f"{allowed}{suffix}",
        lambda value: compiled.fullmatch(value) is not None and value.lower() not in words,
        source,
        {} if "(?i)" in pattern else {"pattern": f"^(?:{pattern})$"},  # JSON Schema has no flags
    )


def whole(lowest: int, highest: int, unit: str, source: str) -> Rule[int]:
    """Return a rule for whole numbers in a closed range."""
    return Rule(
        f"{lowest} to {highest} {unit}",
        lambda value: lowest <= value <= highest,
        source,
        {"minimum": lowest, "maximum": highest},
    )


def one_of(values: Sequence[str], source: str) -> Rule[str]:
    """Return a rule for one of several words, case included."""
    return Rule(", ".join(values), lambda value: value in values, source, {"enum": [*values]})


def parses(parse: Callable[[str], Any]) -> Callable[[str], bool]:
    """Return a check for texts that `parse` takes; it raises ValueError for others."""

    def holds(value: str) -> bool:
        try:
            parse(value)
        except ValueError:
            return False
        return True

    return holds


# Azure: where things live
LOCATION = text(r"[a-zA-Z0-9][a-zA-Z0-9 ]*", "the name of an Azure region, such as koreacentral", AZURE_NAMES)
GUID = text(
    r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
    "a GUID, such as 00000000-0000-0000-0000-000000000000",
    "https://learn.microsoft.com/azure/azure-portal/get-subscription-tenant-id",
)
RESOURCE_GROUP_NAME = text(
    r"[\w.()-]{0,89}[\w()-]", "1 to 90 letters, digits, . _ - ( ), not ending in a full stop", AZURE_NAMES
)
AKS_NAME = text(r"[a-zA-Z0-9]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9])?", "1 to 63 letters, digits, _ or -", AZURE_NAMES)

# Azure NetApp Files
ACCOUNT_NAME = text(
    r"[a-zA-Z0-9][a-zA-Z0-9_-]{0,127}", "1 to 128 letters, digits, _ or -, starting with a letter or digit", REST
)
POOL_NAME = text(
    r"[a-zA-Z0-9][a-zA-Z0-9_-]{0,63}", "1 to 64 letters, digits, _ or -, starting with a letter or digit", REST
)
VOLUME_NAME = text(
    r"[a-zA-Z][a-zA-Z0-9_-]{0,63}",
    "1 to 64 letters, digits, _ or -, starting with a letter",
    REST,
    reserved=("default", "bin"),
)
CREATION_TOKEN = text(
    r"[a-zA-Z][a-zA-Z0-9-]{0,79}",
    "the share's name: 1 to 80 letters, digits or -, starting with a letter",
    REST,
    reserved=("default", "none"),
)
POOL_SIZE_TIB = whole(1, 2048, "TiB", LIMITS)
MOST_POOLS: Final = 25  # of an account (LIMITS)
MOST_VOLUMES_OF_A_POOL: Final = 500  # LIMITS
SMALLEST_VOLUME_GIB: Final = 50
VOLUME_SIZE_GIB = whole(SMALLEST_VOLUME_GIB, 100 * 1024, "GiB (100 TiB; large volumes are not supported)", LIMITS)
SERVICE_LEVELS: Final = ("Standard", "Premium", "Ultra")  # Flexible needs a property that this API version has not
SERVICE_LEVEL = one_of(SERVICE_LEVELS, REST)
FLEXIBLE: Final = "Flexible"
NEW_POOL_LEVEL = replace(
    SERVICE_LEVEL,
    allowed=f"{SERVICE_LEVEL.allowed}; {FLEXIBLE} only for an existing pool: the API version of azure-native has no "
    "property for its throughput",
)
QOS_TYPE = one_of(("Auto", "Manual"), REST)
THROUGHPUT_MIBPS = whole(1, 4500, "MiB/s", LIMITS)
MIBPS_PER_TIB: Final = {"Standard": 16, "Premium": 64, "Ultra": 128}

# Kubernetes and the driver
_LABEL: Final = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
NAMESPACE = text(
    _LABEL, "1 to 63 small letters, digits or -, starting and ending with a letter or digit", KUBERNETES_NAMES
)
OBJECT_NAME = text(
    r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*",
    "1 to 253 small letters, digits, - or ., starting and ending with a letter or digit",
    KUBERNETES_NAMES,
)
DRIVER_VERSION = text(
    r"v1\.(\d|1[0-7])\.\d+|1\.(1[89]|[2-9]\d)\.\d+",
    "v1.0.0 to v1.17.x with a v, 1.18.0 and later without one, as the charts are published",
    SMB_DRIVER,
)
REPOSITORY = text(r"https?://[^\s/]+(/\S*)?", "the address of a Helm repository: https://…", SMB_DRIVER)
NAMESPACES_OF_EVERY_CLUSTER: Final = ("default", "kube-node-lease", "kube-public", "kube-system")
MINUTES = whole(1, 24 * 60, "minutes", "https://www.pulumi.com/docs/iac/concepts/options/customtimeouts/")


def sizes_exceed_pool(sizes_gib: Iterable[int], pool_tib: int) -> str | None:
    """Return what is allowed if the volumes exceed their pool's size (`PoolSizeTooSmall`)."""
    total = sum(sizes_gib)
    if total > pool_tib * 1024:
        return f"volumes of {pool_tib * 1024} GiB together, the size of the pool; these add up to {total} GiB"
    return None


def level_above_pool(volume_level: str, pool_level: str) -> str | None:
    """Return what is allowed if a volume's service level is higher than its pool's."""
    if SERVICE_LEVELS.index(volume_level) > SERVICE_LEVELS.index(pool_level):
        return f"{', '.join(SERVICE_LEVELS[: SERVICE_LEVELS.index(pool_level) + 1])}: no higher than the pool's"
    return None


def throughput_exceeds_pool(throughputs_mibps: Iterable[int], level: str, pool_tib: int) -> str | None:
    """Return what is allowed if the volumes of a Manual pool exceed the throughput of its size and level."""
    total, limit = sum(throughputs_mibps), MIBPS_PER_TIB[level] * pool_tib
    if total > limit:
        return f"{limit} MiB/s together, what {pool_tib} TiB of {level} give; these add up to {total} MiB/s"
    return None

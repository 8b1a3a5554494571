"""A TridentBackendConfig's spec as Trident's driver azure-netapp-files reads and judges it.

Order and words of the refusals are those of NetApp/trident: core/orchestrator_core.go, storage_drivers/common.go and
types.go, storage_drivers/azure/azure_anf.go. Only the words for a value of the wrong JSON type are the sandbox's own.
"""

import ipaddress
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from sandbox.kube.objects import Json
from sandbox.trident.sizes import GIB, parse_setting

T = TypeVar("T")

DRIVER: Final = "azure-netapp-files"

_DEFAULT_SIZE: Final = str(50 * GIB)
_PREFIX: Final = re.compile(r"|[a-zA-Z][a-zA-Z-]*")
_IDENTITIES_SINCE: Final = (24, 2)
_QOS_TYPE_SINCE: Final = (25, 6)
"""Before, the driver reads no QoS type, and leaves pools of QoS type Manual out of its discovery."""
_NOT_PLAYED: Final = ("storage", "supportedTopologies", "customerEncryptionKeys")
_TYPES: Final[dict[type, str]] = {str: "a string", int: "an integer", list: "a list of strings", dict: "a mapping"}


class BackendError(Exception):
    """Why a backend does not work, in Trident's own words."""


@dataclass(frozen=True)
class BackendSpec:
    """The settings of a backend. They hold no secret: those are in the Secret that `secret_name` names."""

    name: str
    subscription_id: str
    tenant_id: str
    location: str
    storage_prefix: str
    """`trident-` unless set; CSI names volumes without it: `pvc-<uid>`."""
    limit_volume_size: str
    """Largest volume (bytes, or with a unit); empty: no limit."""
    secret_name: str
    """Empty: the identity of the controller's Pod is used."""
    nas_type: str
    service_level: str
    """Empty: that of the capacity pool."""
    network_features: str
    """Empty: Azure's default."""
    resource_groups: tuple[str, ...]
    netapp_accounts: tuple[str, ...]
    capacity_pools: tuple[str, ...]
    virtual_network: str
    subnet: str
    qos_type: str
    max_throughput: str
    """MiB/s of a volume where `qos_type` is Manual."""
    size: str
    """Of a volume whose claim asks for none."""
    snapshot_directory: str
    export_rule: str
    unix_permissions: str

    @property
    def pool_name(self) -> str:
        """The name of the one storage pool that the backend offers."""
        return f"{self.name}_pool"


def deletion_policy(spec: Json) -> str:
    """Return `delete` or `retain`, in the case in which it is written."""
    if not spec:
        raise BackendError("empty Spec is not allowed")
    policy = str(spec.get("deletionPolicy", "delete"))
    if policy.lower() not in {"delete", "retain"}:
        raise BackendError(f"invalid deletion policy applied: {policy}")
    return policy


def parse(spec: Json, default_name: str, release: tuple[int, int]) -> BackendSpec:
    """Read a spec; raise BackendError where Trident refuses it before it asks Azure anything."""
    values = _Values(spec)
    secret = _common(values)
    try:
        return _azure(values, secret, default_name, release)
    except _SpecError as error:
        raise BackendError(f"unsupported config error; {error}") from error


def check(spec: BackendSpec) -> None:
    """Raise BackendError for the values that the driver checks last, after Azure has answered."""
    pool = spec.pool_name
    if not _PREFIX.fullmatch(spec.storage_prefix):
        raise BackendError("storage prefix may only contain letters and hyphens and must begin with a letter")
    if spec.service_level not in {"Standard", "Premium", "Ultra", ""}:
        raise BackendError(f"invalid service level in pool {pool}: {spec.service_level}")
    for rule in spec.export_rule.split(","):
        try:
            ipaddress.ip_network(rule, strict=False)
        except ValueError as error:
            raise BackendError(f"invalid address/CIDR for exportRule in pool {pool}: {rule}") from error
    snapshots = spec.snapshot_directory
    if snapshots and snapshots.lower() not in {"true", "false", "1", "0", "t", "f"}:
        raise BackendError(
            f"invalid boolean value for snapshotDir in pool {pool}; "
            f'strconv.ParseBool: parsing "{snapshots}": invalid syntax'
        )
    if spec.unix_permissions and not re.fullmatch(r"0?[0-7]{3,4}", spec.unix_permissions):
        raise BackendError(
            f"invalid value for unixPermissions in pool {pool}; {spec.unix_permissions} is not a valid octal "
            "unix permissions value"
        )
    if not _is_size(spec.size):
        raise BackendError(f"invalid value for default volume size in pool {pool}; invalid size value '{spec.size}'")
    if spec.network_features not in {"", "Basic", "Standard"}:
        raise BackendError(f"invalid value for networkFeatures in pool {pool}")
    if spec.qos_type not in {"Auto", "Manual"}:
        raise BackendError(f"invalid value for qosType in pool {pool}")
    if not re.fullmatch(r"-?\d+", spec.max_throughput):
        raise BackendError(f"invalid value for maxThroughput in pool {pool}")


class _SpecError(Exception):
    pass


class _Values:
    """The fields of a JSON object, their names in any case, as Go reads them."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = {name.lower(): value for name, value in values.items() if value is not None}

    def has(self, name: str) -> bool:
        return bool(self._values.get(name.lower()))

    def text(self, name: str, default: str = "") -> str:
        return self.given(name, str, "") or default

    def number(self, name: str) -> int:
        value = self._values.get(name.lower())
        return int(value) if isinstance(value, float) and value.is_integer() else self.given(name, int, 0)

    def texts(self, name: str) -> tuple[str, ...]:
        values = self.given(name, list[str], list[str]())
        _check_strings(name, values)
        return tuple(values)

    def mapping(self, name: str) -> dict[str, str]:
        values = self.given(name, dict[str, str], dict[str, str]())
        _check_strings(name, values.values())
        return values

    def given(self, name: str, kind: type[T], default: T) -> T:
        value = self._values.get(name.lower(), default)
        plain: type = getattr(kind, "__origin__", kind)
        if not isinstance(value, plain) or isinstance(value, bool):
            raise _SpecError(f"{name} must be {_TYPES[plain]}")
        return value


def _check_strings(name: str, values: Iterable[object]) -> None:
    if not all(isinstance(value, str) for value in values):
        raise _SpecError(f"the values of {name} must be strings")


def _common(values: _Values) -> str:
    """Check the settings that every driver has; return the Secret's name."""
    try:
        driver, version = values.text("storageDriverName"), values.number("version")
        credentials, limit = values.mapping("credentials"), values.text("limitVolumeSize")
    except _SpecError as error:
        raise BackendError(f"input failed validation: could not parse JSON configuration: {error}") from error
    if not driver:
        raise BackendError("input failed validation: missing storage driver name in configuration file")
    if version != 1:
        raise BackendError(f"input failed validation: unexpected config file version; found {version}, expected 1")
    if limit and not _is_size(limit):
        raise BackendError(f"input failed validation: invalid value for limitVolumeSize: {limit}")
    return _secret_name(credentials) if credentials else ""


def _secret_name(credentials: Mapping[str, str]) -> str:
    invalid = " ".join(sorted(credentials.keys() - {"name", "type"}))
    if invalid:
        raise BackendError(
            f"input failed validation: credentials field contains invalid fields '[{invalid}]' attribute"
        )
    if "name" not in credentials:
        raise BackendError("input failed validation: credentials field is missing 'name' attribute")
    kind = credentials.get("type", "secret")
    if kind != "secret":
        raise BackendError(f"input failed validation: credentials field does not support type '{kind}'")
    if not credentials["name"]:
        raise BackendError("credentials `name` field cannot be empty")
    return credentials["name"]


def _azure(values: _Values, secret: str, default_name: str, release: tuple[int, int]) -> BackendSpec:
    driver = values.text("storageDriverName")
    if driver != DRIVER:
        raise _SpecError(f"unknown storage driver: {driver}")
    if forbidden := [name for name in ("ClientID", "ClientSecret") if values.text(name)]:
        raise _SpecError(f"input contains forbidden attributes: [{' '.join(forbidden)}]")
    if release < _IDENTITIES_SINCE and not secret:
        raise _SpecError("input is missing the credentials field")
    for name in _NOT_PLAYED:
        if values.has(name):
            raise _SpecError(f"the sandbox's Trident does not play {name}: leave it out")
    defaults = _Values(values.mapping("defaults"))
    level = values.text("serviceLevel")
    return BackendSpec(
        name=values.text("backendName", default_name),
        subscription_id=values.text("subscriptionID"),
        tenant_id=values.text("tenantID"),
        location=values.text("location"),
        storage_prefix=values.given("storagePrefix", str, "trident-"),
        limit_volume_size=values.text("limitVolumeSize"),
        secret_name=secret,
        nas_type=values.text("nasType", "nfs"),
        service_level=level[:1].upper() + level[1:].lower(),
        network_features=values.text("networkFeatures"),
        resource_groups=values.texts("resourceGroups"),
        netapp_accounts=values.texts("netappAccounts"),
        capacity_pools=values.texts("capacityPools"),
        virtual_network=values.text("virtualNetwork"),
        subnet=values.text("subnet"),
        qos_type=defaults.text("qosType", "Auto") if release >= _QOS_TYPE_SINCE else "Auto",
        max_throughput=defaults.text("maxThroughput", "4"),
        size=defaults.text("size", _DEFAULT_SIZE),
        snapshot_directory=defaults.text("snapshotDir"),
        export_rule=defaults.text("exportRule", "0.0.0.0/0"),
        unix_permissions=defaults.text("unixPermissions"),
    )


def _is_size(text: str) -> bool:
    with suppress(ValueError):
        parse_setting(text)
        return True
    return False

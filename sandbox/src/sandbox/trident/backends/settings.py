"""A TridentBackendConfig's spec as Trident's driver azure-netapp-files reads and judges it.

Order and words of the refusals are those of NetApp/trident: core/orchestrator_core.go, storage_drivers/common.go and
types.go, storage_drivers/azure/azure_anf.go.
"""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sandbox.kube.objects import Json
from sandbox.trident.backends.backends import DRIVER, BackendError
from sandbox.trident.backends.go_json import GoJsonError, GoStruct
from sandbox.trident.backends.sizes import parse_size

_COMMON: Final = "CommonStorageDriverConfig"
_STRUCT: Final = "AzureNASStorageDriverConfig"
_POOL: Final = "AzureNASStorageDriverPool"
_DEFAULT_SIZE: Final = str(50 * 1024**3)
_PREFIX: Final = re.compile(r"|[a-zA-Z][a-zA-Z-]*")
_POLICIES: Final = ("delete", "retain")


@dataclass(frozen=True)
class PoolSettings:
    """One pool that is offered to storage classes: the whole backend, or an entry of `storage`."""

    name: str
    nas_type: str
    service_level: str
    qos_type: str
    max_throughput: str
    size: str
    network_features: str
    snapshot_directory: str
    export_rule: str
    unix_permissions: str
    labels: Mapping[str, str]
    resource_groups: tuple[str, ...]
    netapp_accounts: tuple[str, ...]
    capacity_pools: tuple[str, ...]
    virtual_network: str
    subnet: str
    supported_topologies: tuple[Mapping[str, str], ...]


@dataclass(frozen=True)
class BackendSettings:
    """What a spec says. It holds no secret: those are in the Secret that `secret_name` names."""

    name: str
    subscription_id: str
    tenant_id: str
    location: str
    storage_prefix: str
    limit_volume_size: str
    secret_name: str
    """Empty: the identity of the controller's Pod is used."""
    customer_encryption_keys: Mapping[str, str]
    pools: tuple[PoolSettings, ...]
    spec: Json = field(repr=False, compare=False)


def deletion_policy(spec: Json) -> str:
    """`delete` or `retain`.

    Raises:
        BackendError: the spec is empty, or names another policy.

    """
    if not spec:
        raise BackendError("empty Spec is not allowed")
    policy = str(spec.get("deletionPolicy", "delete"))
    if policy.lower() not in _POLICIES:
        raise BackendError(f"invalid deletion policy applied: {policy}")
    return policy


def parse(spec: Json, default_name: str, release: tuple[int, int]) -> BackendSettings:
    """Read a spec.

    Raises:
        BackendError: Trident refuses it before it asks Azure anything.

    """
    common = GoStruct(spec, _COMMON)
    secret = _common(common)
    try:
        return _azure(spec, common, secret, default_name, release)
    except (GoJsonError, _SpecError) as error:
        raise BackendError(f"unsupported config error; {error}") from error


def check(settings: BackendSettings) -> None:
    """What the driver checks last, when Azure has answered.

    Raises:
        BackendError: a value that it does not take.

    """
    if not _PREFIX.fullmatch(settings.storage_prefix):
        raise BackendError("storage prefix may only contain letters and hyphens and must begin with a letter")
    keys = settings.customer_encryption_keys
    if keys and settings.pools and settings.pools[0].network_features == "Basic":
        raise BackendError("customer encryption keys are not supported with Basic networking")
    for pool in settings.pools:
        _check_pool(pool)


class _SpecError(Exception):
    """A spec that only a TridentBackendConfig may not have."""


def _common(common: GoStruct) -> str:
    """What every driver has; returns the Secret's name."""
    try:
        driver, version = common.text("storageDriverName"), common.number("version")
        credentials = common.mapping("credentials")
        limit = common.text("limitVolumeSize")
    except GoJsonError as error:
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
    if kind not in {"secret", "awsarn"}:
        raise BackendError(f"input failed validation: credentials field does not support type '{kind}'")
    if not credentials["name"]:
        raise BackendError("credentials `name` field cannot be empty")
    return credentials["name"] if kind == "secret" else ""


def _azure(spec: Json, common: GoStruct, secret: str, default_name: str, release: tuple[int, int]) -> BackendSettings:
    driver = common.text("storageDriverName")
    if driver != DRIVER:
        raise _SpecError(f"unknown storage driver: {driver}")
    azure = GoStruct(spec, _STRUCT)
    inline = {"ClientID": azure.text("clientID"), "ClientSecret": azure.text("clientSecret")}
    if forbidden := [name for name, value in inline.items() if value]:
        raise _SpecError(f"input contains forbidden attributes: [{' '.join(forbidden)}]")
    if release < (24, 2) and not secret:  # before workload and managed identities
        raise _SpecError("input is missing the credentials field")
    name = azure.text("backendName") or default_name
    whole = _pool(azure, _blank(f"{name}_pool"))
    virtual = azure.objects("storage", _POOL)
    pools = [
        _pool(GoStruct(each, _STRUCT, "storage."), whole, f"{name}_pool_{index}") for index, each in enumerate(virtual)
    ]
    return BackendSettings(
        name=name,
        subscription_id=azure.text("subscriptionID"),
        tenant_id=azure.text("tenantID"),
        location=azure.text("location"),
        storage_prefix=azure.text("storagePrefix") if azure.has("storagePrefix") else "trident-",
        limit_volume_size=azure.text("limitVolumeSize"),
        secret_name=secret,
        customer_encryption_keys=azure.mapping("customerEncryptionKeys") or {},
        pools=tuple(pools) or (whole,),
        spec=spec,
    )


def _blank(name: str) -> PoolSettings:
    """The driver's defaults."""
    return PoolSettings(
        name=name,
        nas_type="nfs",
        service_level="",
        qos_type="Auto",
        max_throughput="4",
        size=_DEFAULT_SIZE,
        network_features="",
        snapshot_directory="",
        export_rule="0.0.0.0/0",
        unix_permissions="",
        labels={},
        resource_groups=(),
        netapp_accounts=(),
        capacity_pools=(),
        virtual_network="",
        subnet="",
        supported_topologies=(),
    )


def _pool(values: GoStruct, under: PoolSettings, name: str | None = None) -> PoolSettings:
    """A pool's own values, laid over those of the backend or of the driver."""
    defaults = values.struct("defaults", "AzureNASStorageDriverConfigDefaults")
    groups, accounts, pools = (values.texts(key) for key in ("resourceGroups", "netappAccounts", "capacityPools"))
    topologies: list[Mapping[str, Any]] = values.objects("supportedTopologies", "map[string]string")
    level = values.text("serviceLevel") or under.service_level
    return PoolSettings(
        name=name or under.name,
        nas_type=values.text("nasType") or under.nas_type,
        service_level=level[:1].upper() + level[1:].lower(),
        qos_type=defaults.text("qosType") or under.qos_type,
        max_throughput=defaults.text("maxThroughput") or under.max_throughput,
        size=defaults.text("size") or under.size,
        network_features=values.text("networkFeatures") or under.network_features,
        snapshot_directory=defaults.text("snapshotDir") or under.snapshot_directory,
        export_rule=defaults.text("exportRule") or under.export_rule,
        unix_permissions=defaults.text("unixPermissions") or under.unix_permissions,
        labels={**under.labels, **(values.mapping("labels") or {})},
        resource_groups=under.resource_groups if groups is None else groups,
        netapp_accounts=under.netapp_accounts if accounts is None else accounts,
        capacity_pools=under.capacity_pools if pools is None else pools,
        virtual_network=values.text("virtualNetwork") or under.virtual_network,
        subnet=values.text("subnet") or under.subnet,
        supported_topologies=tuple(topologies) or under.supported_topologies,
    )


def _check_pool(pool: PoolSettings) -> None:
    name = pool.name
    if pool.service_level not in {"Standard", "Premium", "Ultra", ""}:
        raise BackendError(f"invalid service level in pool {name}: {pool.service_level}")
    for rule in pool.export_rule.split(","):
        try:
            ipaddress.ip_network(rule, strict=False)
        except ValueError as error:
            raise BackendError(f"invalid address/CIDR for exportRule in pool {name}: {rule}") from error
    snapshots = pool.snapshot_directory
    if snapshots and snapshots.lower() not in {"true", "false", "1", "0", "t", "f"}:
        raise BackendError(
            f"invalid boolean value for snapshotDir in pool {name}; "
            f'strconv.ParseBool: parsing "{snapshots}": invalid syntax'
        )
    if pool.unix_permissions and not re.fullmatch(r"0?[0-7]{3,4}", pool.unix_permissions):
        raise BackendError(
            f"invalid value for unixPermissions in pool {name}; {pool.unix_permissions} is not a valid octal "
            "unix permissions value"
        )
    if not _is_size(pool.size):
        raise BackendError(f"invalid value for default volume size in pool {name}; invalid size value '{pool.size}'")
    if pool.network_features not in {"", "Basic", "Standard"}:
        raise BackendError(f"invalid value for networkFeatures in pool {name}")
    if pool.qos_type not in {"Auto", "Manual"}:
        raise BackendError(f"invalid value for qosType in pool {name}")
    if not re.fullmatch(r"-?\d+", pool.max_throughput):
        raise BackendError(f"invalid value for maxThroughput in pool {name}")


def _is_size(text: str) -> bool:
    try:
        parse_size(text)
    except ValueError:
        return False
    return True

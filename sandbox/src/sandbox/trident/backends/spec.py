"""A TridentBackendConfig's spec as Trident's driver azure-netapp-files reads and judges it.

Order and words of the refusals are those of NetApp/trident: core/orchestrator_core.go, storage_drivers/common.go and
types.go, storage_drivers/azure/azure_anf.go and api/azure.go.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from sandbox.kube.objects import Json
from sandbox.trident.backends.spec_values import COMMON, SpecError, Values
from sandbox.trident.sizes import GIB, parse_setting

DRIVER: Final = "azure-netapp-files"

_DEFAULT_SIZE: Final = str(50 * GIB)
_IDENTITIES_SINCE: Final = (24, 2)
_QOS_TYPE_SINCE: Final = (25, 6)
"""Before, the driver reads no QoS type, and leaves pools of QoS type Manual out of its discovery."""
_USER_STATE_SINCE: Final = (24, 6)
_CLOUDS_SINCE: Final = (26, 2)
OWN_CLOUD: Final = ("adAuthorityHost", "audience", "endpoint")
_NOT_PLAYED: Final = ("storage", "supportedTopologies", "customerEncryptionKeys")


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
    labels: Mapping[str, str]
    sdk_timeout: str
    max_cache_age: str
    """Seconds after which a discovery is repeated; empty: 600."""
    volume_create_timeout: str
    cloud: Mapping[str, str]
    """cloudConfiguration."""
    user_state: str
    """normal, suspended: no new volumes are created on the backend; empty: normal."""

    @property
    def is_suspended(self) -> bool:
        return self.user_state.lower() == "suspended"

    @property
    def labels_json(self) -> str:
        """The tag `provisioning` of the backend's volumes; empty without labels."""
        labels = json.dumps({"provisioning": self.labels}, separators=(",", ":"), ensure_ascii=False)
        return labels if self.labels else ""

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
    secret = _common(Values(spec, COMMON))
    try:
        return _azure(Values(spec), secret, default_name, release)
    except SpecError as error:
        raise BackendError(f"unsupported config error; {error}") from error


def _common(values: Values) -> str:
    """Check the settings that every driver has; return the Secret's name."""
    try:
        driver, version = values.text("storageDriverName"), values.number("version")
        credentials, limit = values.mapping("credentials"), values.text("limitVolumeSize")
        for name, read in (("debug", values.flag), ("disableDelete", values.flag), ("userState", values.text)):
            read(name)
    except SpecError as error:
        raise BackendError(f"input failed validation: could not parse JSON configuration: {error}") from error
    if not driver:
        raise BackendError("input failed validation: missing storage driver name in configuration file")
    if version != 1:
        raise BackendError(f"input failed validation: unexpected config file version; found {version}, expected 1")
    if limit and not is_size(limit):
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


def _azure(values: Values, secret: str, default_name: str, release: tuple[int, int]) -> BackendSpec:
    driver = values.text("storageDriverName")
    if driver != DRIVER:
        raise SpecError(f"unknown storage driver: {driver}")
    if forbidden := [name for name in ("ClientID", "ClientSecret") if values.text(name)]:
        raise SpecError(f"input contains forbidden attributes: [{' '.join(forbidden)}]")
    if release < _IDENTITIES_SINCE and not secret:
        raise SpecError("input is missing the credentials field")
    for name in _NOT_PLAYED:
        if values.has(name):
            raise SpecError(f"the sandbox's Trident does not play {name}: leave it out")
    defaults, cloud = values.nested("defaults"), values.nested("cloudConfiguration")
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
        labels=values.mapping("labels"),
        sdk_timeout=values.text("sdkTimeout"),
        max_cache_age=values.text("maxCacheAge"),
        volume_create_timeout=values.text("volumeCreateTimeout"),
        cloud={name: cloud.text(name) for name in ("cloudName", *OWN_CLOUD)} if release >= _CLOUDS_SINCE else {},
        user_state=values.text("userState") if release >= _USER_STATE_SINCE else "",
    )


def is_size(text: str) -> bool:
    with suppress(ValueError):
        parse_setting(text)
        return True
    return False

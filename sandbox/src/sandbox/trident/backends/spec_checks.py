"""The values of a backend's settings as the driver judges them: before it signs in, after Azure's answer, and last.

Order and words are those of initializeAzureSDKClient, validate and Initialize of storage_drivers/azure/azure_anf.go,
ValidateCloudConfiguration of api/azure.go, and updateUserBackendState of core/orchestrator_core.go (NetApp/trident).
"""

import ipaddress
import re
from typing import Final

from sandbox.trident.backends.spec import OWN_CLOUD, BackendError, BackendSpec, is_size

_CLOUDS: Final = ("AzurePublic", "AzureChina", "AzureGovernment")
_USER_STATES: Final = ("normal", "suspended")
_PREFIX: Final = re.compile(r"|[a-zA-Z][a-zA-Z-]*")
_LABELS_LIMIT: Final = 256
"""Characters of the labels as JSON."""


def check_client(spec: BackendSpec, location: str) -> None:
    """Raise BackendError for the values that the driver checks before it signs in to Azure."""
    _check_seconds(spec.sdk_timeout)
    _check_seconds(spec.max_cache_age)
    if not location:
        raise BackendError("location must be specified in the config")
    own = [name for name in OWN_CLOUD if spec.cloud.get(name)]
    named = spec.cloud.get("cloudName", "")
    problem = ""
    if named and own:
        problem = "cloudName and custom configuration (adAuthorityHost, audience, endpoint) are mutually exclusive"
    elif named and named not in _CLOUDS:
        problem = f"unknown cloudName: {named} (valid values: {', '.join(_CLOUDS)})"
    elif own and len(own) < len(OWN_CLOUD):
        problem = "when using custom cloud configuration, adAuthorityHost, audience, and endpoint are all required"
    if problem:
        raise BackendError(f"invalid cloud configuration: {problem}")
    if own or named not in {"", "AzurePublic"}:
        raise BackendError("the sandbox's Trident does not play other clouds: leave out cloudConfiguration")


def check_last(spec: BackendSpec) -> None:
    """Raise BackendError for the values that are checked once the driver's own checks are done."""
    _check_seconds(spec.volume_create_timeout)


def check_user_state(spec: BackendSpec) -> None:
    """Raise BackendError for a state that Trident does not know, which it says instead of any other error."""
    state = spec.user_state.lower()
    if state not in {"", *_USER_STATES}:
        raise BackendError(f"invalid user backend state provided: {state}, allowed are: `normal`, `suspended`")


def _check_seconds(text: str) -> None:
    """Refuse what Go's strconv.ParseInt does not read, and negative numbers (pkg/convert/convert.go)."""
    if not text:
        return
    if not re.fullmatch(r"[+-]?\d+", text, re.ASCII):
        raise BackendError(f'strconv.ParseInt: parsing "{text}": invalid syntax')
    if int(text) >= 2**63 or int(text) < -(2**63):
        raise BackendError(f'strconv.ParseInt: parsing "{text}": value out of range')
    if int(text) < 0:
        raise BackendError(f"value {text} is out of range [0, {2**63 - 1}]")


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
    if not is_size(spec.size):
        raise BackendError(f"invalid value for default volume size in pool {pool}; invalid size value '{spec.size}'")
    if (length := len(spec.labels_json.encode())) > _LABELS_LIMIT:
        raise BackendError(
            f"invalid value for label in pool {pool}; label length {length} exceeds the character limit "
            f"of {_LABELS_LIMIT} characters"
        )
    if spec.network_features not in {"", "Basic", "Standard"}:
        raise BackendError(f"invalid value for networkFeatures in pool {pool}")
    if spec.qos_type not in {"Auto", "Manual"}:
        raise BackendError(f"invalid value for qosType in pool {pool}")
    if not re.fullmatch(r"-?\d+", spec.max_throughput):
        raise BackendError(f"invalid value for maxThroughput in pool {pool}")

"""A Release's properties, as the genuine plugin writes them to state: every option, the unset ones with their zero."""

from collections.abc import Mapping
from pathlib import Path as File
from typing import Any, Final

import yaml

from sandbox.charts.values import merged
from sandbox.providers.kubernetes.chart_source import ChartRequest, Repository
from sandbox.providers.kubernetes.handler import Naming, ResourceError
from sandbox.providers.kubernetes.naming import random_suffix
from sandbox.providers.kubernetes.secretness import secret_places
from sandbox.providers.values import UNKNOWN, Path, Properties, contains_unknown

Json = dict[str, Any]

INPUTS: Final = "__inputs"
"""Where state keeps the inputs beside the outputs."""
DEFAULT_TIMEOUT: Final = 300
"""Seconds that helm waits where the program says nothing."""

_BOOLEANS: Final = (
    "allowNullValues",
    "atomic",
    "cleanupOnFail",
    "createNamespace",
    "dependencyUpdate",
    "devel",
    "disableCRDHooks",
    "disableOpenapiValidation",
    "disableWebhooks",
    "forceUpdate",
    "lint",
    "recreatePods",
    "renderSubchartNotes",
    "replace",
    "resetValues",
    "reuseValues",
    "skipAwait",
    "skipCrds",
    "takeOwnership",
    "verify",
    "waitForJobs",
)
_TEXTS: Final = ("chart", "description", "keyring", "name", "namespace", "postrender", "version")
_REPOSITORY: Final = ("caFile", "certFile", "keyFile", "password", "repo", "username")
_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_ASSET: Final = "c44067f5952c0a294b673a41bacd8c17"
_KINDS: Final[Mapping[type, tuple[str, tuple[type, ...]]]] = {
    bool: ("bool", (bool,)),
    str: ("string", (str,)),
    int: ("int", (int, float)),
    dict: ("map", (dict,)),
}


def decoded(values: Mapping[str, Any]) -> Json:
    """A release from its properties: options only, with zeros for those that are not set."""
    release: Json = {key: _typed(values, key, bool, False) for key in _BOOLEANS}
    release |= {key: _typed(values, key, str, "") for key in _TEXTS}
    release["timeout"] = _typed(values, "timeout", int, 0)
    if values.get("maxHistory") is not None:
        release["maxHistory"] = _typed(values, "maxHistory", int, 0)
    if values.get("repositoryOpts") is not None:
        options = _typed(values, "repositoryOpts", dict, {})
        known = options is UNKNOWN
        release["repositoryOpts"] = options if known else {key: _typed(options, key, str, "") for key in _REPOSITORY}
    given = _typed(values, "values", dict, {})
    files = _file_values(values.get("valueYamlFiles"))
    release["values"] = UNKNOWN if UNKNOWN in (given, files) else merged(files, given)
    return release


def completed(new: Properties, old: Properties | None, program_name: str, namespace: str, naming: Naming) -> Json:
    """The program's inputs as a release, with the defaults of the plugin."""
    values = dict(new.values)
    if old is not None and "name" not in values:
        values["name"] = old.values.get("name")
    if not values.get("name"):
        values["name"] = f"{program_name}-{random_suffix(naming.seed)}"
    if not values.get("namespace"):
        values["namespace"] = namespace
    if values.get("skipAwait") is not True and values.get("timeout") is None:
        values["timeout"] = DEFAULT_TIMEOUT
    if values.get("verify") is True and not values.get("keyring"):
        values["keyring"] = str(File("~/.gnupg/pubring.gpg").expanduser())
    return decoded(values)


def like_inputs(values: Json, inputs: Properties) -> Properties:
    """Values with secret places where the inputs have them; a secret file makes all chart values secret."""
    places: set[Path] = set(secret_places(values, inputs))
    if any(place[0] == "valueYamlFiles" for place in inputs.secrets):
        places.add(("values",))
    return Properties(values, frozenset(places))


def state_outputs(release: Json, inputs: Properties) -> Properties:
    """A release as it goes to state, with the inputs beside it."""
    outputs = like_inputs(release, inputs)
    # Secret as a whole, and inside again where the program says so: that is how the inputs come back from state.
    places = {*outputs.secrets, (INPUTS,), *((INPUTS, *place) for place in inputs.secrets)}
    return Properties({**outputs.values, INPUTS: inputs.values}, frozenset(places))


def chart_request(release: Mapping[str, Any]) -> ChartRequest:
    """Which chart a release asks for."""
    options = release.get("repositoryOpts") or {}
    return ChartRequest(
        chart=release["chart"].strip(),
        version=release["version"],
        repository=Repository(
            repo=options.get("repo", ""),
            ca_file=options.get("caFile", ""),
            cert_file=options.get("certFile", ""),
            key_file=options.get("keyFile", ""),
            username=options.get("username", ""),
            password=options.get("password", ""),
        ),
        devel=release["devel"],
        verify=release["verify"],
        keyring=release["keyring"],
    )


def _typed(values: Mapping[str, Any], key: str, kind: type, zero: Any) -> Any:
    """One option, or its zero. The message is the genuine plugin's; it names no value, which might be a secret."""
    value = values.get(key)
    if value is None:
        return zero
    if value is UNKNOWN:
        return UNKNOWN
    expected, types = _KINDS[kind]
    if not isinstance(value, types) or (kind is int and isinstance(value, bool)):
        field = key[:1].upper() + key[1:]
        raise ResourceError(
            f"decoding failure: '{field}' expected type '{expected}', got unconvertible type '{_go_type(value)}'"
        )
    return int(value) if isinstance(value, float) else value


def _go_type(value: Any) -> str:
    match value:
        case bool():
            return "bool"
        case int() | float():
            return "float64"
        case str():
            return "string"
        case list():
            return "[]interface {}"
        case _:
            return "map[string]interface {}"


def _file_values(assets: Any) -> Any:
    """The values of `valueYamlFiles`, later files over earlier ones; UNKNOWN if a file is."""
    if assets is None:
        return {}
    if contains_unknown(assets):
        return UNKNOWN
    values: Json = {}
    for asset in assets if isinstance(assets, list) else [assets]:
        if not isinstance(asset, Mapping) or asset.get(_SIGNATURE) != _ASSET:
            raise ResourceError(f"unsupported type for 'valueYamlFiles' arg: {_go_type(asset)}")
        try:
            document = yaml.safe_load(_contents(asset))
        except OSError as error:
            raise ResourceError(f"failed to open asset file '{asset.get('path')}': {error.strerror}") from None
        except yaml.YAMLError as error:
            place = getattr(error, "problem_mark", None)
            at = f"line {place.line + 1}: " if place else ""
            raise ResourceError(f"valueYamlFiles: yaml: {at}{getattr(error, 'problem', None) or 'invalid'}") from None
        if document is not None and not isinstance(document, Mapping):
            raise ResourceError("valueYamlFiles: a file of values must be a map")
        values = merged(values, document if isinstance(document, Mapping) else {})
    return values


def _contents(asset: Mapping[str, Any]) -> str:
    if asset.get("text"):
        return str(asset["text"])
    if asset.get("path"):
        return File(str(asset["path"])).read_text()
    if asset.get("uri"):
        raise ResourceError("valueYamlFiles: this stand-in for the kubernetes plugin takes no remote assets")
    return ""

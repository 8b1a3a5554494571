"""What a resource's state holds: the live object, and beside it what the plugin needs to know of its own doing.

The layout is the genuine plugin's, so that a stack may go from one to the other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from sandbox.providers.kubernetes.annotations import FIELD_MANAGER, annotation
from sandbox.providers.kubernetes.naming import random_suffix
from sandbox.providers.kubernetes.secretness import secret_places
from sandbox.providers.values import Path, Properties

Json = dict[str, Any]

INPUTS: Final = "__inputs"
INITIAL_API_VERSION: Final = "__initialApiVersion"
FIELD_MANAGER_KEY: Final = "__fieldManager"
CREATION_MANAGER: Final = "pulumi-kubernetes"
"""Field manager of creations. Updates apply as a manager of the resource's own, which then takes its fields over."""

_DASHED: Final = {
    f"x_kubernetes_{name.replace('-', '_')}": f"x-kubernetes-{name}"
    for name in (
        "embedded-resource",
        "int-or-string",
        "list-map-keys",
        "list-type",
        "map-type",
        "preserve-unknown-fields",
        "validations",
    )
}
_UNDERSCORED: Final = {dashed: underscored for underscored, dashed in _DASHED.items()}


@dataclass(frozen=True)
class Checkpoint:
    """A resource's outputs, taken apart."""

    inputs: Json
    live: Json
    initial_api_version: str
    field_manager: str

    @classmethod
    def parse(cls, outputs: Properties, inputs: Properties | None = None) -> "Checkpoint":
        """Outputs from state; `inputs` serve where the outputs hold none."""
        values = dict(outputs.values)
        known = values.pop(INPUTS, None)
        version = str(values.pop(INITIAL_API_VERSION, ""))
        manager = str(values.pop(FIELD_MANAGER_KEY, ""))
        if not isinstance(known, dict):
            known = dict(inputs.values) if inputs else {}
        return cls(to_api(known), to_api(values), version, manager)


def outputs_of(live: Json, inputs: Json, like: Properties, initial_api_version: str, manager: str) -> Properties:
    """A resource's outputs. `like` are the program's inputs, which say what is secret."""
    shown = _renamed(live, _UNDERSCORED)
    shown_inputs = _renamed(inputs, _UNDERSCORED)
    secrets: set[Path] = set(secret_places(shown, like))
    secrets |= {(INPUTS, *place) for place in secret_places(shown_inputs, like)}
    values = {**shown, INPUTS: shown_inputs, INITIAL_API_VERSION: initial_api_version, FIELD_MANAGER_KEY: manager}
    return Properties(values, frozenset(secrets))


def field_manager(inputs: Mapping[str, Any], known: str = "") -> str:
    """Who owns the fields that this resource applies: the annotation's name, the one in state, or a new one."""
    return annotation(inputs, FIELD_MANAGER) or known or f"{CREATION_MANAGER}-{random_suffix(b'')}"


def to_api(values: Mapping[str, Any]) -> Json:
    """Properties as the API spells them: the SDKs write `x-kubernetes-…` with underscores."""
    return cast("Json", _renamed(values, _DASHED))


def pruned(live: Any, shape: Any) -> Any:
    """The parts of a live value that the inputs it was made from have, too."""
    match live, shape:
        case Mapping(), Mapping():
            return {key: pruned(value, shape[key]) for key, value in live.items() if key in shape}
        case list(), list():
            if not live or not shape:
                return []
            return [pruned(value, wanted) for value, wanted in zip(live, shape, strict=False)]
        case _:
            return live


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    match value:
        case Mapping():
            return {names.get(key, key): _renamed(item, names) for key, item in value.items()}
        case list():
            return [_renamed(item, names) for item in value]
        case _:
            return value

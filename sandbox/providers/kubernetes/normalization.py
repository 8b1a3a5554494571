"""Inputs in the form in which the API server gives them back, so that equal inputs show no difference."""

import base64
import binascii
import copy
from collections.abc import Mapping
from typing import Any, Final

from sandbox.providers.kubernetes.kinds import of_object
from sandbox.providers.kubernetes.quantity import canonical
from sandbox.providers.values import contains_unknown

READ_ONLY: Final = (
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "uid",
)
"""Members of `metadata` that only the server writes."""

_QUANTITIES: Final = frozenset({"limits", "requests", "capacity", "hard", "overhead", "default", "defaultRequest"})
"""Members of built-in types that hold quantities by name."""


def normalized(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of an object's inputs. Custom resources stay as they are, but for the members that are read-only."""
    result = copy.deepcopy(dict(inputs))
    kind = of_object(result)
    if kind.built_in and not contains_unknown(result):
        match kind.kind:
            case "Secret":
                _secret(result)
            case "CustomResourceDefinition":
                _definition(result)
            case _:
                result = _built_in(result)
    metadata = result.get("metadata")
    if isinstance(metadata, dict):
        for key in READ_ONLY:
            metadata.pop(key, None)
    return result


def _secret(value: dict[str, Any]) -> None:
    """`stringData` is write-only: the server puts it into `data`, over what is there."""
    data = value.get("data")
    texts = value.get("stringData")
    if texts and isinstance(texts, dict):
        encoded = {key: base64.b64encode(str(text).encode()).decode() for key, text in texts.items()}
        value["data"] = {**(data or {}), **encoded}
        del value["stringData"]
    elif isinstance(data, dict):
        value["data"] = {key: _recoded(text) for key, text in data.items()}


def _recoded(text: Any) -> Any:
    try:
        return base64.b64encode(base64.b64decode(text, validate=False)).decode() if isinstance(text, str) else text
    except (binascii.Error, ValueError):
        return text  # the server will refuse it


def _definition(value: dict[str, Any]) -> None:
    spec = value.get("spec")
    if isinstance(spec, dict) and spec.get("preserveUnknownFields") is False:
        del spec["preserveUnknownFields"]
    value.pop("status", None)


def _built_in(value: Any, quantities: bool = False) -> Any:
    match value:
        case Mapping():
            return {
                key: canonical(item) if quantities else _built_in(item, key in _QUANTITIES)
                for key, item in value.items()
                if item is not None
            }
        case list():
            return [_built_in(item) for item in value]
        case _:
            return value

"""Names of objects: the program's own, or made from the resource's name and a random suffix."""

import hashlib
import secrets
from collections.abc import Mapping
from typing import Any, Final

from sandbox.providers.kubernetes.annotations import AUTONAMED, is_true
from sandbox.providers.kubernetes.handler import Naming, ResourceError
from sandbox.providers.values import UNKNOWN

_SUFFIX_DIGITS: Final = 8

Json = dict[str, Any]


def random_suffix(seed: bytes) -> str:
    """Eight hexadecimal digits: always the same from a seed, random without one."""
    digits = hashlib.sha256(seed).hexdigest() if seed else secrets.token_hex(_SUFFIX_DIGITS)
    return digits[:_SUFFIX_DIGITS]


def name_of(value: Mapping[str, Any]) -> str:
    """An object's name; empty where it has none or it is not known yet."""
    return _member(value, "name")


def namespace_of(value: Mapping[str, Any]) -> str:
    """An object's namespace; empty where it has none or it is not known yet."""
    return _member(value, "namespace")


def is_named(value: Mapping[str, Any]) -> bool:
    """Whether the program names the object, be the name known or not."""
    metadata = value.get("metadata")
    if not isinstance(metadata, Mapping):
        return False
    return bool(name_of(value)) or metadata.get("name") is UNKNOWN


def is_generated(value: Mapping[str, Any]) -> bool:
    """Whether the program leaves the name to the server."""
    metadata = value.get("metadata")
    return not is_named(value) and isinstance(metadata, Mapping) and bool(metadata.get("generateName"))


def name_new(value: Json, program_name: str, naming: Naming) -> None:
    """Give a new object a name if the program gives none."""
    if is_named(value) or is_generated(value):
        return
    if naming.disabled:
        raise ResourceError("autonaming is disabled, resource requires the .metadata.name field to be set")
    _autoname(value, naming.proposed or f"{program_name}-{random_suffix(naming.seed)}")


def name_again(value: Json, old: Mapping[str, Any]) -> None:
    """Leave an object the name that it was once given."""
    if not is_named(value) and is_true(old, AUTONAMED):
        _autoname(value, name_of(old))


def object_id(value: Mapping[str, Any]) -> str:
    """The resource's id: `namespace/name`, or `name` where there are no namespaces."""
    namespace = namespace_of(value)
    return f"{namespace}/{name_of(value)}" if namespace else name_of(value)


def parse_id(resource_id: str) -> tuple[str, str]:
    """Namespace (may be empty) and name from an id."""
    namespace, separator, name = resource_id.partition("/")
    return (namespace, name.partition("/")[0]) if separator else ("", namespace)


def _autoname(value: Json, name: str) -> None:
    metadata = value.setdefault("metadata", {})
    if not isinstance(metadata, dict):
        return  # not known yet
    metadata["name"] = name
    annotations = metadata.setdefault("annotations", {})
    if isinstance(annotations, dict):
        annotations[AUTONAMED] = "true"


def _member(value: Mapping[str, Any], key: str) -> str:
    metadata = value.get("metadata")
    text = metadata.get(key) if isinstance(metadata, Mapping) else None
    return text if isinstance(text, str) else ""

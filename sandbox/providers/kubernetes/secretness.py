"""Keeping secret what is secret: in outputs, and in texts that go to people.

Whatever is secret in a resource's inputs is secret at the same place of the live object. A Secret's data are secret
whether or not the program said so.
"""

import base64
import contextlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from sandbox.providers.kubernetes.annotations import LAST_APPLIED
from sandbox.providers.values import Path, Properties, within

_SECRET_MEMBERS: Final = ("data", "stringData")
_SHORTEST: Final = 4  # characters; shorter texts occur in any message by chance
_HIDDEN: Final = "[secret]"


def secret_places(values: Mapping[str, Any], like: Properties) -> frozenset[Path]:
    """The places of `values` that are to be secret, since they are in `like` or hold a Secret's data.

    A list with a secret anywhere in it is secret as a whole, for its items may move.
    """
    return frozenset(_places(values, like.values, (), like.secrets))


def _places(value: Mapping[str, Any], like: Mapping[str, Any], at: Path, secrets: frozenset[Path]) -> Iterable[Path]:
    if value.get("kind") == "Secret":
        yield from ((*at, member) for member in _SECRET_MEMBERS if member in value)
        applied = (*at, "metadata", "annotations", LAST_APPLIED)
        if _at(value, applied[len(at) :]) is not None:
            yield applied
    for key, inner in like.items():
        place = (*at, key)
        if key not in value:
            continue
        if place in secrets:
            yield place
        elif isinstance(inner, Mapping) and isinstance(value[key], Mapping):
            yield from _places(value[key], inner, place, secrets)
        elif any(secret[: len(place)] == place for secret in secrets):
            yield place


def _at(value: Any, path: Path) -> Any:
    for step in path:
        if not isinstance(value, Mapping) or step not in value:
            return None
        value = value[step]
    return value


class Redactor:
    """Takes the secret texts of a resource out of messages: an API server may quote what it refuses."""

    def __init__(self, *properties: Properties | None) -> None:
        texts: set[str] = set()
        for known in properties:
            if known is None:
                continue
            for place in {*known.secrets, *secret_places(known.values, known)}:
                texts.update(_texts(within(known.values, place)))
        self._texts = sorted(_spellings(texts), key=len, reverse=True)

    def __call__(self, message: str) -> str:
        """The message without secrets."""
        for text in self._texts:
            message = message.replace(text, _HIDDEN)
        return message


def _texts(value: Any) -> Iterable[str]:
    match value:
        case str():
            yield value
        case Mapping():
            for item in value.values():
                yield from _texts(item)
        case list():
            for item in value:
                yield from _texts(item)
        case _:
            return


def _spellings(texts: Iterable[str]) -> set[str]:
    """Each text as it is, as JSON and Go quote it, in base64, and decoded from it."""
    spelled: set[str] = set()
    for text in texts:
        forms = {text, json.dumps(text)[1:-1], base64.b64encode(text.encode()).decode()}
        with contextlib.suppress(ValueError):
            forms.add(base64.b64decode(text, validate=True).decode())
        spelled |= {form for form in forms if len(form) >= _SHORTEST}
    return spelled

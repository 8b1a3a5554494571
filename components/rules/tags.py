"""Rules of Azure for tags: their names, their values, and how many a resource has."""

from collections.abc import Mapping
from typing import Any, Final

from components.rules import InvalidArgsError, Rule

TAGS: Final = "https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources"
MOST_TAGS: Final = 50
_LONGEST_NAME: Final = 512
_LONGEST_VALUE: Final = 256
_FORBIDDEN: Final = "<>%&\\?/"
_RESERVED: Final = ("azure", "microsoft", "windows")

TAG_NAME: Rule[str] = Rule(
    f"a name of 1 to {_LONGEST_NAME} characters, none of {' '.join(_FORBIDDEN)} and no control characters, that does "
    f"not begin with {', '.join(_RESERVED)}",
    lambda name: (
        0 < len(name) <= _LONGEST_NAME
        and name.isprintable()
        and not {*name} & {*_FORBIDDEN}
        and not name.lower().startswith(_RESERVED)
    ),
    TAGS,
)
TAG_VALUE: Rule[str] = Rule(
    f"a value of at most {_LONGEST_VALUE} characters",
    lambda value: len(value) <= _LONGEST_VALUE,
    TAGS,
    {"maxLength": _LONGEST_VALUE},
)


def too_many_tags(tags: Mapping[str, Any]) -> str | None:
    """Return what is allowed if a resource would have more tags than Azure takes (TAGS)."""
    return f"{MOST_TAGS} tags on a resource; these are {len(tags)}" if len(tags) > MOST_TAGS else None


def same_names(tags: Mapping[str, Any]) -> list[str]:
    """Return the names that another one of the tags has, but for the case, which does not count (TAGS)."""
    seen: dict[str, str] = {}
    return [name for name in tags if seen.setdefault(name.casefold(), name) != name]


def merged(outer: Mapping[str, str], inner: Mapping[str, str]) -> dict[str, str]:
    """Return tags of a whole stack with those of one resource, whose values and spelling win."""
    own = {name.casefold() for name in inner}
    return {**{name: value for name, value in outer.items() if name.casefold() not in own}, **inner}


def check_tags(component: str, tags: object) -> None:
    """Raise `InvalidArgsError` for tags that are plain values and that Azure would refuse."""
    if not isinstance(tags, Mapping):
        return
    broken = [f"{name!r} is not allowed; allowed: {TAG_NAME.allowed}" for name in tags if not TAG_NAME.holds(name)]
    broken += [
        f"{name}: {value!r} is not allowed; allowed: {TAG_VALUE.allowed}"
        for name, value in tags.items()
        if isinstance(value, str) and not TAG_VALUE.holds(value)
    ]
    broken += [f"{name!r} is there twice; the case does not count" for name in same_names(tags)]
    broken += [f"allowed: {allowed}"] if (allowed := too_many_tags(tags)) else []
    if broken:
        raise InvalidArgsError(f"{component}: tags: {'; '.join(broken)} ({TAGS})")

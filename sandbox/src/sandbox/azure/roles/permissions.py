"""What a role allows: patterns of actions, less those that it takes out again."""

import re
from functools import cache
from typing import Any, Final

_LISTS: Final = ("actions", "notActions", "dataActions", "notDataActions")


def normalized(permission: dict[str, Any]) -> dict[str, Any]:
    """A permission with all of its lists, as Azure shows it."""
    return {name: list(permission.get(name) or []) for name in _LISTS}


def allowed(permissions: list[dict[str, Any]], action: str) -> bool:
    """Whether a role with these permissions allows an action; case does not matter, `*` stands for any text."""
    return any(
        _any_matches(permission["actions"], action) and not _any_matches(permission["notActions"], action)
        for permission in permissions
    )


def _any_matches(patterns: list[str], action: str) -> bool:
    return any(_compiled(pattern).fullmatch(action) for pattern in patterns)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in pattern.split("*")), re.IGNORECASE)

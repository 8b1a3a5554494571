"""Sizes as Trident reads them: bytes, or with a unit. Binary throughout: `100G` is 100 GiB."""

import re
from typing import Final

_UNITS: Final = {letter: 1024 ** (index + 1) for index, letter in enumerate("kmgtpezy")}
_SIZE: Final = re.compile(r"(\d+)\s*(?:([kmgtpezy])(?:i?b?)?)?", re.IGNORECASE)


def parse_size(text: str) -> int:
    """Bytes; ValueError if it is no size."""
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is not a size")
    number, unit = found.groups()
    return int(number) * (_UNITS[unit.lower()] if unit else 1)

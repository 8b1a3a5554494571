"""Sizes of volumes: Kubernetes' quantities, those in Trident's settings, and the whole GiB of Azure NetApp Files."""

import math
import re
from typing import Any, Final, cast

from kubernetes.utils import quantity

GIB: Final = 1024**3

_UNITS: Final = "KMGTPE"
_SETTING: Final = re.compile(r"(\d+)\s*(?:([kmgtpe])(?:i?b?)?)?", re.IGNORECASE)


def parse_quantity(text: object) -> int:
    """Return the bytes of a Kubernetes quantity, fractions rounded up; 0 where there is none."""
    return math.ceil(cast(Any, quantity).parse_quantity(text)) if text else 0


def show_quantity(size: int) -> str:
    """Return bytes as Kubernetes prints a binary quantity: with the largest unit that divides them."""
    unit = 0
    while size and size % 1024 == 0 and unit < len(_UNITS):
        size //= 1024
        unit += 1
    return f"{size}{_UNITS[unit - 1]}i" if unit else str(size)


def parse_setting(text: str) -> int:
    """Return the bytes of a size in Trident's settings, where every unit is binary: `100G` is 100 GiB."""
    found = _SETTING.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is not a size")
    number, unit = found.groups()
    return int(number) * (1024 ** (_UNITS.index(unit.upper()) + 1) if unit else 1)


def whole_gib(size: int) -> int:
    return -(-size // GIB) * GIB

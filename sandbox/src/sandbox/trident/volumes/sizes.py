"""Sizes of volumes: Kubernetes' quantities, and what Azure NetApp Files takes."""

import math
from typing import Any, Final, cast

from kubernetes.utils import quantity

GIB: Final = 1024**3

_UNITS: Final = "KMGTPE"


def parse_quantity(text: object) -> int:
    """Bytes of a Kubernetes quantity, fractions rounded up; 0 where there is none."""
    return math.ceil(cast(Any, quantity).parse_quantity(text)) if text else 0


def show_quantity(size: int) -> str:
    """Bytes as Kubernetes prints a binary quantity: with the largest unit that divides them."""
    unit = 0
    while size and size % 1024 == 0 and unit < len(_UNITS):
        size //= 1024
        unit += 1
    return f"{size}{_UNITS[unit - 1]}i" if unit else str(size)


def whole_gib(size: int) -> int:
    """Rounded up to what Azure counts in."""
    return -(-size // GIB) * GIB

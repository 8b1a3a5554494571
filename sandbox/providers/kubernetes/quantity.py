"""Quantities like `100Gi` in the one form that Kubernetes gives them, so that equal ones compare equal.

https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
"""

import re
from fractions import Fraction
from typing import Any, Final

_BINARY: Final = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
_DECIMAL: Final = ("n", "u", "m", "", "k", "M", "G", "T", "P", "E")
_PATTERN: Final = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(?:[eE]([+-]?\d+)|([KMGTPE]i|[numkMGTPE]?))")


def canonical(quantity: Any) -> Any:
    """The largest unit that leaves no fraction. What is no quantity comes back as it is."""
    match = _PATTERN.fullmatch(str(quantity)) if isinstance(quantity, str | int | float) else None
    if match is None or isinstance(quantity, bool):
        return quantity
    number, exponent, suffix = match.groups()
    if suffix in _BINARY[1:]:
        value = Fraction(number) * 1024 ** _BINARY.index(suffix)
        if value.denominator == 1 and abs(value) >= 1024:
            return _spell(value, _BINARY, 1024, 0)
        return _spell(value, _DECIMAL, 1000, 3)
    if exponent is not None:
        value = Fraction(number) * Fraction(10) ** int(exponent)
        return _exponential(value)
    return _spell(Fraction(number) * Fraction(1000) ** (_DECIMAL.index(suffix or "") - 3), _DECIMAL, 1000, 3)


def _spell(value: Fraction, units: tuple[str, ...], base: int, zero: int) -> str:
    if value == 0:
        return "0"
    for index in range(len(units) - 1, -1, -1):
        scaled = value / Fraction(base) ** (index - zero)
        if scaled.denominator == 1:
            return f"{scaled.numerator}{units[index]}"
    smallest = value / Fraction(base) ** -zero
    return f"{-(-smallest.numerator // smallest.denominator)}{units[0]}"  # finer than a unit: rounded up


def _exponential(value: Fraction) -> str:
    exponent = 0
    while value and (value / 1000).denominator == 1:
        value, exponent = value / 1000, exponent + 3
    while value.denominator != 1 and exponent > -9:
        value, exponent = value * 1000, exponent - 3
    return f"{-(-value.numerator // value.denominator)}" + (f"e{exponent}" if exponent else "")

"""Previews of more and more volumes: how the time grows."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

from bench.parts.pairs import PREVIEW, WITHOUT_CHECKPOINTS
from bench.results import Figure
from bench.sides import Side
from bench.stack_files import scaled


def measure_growth(side: Side, sizes: Sequence[int]) -> tuple[dict[str, Figure], dict[str, float]]:
    """Return the greatest growth per doubling, and the seconds by number of volumes."""
    side.fresh()
    seconds: dict[str, float] = {}
    for size in sizes:
        side.configure(f"v{size}", scaled(size))
        seconds[str(size)] = round(side.pulumi(f"v{size}", *PREVIEW, settings=WITHOUT_CHECKPOINTS).seconds, 2)
        print(f"  preview of {size}: {seconds[str(size)]} s", flush=True)
    return {"growth": Figure(growth_per_doubling(seconds), {"seconds": [*seconds.values()]})}, seconds


def growth_per_doubling(seconds: Mapping[str, float]) -> float:
    """Return by how much the time grows for twice the volumes, at most: 2 is linear, 4 quadratic."""
    points = [(int(size), value) for size, value in seconds.items()]
    return max((after / before) ** (1 / math.log2(more / less)) for (less, before), (more, after) in pairwise(points))

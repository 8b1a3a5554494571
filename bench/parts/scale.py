"""Many volumes: preview, first `up`, `up` without a change, verify."""

import sys
from collections.abc import Sequence
from typing import Final

from bench.measure import measure
from bench.parts.pairs import PREVIEW, UP, WITHOUT_CHECKPOINTS, in_turn, time_and_memory
from bench.results import Figure, middle, ratio
from bench.sides import FLAT, OURS, Side
from bench.stack_files import scaled

CREATION_SECONDS: Final = 195.0
"""What Azure takes to create a volume, as the sandbox's realistic durations have it."""


def measure_previews(sides: Sequence[Side], volumes: int, times: int) -> dict[str, Figure]:
    """Return the figures of previews of a stack that does not exist, with so many volumes."""
    stack = _begin(sides, volumes)
    return time_and_memory("scale_preview", in_turn(sides, stack, PREVIEW, times, WITHOUT_CHECKPOINTS), volumes)


def measure_checkpoints(sides: Sequence[Side], volumes: int) -> dict[str, Figure]:
    """Return the figure of the same preview as it is without a setting of pulumi's."""
    stack = _begin(sides, volumes)
    samples = in_turn(sides, stack, PREVIEW, 1)
    return {"checkpoints": Figure(ratio(samples, f"{OURS} seconds", f"{FLAT} seconds").value, samples, volumes)}


def measure_first_ups(sides: Sequence[Side], volumes: int) -> dict[str, Figure]:
    """Return the figures of the first `up`."""
    stack = _begin(sides, volumes)
    first = in_turn(sides, stack, UP, 1)
    ours = first[f"{OURS} seconds"]
    return {
        "scale_first_up": Figure(ratio(first, f"{OURS} seconds", f"{FLAT} seconds").value, first, volumes),
        # The sandbox's Azure creates in milliseconds: the whole `up` is what program, engine and plugins add.
        "waiting": Figure(ours[0] / (volumes * CREATION_SECONDS), {"first up": ours}, volumes),
    }


def measure_no_change(sides: Sequence[Side], volumes: int, times: int) -> dict[str, Figure]:
    """Return the figures of `up` without a change, and of verify. Leaves the stack."""
    stack = _begin(sides, volumes)
    # As it is, it would take an hour.
    first = in_turn(sides, stack, UP, 1, WITHOUT_CHECKPOINTS)
    figures = {
        "first_up_without": Figure(ratio(first, f"{OURS} seconds", f"{FLAT} seconds").value, first, volumes),
        **time_and_memory("scale_no_change", in_turn(sides, stack, UP, times), volumes),
    }
    program = next(side for side in sides if side.name == OURS)
    return figures | {"verify_scale": middle("seconds", [verify_seconds(program, stack)], volumes)}


def _begin(sides: Sequence[Side], volumes: int) -> str:
    for side in sides:
        side.fresh()
        side.configure(f"v{volumes}", scaled(volumes))
    return f"v{volumes}"


def verify_seconds(side: Side, stack: str, *options: str) -> float:
    """Return how long verify of a stack takes."""
    log = side.home / f"verify-{stack}.log"
    command = [sys.executable, "-m", "verify", *options, "--stack", stack]
    return round(measure(command, side.folder, side.environment(), 600, log).seconds, 2)

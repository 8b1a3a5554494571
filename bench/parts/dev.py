"""Stack dev: preview, and an `up` without a change."""

from collections.abc import Sequence

from bench.parts.pairs import PREVIEW, UP, in_turn, time_and_memory
from bench.results import Figure
from bench.sides import Side
from bench.stack_files import dev


def measure_dev(sides: Sequence[Side], times: int) -> dict[str, Figure]:
    """Return the figures of dev. Leaves it in both sandboxes."""
    for side in sides:
        side.fresh()
        side.configure("dev", dev())
        side.pulumi("dev", *PREVIEW)
    preview = in_turn(sides, "dev", PREVIEW, times)
    in_turn(sides, "dev", UP, 1)
    no_change = in_turn(sides, "dev", UP, times)
    return time_and_memory("dev_preview", preview) | time_and_memory("dev_no_change", no_change)

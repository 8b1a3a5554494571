"""Program and flat script in turn, so that what else the machine does meets both."""

from collections.abc import Mapping, Sequence
from typing import Final

from bench.results import Figure, ratio
from bench.sides import FLAT, OURS, Side

UP: Final = ("up", "--yes", "--skip-preview")
PREVIEW: Final = ("preview",)

WITHOUT_CHECKPOINTS: Final[Mapping[str, str]] = {"PULUMI_SKIP_CHECKPOINTS": "true"}
"""For previews of many volumes: the engine does not write the whole state into memory after each step."""

Samples = Mapping[str, Sequence[float]]


def in_turn(
    sides: Sequence[Side],
    stack: str,
    command: Sequence[str],
    times: int,
    settings: Mapping[str, str] | None = None,
) -> Samples:
    """Return seconds, CPU seconds and MB of a command, of each side as often as `times`."""
    samples: dict[str, list[float]] = {}
    for _ in range(times):
        for side in sides:
            cost = side.pulumi(stack, *command, settings=settings)
            print(f"  {command[0]} {stack} {side.name}: {cost}", flush=True)
            measured = {"seconds": cost.seconds, "cpu": cost.cpu, "mb": cost.program_mb}
            for what, value in measured.items():
                samples.setdefault(f"{side.name} {what}", []).append(round(value, 2))
    return samples


def time_and_memory(key: str, samples: Samples, volumes: int | None = None) -> dict[str, Figure]:
    """Return the ratios of a command's time and memory."""
    time = ratio(samples, f"{OURS} seconds", f"{FLAT} seconds", volumes)
    return {
        f"{key}_time": Figure(time.value, samples, volumes),
        f"{key}_memory": ratio(samples, f"{OURS} mb", f"{FLAT} mb", volumes),
    }

"""The parts of a run: how often each is measured, and with how many volumes; all of it or the quick form."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bench.parts.chain import measure_chain
from bench.parts.dev import measure_dev
from bench.parts.growth import measure_growth
from bench.parts.imports import measure_imports
from bench.parts.sandbox import measure_load, measure_sandbox
from bench.parts.scale import measure_checkpoints, measure_first_ups, measure_no_change, measure_previews
from bench.parts.toolchain import measure_toolchain
from bench.results import Figure, Run
from bench.sides import Side


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    times: int
    """Of each short command."""
    volumes: int
    """At scale."""
    times_at_scale: int
    with_checkpoints: int
    """The volumes of commands with checkpoints, whose time grows with the square of the volumes."""
    sizes: Sequence[int]
    """Of growth."""
    load_seconds: int
    volume_seconds: int
    """Of a creation, for the longest chain."""
    parts: Sequence[str]
    """What is measured unless --only says another."""


Part = Callable[[Plan, Sequence[Side], Run], Mapping[str, Figure]]


def _growth(plan: Plan, sides: Sequence[Side], run: Run) -> Mapping[str, Figure]:
    figures, run.series["preview"] = measure_growth(sides[0], plan.sizes)
    return figures


PARTS: Final[Mapping[str, Part]] = {
    "imports": lambda plan, sides, _: measure_imports(sides[0], plan.times + 4),
    "sandbox": lambda plan, sides, _: measure_sandbox(sides[0], 1 + plan.times // 3),
    "dev": lambda plan, sides, _: measure_dev(sides, plan.times),
    "chain": lambda plan, sides, _: measure_chain(sides[0], plan.volume_seconds),
    "previews": lambda plan, sides, _: measure_previews(sides, plan.volumes, plan.times_at_scale),
    "checkpoints": lambda plan, sides, _: measure_checkpoints(sides, plan.with_checkpoints),
    "ups": lambda plan, sides, _: measure_first_ups(sides, plan.with_checkpoints),
    "no-change": lambda plan, sides, _: measure_no_change(sides, plan.volumes, plan.times_at_scale),
    "growth": _growth,
    "load": lambda plan, _, __: measure_load(plan.load_seconds),
    "toolchain": lambda _, __, ___: measure_toolchain(),
}
_ASKED_FOR: Final = {"toolchain"}
"""What takes too long for every run."""

WHOLE: Final = Plan(
    times=5,
    volumes=500,
    times_at_scale=1,
    with_checkpoints=100,
    sizes=(1, 10, 100, 250, 500, 1000),
    load_seconds=60,
    volume_seconds=60,
    parts=tuple(name for name in PARTS if name not in _ASKED_FOR),
)
QUICK: Final = Plan(
    times=1,
    volumes=20,
    times_at_scale=1,
    with_checkpoints=20,
    sizes=(1, 10, 100),
    load_seconds=10,
    volume_seconds=5,
    parts=("imports", "dev", "previews", "no-change"),
)

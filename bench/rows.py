"""The rows of the table: what is measured, and the goal of each."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Row:
    """One figure; less is better in every row."""

    key: str
    what: str
    goal: float
    unit: str = ""
    """Of the figure; empty for a ratio to the flat script, or to what the row names."""


ROWS: Final = (
    Row("dev_preview_time", "dev, preview: time, program / flat", 1.00),
    Row("dev_preview_memory", "dev, preview: memory, program / flat", 1.05),
    Row("dev_no_change_time", "dev, `up` without a change: time, program / flat", 1.00),
    Row("dev_no_change_memory", "dev, `up` without a change: memory, program / flat", 1.05),
    Row("first_resource", "first resource registered / bare imports of the SDK classes used", 1.15),
    Row("longest_chain", "dev, first `up` with scaled realistic durations / longest chain of the graph", 1.05),
    Row("scale_preview_time", "{volumes} volumes, preview without checkpoints: time, program / flat", 0.40),
    Row("scale_preview_memory", "{volumes} volumes, preview without checkpoints: memory, program / flat", 0.35),
    Row("checkpoints", "{volumes} volumes, preview as it is: time, program / flat", 0.40),
    Row("scale_no_change_time", "{volumes} volumes, `up` without a change: time, program / flat", 0.40),
    Row("scale_no_change_memory", "{volumes} volumes, `up` without a change: memory, program / flat", 0.35),
    Row("growth", "time of a preview without checkpoints, growth per doubling of the volumes, at most", 2.2),
    Row("scale_first_up", "{volumes} volumes, first `up`: time, program / flat", 0.5),
    Row("first_up_without", "{volumes} volumes, first `up` without checkpoints: time, program / flat", 0.5),
    Row("waiting", "{volumes} volumes, one creation at a time: waiting beyond the sum of creations", 0.02),
    Row("sandbox_ready", "`sandbox up`, tools built, empty sandbox", 8.0, "s"),
    Row("make_up", "what `make up` runs, tools built", 30.0, "s"),
    Row("verify_dev", "verify of dev", 5.0, "s"),
    Row("sandbox_memory", "memory of the sandbox with dev in it", 600.0, "MB"),
    Row("verify_scale", "verify of {volumes} volumes", 60.0, "s"),
    Row("toolchain", "all tools of the sandbox, nothing cached", 15.0, "min"),
    Row("load_p99", "emulator with 1,000 volumes, 50 genuine clients, 100 requests per second: p99", 100.0, "ms"),
)
BY_KEY: Final = {row.key: row for row in ROWS}

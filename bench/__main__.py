"""`python -m bench`: measure the program beside a flat script, compare two runs, write docs/performance.md."""

import os
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from bench.comparison import changes
from bench.page import PAGE, RUN, comparison_table, page, table
from bench.plan import PARTS, QUICK, WHOLE
from bench.plots import draw
from bench.results import Run
from bench.sides import FLAT, OURS, Side
from bench.stack_files import PROJECT

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.command("run")
def run_parts(
    only: Annotated[list[str] | None, typer.Option(help=f"One of {', '.join(PARTS)}; may be repeated.")] = None,
    into: Annotated[Path, typer.Option(help="The run; what it has of other parts stays.")] = PROJECT / ".bench.json",
    volumes: Annotated[int | None, typer.Option(help="How many at scale, in place of 500 (20 if quick).")] = None,
    times: Annotated[int | None, typer.Option(help="How often commands at scale are measured.")] = None,
    home: Annotated[Path | None, typer.Option(help="Folder for programs and sandboxes; it stays.")] = None,
) -> None:
    """Measure and write a run; compare it with the one of docs/performance.md. QUICK=1 measures less."""
    if unknown := {*(only or ())} - PARTS.keys():
        raise typer.BadParameter(f"{', '.join(unknown)}: no such part; allowed: {', '.join(PARTS)}")
    plan = QUICK if os.environ.get("QUICK") else WHOLE
    plan = replace(plan, volumes=volumes or plan.volumes, times_at_scale=times or plan.times_at_scale)
    with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
        folder = (home or Path(temporary)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        sides = [Side(OURS, folder), Side(FLAT, folder)]
        before, run = Run.load(RUN), Run.load(into)
        try:
            for name in only or plan.parts:
                began = time.monotonic()
                print(f"{name} …", flush=True)
                run.add(PARTS[name](plan, sides, run))
                run.save(into)
                print(f"{name}: done in {time.monotonic() - began:.0f} s", flush=True)
        finally:
            for side in sides:
                side.empty()
    print(table(run))
    print(comparison_table([*changes(before, run)]))


@app.command()
def compare(before: Path, now: Path) -> None:
    """Compare two runs."""
    print(comparison_table([*changes(Run.load(before), Run.load(now))]))


@app.command("page")
def write_page(run_file: Annotated[Path | None, typer.Argument(help="The run to show from now on.")] = None) -> None:
    """Write docs/performance.md and its plots from a run."""
    run = Run.load(run_file or RUN)
    run.save(RUN)
    PAGE.write_text(page(run))
    draw(run, PAGE.parent / "performance")


if __name__ == "__main__":
    app()

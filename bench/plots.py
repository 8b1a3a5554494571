"""The plots of a run as SVG; the same run gives the same text."""

from importlib import import_module
from pathlib import Path
from typing import Any, Final

from bench.results import Run
from bench.rows import ROWS

_RATIOS: Final = "ratios-and-goals"
_GROWTH: Final = "growth"


def plots_of(run: Run) -> list[str]:
    """Return the names of the plots for which a run has figures."""
    return [_RATIOS, *([_GROWTH] if run.series else [])]


def draw(run: Run, folder: Path) -> None:
    """Write the plots of a run."""
    # Only `make bench` installs it.
    matplotlib: Any = import_module("matplotlib")
    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.hashsalt": "anf-smb", "svg.fonttype": "none", "font.size": 9})
    pyplot: Any = import_module("matplotlib.pyplot")
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.svg"):
        old.unlink()
    for name in plots_of(run):
        figure, axes = pyplot.subplots(figsize=(8, 4.5), layout="constrained")
        {_RATIOS: _ratios, _GROWTH: _growth}[name](run, axes)
        figure.savefig(folder / f"{name}.svg", metadata={"Date": None, "Creator": None})
        pyplot.close(figure)


def _ratios(run: Run, axes: Any) -> None:
    rows = [row for row in reversed(ROWS) if row.key in run.figures]
    figures = [run.figures[row.key] for row in rows]
    parts = [figure.value / row.goal for figure, row in zip(figures, rows, strict=True)]
    names = [
        row.what.format(volumes=figure.volumes).replace("`", "") for figure, row in zip(figures, rows, strict=True)
    ]
    axes.barh(names, parts, color=["#2a7f62" if part <= 1 else "#c0562b" for part in parts])
    axes.axvline(1, color="black", linewidth=1)
    axes.set_xlabel("figure / goal")


def _growth(run: Run, axes: Any) -> None:
    for name, seconds in run.series.items():
        axes.plot([int(size) for size in seconds], [*seconds.values()], marker="o", label=name)
    axes.set(xscale="log", yscale="log", xlabel="volumes", ylabel="seconds")
    axes.grid(visible=True, alpha=0.3)
    axes.legend()

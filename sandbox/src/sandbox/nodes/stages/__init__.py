"""kwok's Stage objects: the lifecycle of nodes and Pods."""

from pathlib import Path

STAGES = tuple(Path(__file__).parent / f"{kind}.yaml" for kind in ("node", "pod"))
"""kwok reads them when it starts. Where it has these, its own stages are absent."""

"""kwok's objects: the stages of nodes and Pods, and the logs of containers."""

from pathlib import Path

STAGES = tuple(Path(__file__).parent / f"{kind}.yaml" for kind in ("node", "pod", "logs"))
"""kwok reads them when it starts. Where it has these, its own stages are absent."""

"""The first `up` of dev with realistic durations, against the longest chain of its graph."""

import json
import threading
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from bench.parts.pairs import UP
from bench.results import Figure
from bench.sides import Side
from bench.stack_files import dev

_VOLUMES: Final = "Microsoft.NetApp/netAppAccounts/capacityPools/volumes:create"
_VOLUME: Final = "azure-native:netapp:CapacityPoolVolume"
_CLAIM: Final = "kubernetes:core/v1:PersistentVolumeClaim"
_LOOK_SECONDS: Final = 0.02
_KNOWS_EVENT_LOG: Final = {"PULUMI_DEBUG_COMMANDS": "true"}
"""Without it `pulumi` refuses the option --event-log."""


def measure_chain(side: Side, volume_seconds: int) -> dict[str, Figure]:
    """Return the time of the `up` against that of the chain of resources which takes longest.

    `volume_seconds` is in place of the 195 (600 for the first of a region) of the realistic durations, so that the
    measurement ends soon.
    """
    side.fresh("--durations", "realistic", "--duration", f"{_VOLUMES}={volume_seconds}")
    side.configure("dev", dev())
    file = side.home / "events.json"
    file.unlink(missing_ok=True)
    watch = EventWatch(file)
    try:
        cost = side.pulumi("dev", *UP, "--event-log", str(file), settings=_KNOWS_EVENT_LOG)
    finally:
        seconds = watch.end()
    resources = json.loads(side.exported("dev"))["deployment"]["resources"]
    chain = longest_chain(resources, seconds)
    print(f"  up {cost.seconds:.1f} s, longest chain {chain:.1f} s", flush=True)
    return {"longest_chain": Figure(cost.seconds / chain, {"up": [round(cost.seconds, 2)], "chain": [round(chain, 2)]})}


class EventWatch:
    """Reads the engine's events as they are written: their own times are whole seconds."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._began: dict[str, float] = {}
        self._seconds: dict[str, float] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._follow)
        self._thread.start()

    def end(self) -> Mapping[str, float]:
        """Stop reading and return the seconds of each resource's creation, by its URN."""
        self._ended.set()
        self._thread.join()
        return self._seconds

    def _follow(self) -> None:
        done = 0
        while True:
            last = self._ended.is_set()
            text = self._file.read_text() if self._file.exists() else ""
            lines = text[: text.rfind("\n") + 1].splitlines()
            for line in lines[done:]:
                self._note(json.loads(line))
            done = len(lines)
            if last:
                return
            time.sleep(_LOOK_SECONDS)

    def _note(self, event: Mapping[str, Any]) -> None:
        if began := event.get("resourcePreEvent"):
            self._began.setdefault(began["metadata"]["urn"], time.monotonic())
        elif ended := event.get("resOutputsEvent"):
            urn = ended["metadata"]["urn"]
            if urn in self._began:
                self._seconds[urn] = time.monotonic() - self._began[urn]


def longest_chain(resources: Sequence[Mapping[str, Any]], seconds: Mapping[str, float]) -> float:
    """Return the seconds of the resources that wait for one another and take longest."""
    in_turn = _in_turn(resources)
    needs = {resource["urn"]: _needs(resource) | in_turn.get(resource["urn"], set()) for resource in resources}

    @cache
    def end(urn: str) -> float:
        # A component lasts as long as its children, which are in the graph themselves.
        own = seconds.get(urn, 0.0) if urn in custom else 0.0
        return own + max((end(need) for need in needs[urn] if need in needs), default=0.0)

    custom = {resource["urn"] for resource in resources if resource.get("custom")}
    return max(end(urn) for urn in needs)


def _needs(resource: Mapping[str, Any]) -> set[str]:
    """Return what a resource waits for by the state: its dependencies, its provider, and what its parent waits for."""
    provider = str(resource.get("provider", "")).rpartition("::")[0]
    return {*(resource.get("dependencies") or ()), *(urn for urn in (provider, resource.get("parent")) if urn)}


def _in_turn(resources: Sequence[Mapping[str, Any]]) -> Mapping[str, set[str]]:
    """Return Azure's order, which the state does not have: one volume of an account at a time, then the claims."""
    turns = [resource["urn"] for kind in (_VOLUME, _CLAIM) for resource in resources if resource.get("type") == kind]
    volumes = sum(resource.get("type") == _VOLUME for resource in resources)
    # Trident creates the volumes of all claims, and repeats what Azure refuses: claims do not wait for one another.
    return {urn: {turns[min(turn, volumes) - 1]} for turn, urn in enumerate(turns) if volumes and turn}

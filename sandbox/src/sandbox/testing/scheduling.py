"""Which tests run in one process, and in which order, for the conftest.py of a test folder.

`--dist loadgroup` with marks would say the same, but xdist 3.8 does not group with pytest 9.2
(https://github.com/pytest-dev/pytest-xdist/issues/1386).
"""

import signal
from collections.abc import Sequence

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling


class TestOrder:
    """The order of a test run.

    Args:
        sharing: beginnings of the paths of tests that share a cluster, in the order in which they run; each group
            runs in one process.
        longest: beginnings of the paths of what takes long, which begins first.

    """

    __test__ = False

    def __init__(self, sharing: Sequence[Sequence[str]], longest: Sequence[str]) -> None:
        self._sharing = sharing
        self._longest = longest

    def sort(self, items: list[pytest.Item]) -> None:
        """Put what takes long before the rest; within a file the order stays."""
        items.sort(key=lambda item: self._place(item.nodeid))

    def scheduler(self, config: pytest.Config, log: Producer) -> LoadFileScheduling:
        """Return a scheduler that gives a process all tests that share a cluster, else those of one file."""
        return _ClusterScheduling(config, log, self)

    def scope(self, nodeid: str) -> str | None:
        """Return the name of the group that a test belongs to; None for one that shares nothing."""
        group, _ = self._group(nodeid)
        return None if group is None else self._sharing[group][0]

    def _group(self, nodeid: str) -> tuple[int | None, int]:
        path = nodeid.removeprefix("tests/")
        for group, beginnings in enumerate(self._sharing):
            for place, beginning in enumerate(beginnings):
                if path.startswith(beginning):
                    return group, place
        return None, 0

    def _place(self, nodeid: str) -> tuple[int, int, int]:
        path = nodeid.removeprefix("tests/")
        folder = next((place for place, each in enumerate(self._longest) if path.startswith(each)), len(self._longest))
        group, place = self._group(nodeid)
        return folder, len(self._sharing) if group is None else group, place


class _ClusterScheduling(LoadFileScheduling):
    def __init__(self, config: pytest.Config, log: Producer, order: TestOrder) -> None:
        super().__init__(config, log)
        self._order = order

    def _split_scope(self, nodeid: str) -> str:
        return self._order.scope(nodeid) or super()._split_scope(nodeid)


def let_children_be_interrupted() -> None:
    """Undo what a shell without job control does to its background jobs: every child would ignore SIGINT."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)

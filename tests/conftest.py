"""How the whole run goes about it: signals, and which tests run in one process, in which order.

Those that share a cluster run in one process, so do those of one file. The longest begin first.
"""

import signal
from typing import Final

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

_SHARING: Final = (
    ("e2e/dev/test_refusals", "e2e/dev/test_readme", "e2e/dev/test_verify", "e2e/dev/test_dynamic_path"),
    ("sandbox/trident/test_operator", "sandbox/trident/test_backend_configs", "sandbox/trident/test_trident_process"),
    ("sandbox/trident/test_provisioner.", "sandbox/trident/test_provisioned_mounts"),
    ("sandbox/kubernetes/",),
    ("sandbox/nodes/",),
    ("sandbox/helm/",),
)
"""Beginnings of the paths of tests that share a cluster, in the order in which they run."""
_LONGEST: Final = ("e2e/dev/", "e2e/", "sandbox/trident/", "sandbox/cluster/", *(each[0] for each in _SHARING[3:]))


def pytest_configure() -> None:
    """Let programs that tests interrupt be interruptible.

    A shell without job control starts its background jobs with SIGINT ignored, and every child inherits that.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what takes long before the rest; within a file the order stays."""
    items.sort(key=lambda item: _place(item.nodeid))


class ClusterScheduling(LoadFileScheduling):
    """Gives a process all tests that share a cluster, else those of one file.

    `--dist loadgroup` with marks would say the same, but xdist 3.8 does not group with pytest 9.2
    (https://github.com/pytest-dev/pytest-xdist/issues/1386).
    """

    def _split_scope(self, nodeid: str) -> str:
        group, _ = _group(nodeid)
        return super()._split_scope(nodeid) if group is None else _SHARING[group][0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ClusterScheduling:
    """Take it for the whole run."""
    return ClusterScheduling(config, log)


def _group(nodeid: str) -> tuple[int | None, int]:
    """Which of `_SHARING` a test belongs to, if any, and its place there."""
    path = nodeid.removeprefix("tests/")
    for group, beginnings in enumerate(_SHARING):
        for place, beginning in enumerate(beginnings):
            if path.startswith(beginning):
                return group, place
    return None, 0


def _place(nodeid: str) -> tuple[int, int, int]:
    path = nodeid.removeprefix("tests/")
    folder = next((place for place, each in enumerate(_LONGEST) if path.startswith(each)), len(_LONGEST))
    group, place = _group(nodeid)
    return folder, len(_SHARING) if group is None else group, place

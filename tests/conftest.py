"""Which tests run in one process: those that share a cluster, and those of one file. The longest begin first."""

from pathlib import Path
from typing import Final

import pytest

_TESTS: Final = Path(__file__).parent
_SHARING: Final = {
    "sandbox/helm": "*",
    "sandbox/kubernetes": "*",
    "sandbox/nodes": "*",
    "sandbox/trident": "test_operator.py test_backend_configs.py test_trident_process.py",
}
"""Folders with a cluster for the session, and the files that use it."""
_LONGEST: Final = ("e2e", "sandbox/trident", "sandbox/cluster", "sandbox/kubernetes", "sandbox/nodes", "sandbox/helm")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each test its group (`--dist loadgroup`), and put groups that take long before the others."""
    items.sort(key=lambda item: _place(_folder(item)))
    for item in items:
        folder = _folder(item)
        shared = _SHARING.get(folder, "").split()
        group = folder if "*" in shared or item.path.name in shared else f"{folder}/{item.path.name}"
        item.add_marker(pytest.mark.xdist_group(group))


def _folder(item: pytest.Item) -> str:
    return item.path.parent.relative_to(_TESTS).as_posix()


def _place(folder: str) -> int:
    return _LONGEST.index(folder) if folder in _LONGEST else len(_LONGEST)

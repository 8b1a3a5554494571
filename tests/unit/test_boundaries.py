"""Import boundaries: the product does not import the sandbox, and its tests use only the documented interface."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.project import PROJECT

_FACE = ("sandbox.testing", "sandbox.testing.scheduling")
PRODUCT = [
    *PROJECT.glob("*.py"),
    *(f for d in ("components", "configuration", "live_cluster") for f in (PROJECT / d).rglob("*.py")),
]
AROUND = [f for d in ("verify", "policy", "examples", "tools") for f in (PROJECT / d).rglob("*.py")]
TESTS = [f for d in ("tests", "bench") for f in (PROJECT / d).rglob("*.py")]


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def of_the_sandbox(file: Path) -> list[str]:
    return [name for name in imported(file) if name.partition(".")[0] == "sandbox"]


@pytest.mark.parametrize("file", PRODUCT, ids=lambda file: file.name)
def test_program_and_components_do_not_even_name_the_sandbox(file: Path) -> None:
    assert "sandbox" not in file.read_text()


def test_the_program_shares_with_verify_only_what_needs_no_package_of_its_own() -> None:
    used = {name for file in PRODUCT for name in imported(file) if name.partition(".")[0] == "verify"}
    assert used == {"verify.links.event_order", "verify.links.mounting.message"}
    loaded = ("__init__", "links/__init__", "links/event_order", "links/mounting/__init__", "links/mounting/message")
    needed = {name for each in loaded for name in imported(PROJECT / "verify" / f"{each}.py")}
    assert {name.partition(".")[0] for name in needed} <= sys.stdlib_module_names


def test_nothing_of_the_product_imports_the_sandbox() -> None:
    assert len(AROUND) > 20
    assert [(str(file), name) for file in AROUND for name in of_the_sandbox(file)] == []


def test_tests_import_its_documented_face_alone() -> None:
    used = {(str(file), name) for file in TESTS for name in of_the_sandbox(file)}
    assert used
    assert {(file, name) for file, name in used if name not in _FACE} == set()

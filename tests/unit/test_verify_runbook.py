"""The runbook matches the troubles in the code, and the checks import neither the sandbox nor the configuration."""

import ast
import re
from pathlib import Path

from verify import runbook
from verify.catalogue import CATALOGUE

PACKAGE = Path(runbook.__file__).parent
TROUBLES = [trouble for troubles in CATALOGUE.values() for trouble in troubles]


def test_the_page_has_what_the_checks_know() -> None:
    assert runbook.page(runbook.PAGE.read_text()) == runbook.PAGE.read_text(), "python -m verify.runbook writes it"


def test_every_trouble_has_a_name_of_its_own_and_a_fix_without_gaps() -> None:
    names = [trouble.name for trouble in TROUBLES]
    assert len(names) == len(set(names))
    assert len(names) >= 50
    for trouble in TROUBLES:
        assert trouble.symptom
        assert trouble.cause
        assert "{" not in re.sub(r"'\{.*?\}'", "", trouble.fix_for({})), trouble.name


def test_every_trouble_that_a_check_can_find_is_in_the_catalogue() -> None:
    made: set[str] = set()
    makers = {"Trouble", "mount_trouble"}
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in makers and node.args:
                (name, *_) = node.args
                assert isinstance(name, ast.Constant)
                made.add(str(name.value))
    assert made == {trouble.name for trouble in TROUBLES}


def test_nothing_is_imported_but_clients_and_the_package_itself() -> None:
    allowed = {"verify", "azure", "kubernetes", "rich", "typer", "urllib3", "websocket", "yaml"}
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in (name.partition(".")[0] for name in names):
                assert name in allowed or name in _STANDARD, f"{file.name} imports {name}"


_STANDARD = __import__("sys").stdlib_module_names

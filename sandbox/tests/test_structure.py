"""The rules that every file of the package and of its tests keeps."""

import ast
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import sandbox

PACKAGE = Path(sandbox.__file__).parent
TESTS = Path(__file__).parent
LONGEST_FILE = 300


def python_files(root: Path) -> dict[str, Path]:
    """The files below a folder, by the name of their module."""
    files: dict[str, Path] = {}
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root.parent).with_suffix("").parts
        files[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return files


def imports(path: Path) -> Iterator[tuple[str, str]]:
    """The imports of a file, those in functions and those for types alone too: a module, and the name from it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}, line {node.lineno}: imports name their module in full"
            yield from ((node.module or "", alias.name) for alias in node.names)


def graph(files: dict[str, Path]) -> dict[str, set[str]]:
    """For each module those modules of the same tree that it imports."""
    found: dict[str, set[str]] = {}
    for module, path in files.items():
        names = [(f"{outer}.{name}", outer) for outer, name in imports(path)]
        found[module] = {inner if inner in files else outer for inner, outer in names} & files.keys()
    return found


@pytest.mark.parametrize("root", [PACKAGE, TESTS], ids=["package", "tests"])
def test_no_modules_import_each_other_in_a_circle(root: Path) -> None:
    try:
        TopologicalSorter(graph(python_files(root))).prepare()
    except CycleError as circle:
        pytest.fail(" <- ".join(circle.args[1]))


def test_a_circle_is_found_where_it_hides_in_a_function(tmp_path: Path) -> None:
    files = {"one.py": "import two", "two.py": "def late():\n    from one import x\n"}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    found = {path.stem: path for path in tmp_path.glob("*.py")}
    with pytest.raises(CycleError):
        TopologicalSorter(graph(found)).prepare()


@pytest.mark.parametrize("root", [PACKAGE, TESTS], ids=["package", "tests"])
def test_no_file_is_longer_than_a_concept_needs(root: Path) -> None:
    lengths = {str(path.relative_to(root)): len(path.read_text().splitlines()) for path in root.rglob("*.py")}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}


@pytest.mark.parametrize(("root", "own"), [(PACKAGE, {"sandbox"}), (TESTS, {"sandbox", "tests"})])
def test_nothing_of_the_program_that_runs_in_the_sandbox_is_imported(root: Path, own: set[str]) -> None:
    libraries = sys.stdlib_module_names | packages_distributions().keys() | own
    strangers = {
        f"{path.relative_to(root)}: {module}"
        for path in root.rglob("*.py")
        for module, _ in imports(path)
        if module.partition(".")[0] not in libraries
    }
    assert strangers == set()


def test_the_package_names_no_program() -> None:
    naming = [str(path) for path in PACKAGE.rglob("*.py") if "anf-smb" in path.read_text().replace("tbc-anf-smb", "")]
    assert naming == []

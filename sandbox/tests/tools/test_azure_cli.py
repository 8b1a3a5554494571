"""The Azure CLI in the cache, from a package of its name that pip installs as it does the genuine one."""

import subprocess
import time
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sandbox.tools import ToolchainError, azure_cli
from sandbox.tools.cache import ToolCache
from sandbox.tools.catalogue import AZURE_CLI

if TYPE_CHECKING:
    from tests.tools.conftest import Recorder

VERSION = AZURE_CLI.partition("==")[2]
InBackground = Callable[[list[str], Mapping[str, str]], "subprocess.Popen[str]"]
INSTALL = (
    "import sys; from pathlib import Path; from sandbox.progress import PlainProgress;"
    "from sandbox.tools import azure_cli; from sandbox.tools.cache import ToolCache;"
    "print(azure_cli.install(PlainProgress(), ToolCache(Path(sys.argv[1]))))"
)


def publish(folder: Path, says: str = VERSION) -> None:
    """Write a package `azure-cli` of the catalogue's version that says it is `says`."""
    info = f"azure_cli-{VERSION}.dist-info"
    files = {
        "azure/cli/__main__.py": f"""print('{{"azure-cli": "{says}"}}')\n""",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: azure-cli\nVersion: {VERSION}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    folder.mkdir()
    with zipfile.ZipFile(folder / f"azure_cli-{VERSION}-py3-none-any.whl", "w") as wheel:
        for name, content in files.items():
            wheel.writestr(name, content)
        wheel.writestr(f"{info}/RECORD", "\n".join(f"{name},," for name in (*files, f"{info}/RECORD")))


@pytest.fixture(autouse=True)
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only place where pip looks."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    return tmp_path / "index"


def test_it_is_installed_once_and_runs_where_it_has_been_moved_to(
    index: Path, cache: ToolCache, recorder: "Recorder"
) -> None:
    publish(index)
    assert azure_cli.installed(cache) is None
    program = azure_cli.install(recorder, cache)
    assert azure_cli.installed(cache) == program
    said = subprocess.run([program, "version"], text=True, capture_output=True, check=True).stdout
    assert f'"{VERSION}"' in said
    recorder.lines.clear()
    assert azure_cli.install(recorder, cache) == program
    assert recorder.lines == []


def test_two_at_once_install_it_once(index: Path, cache: ToolCache, in_background: InBackground) -> None:
    publish(index)
    both = [in_background(["-c", INSTALL, str(cache.root)], {}) for _ in range(2)]
    told = [process.communicate(timeout=120) for process in both]
    assert {out for out, _ in told} == {f"{azure_cli.installed(cache)}\n"}
    assert sum("Installing the Azure CLI" in err for _, err in told) == 1


def test_one_that_is_killed_leaves_nothing_that_is_taken_for_whole(
    index: Path, cache: ToolCache, recorder: "Recorder", in_background: InBackground
) -> None:
    publish(index)
    process = in_background(["-c", INSTALL, str(cache.root)], {})
    deadline = time.monotonic() + 60
    while not list(cache.root.glob(".staging/*/azure-cli")):
        assert time.monotonic() < deadline, "the installation did not begin within 60 s"
        time.sleep(0.01)
    process.kill()
    process.wait()
    assert azure_cli.installed(cache) is None
    assert azure_cli.install(recorder, cache) == azure_cli.installed(cache)


def test_a_package_of_another_version_is_refused(index: Path, cache: ToolCache, recorder: "Recorder") -> None:
    publish(index, says="1.0.0")
    with pytest.raises(ToolchainError, match=rf"{VERSION} was installed, but it says that it is 1\.0\.0"):
        azure_cli.install(recorder, cache)
    assert azure_cli.installed(cache) is None


def test_a_registry_without_it_is_told(index: Path, cache: ToolCache, recorder: "Recorder") -> None:
    index.mkdir()
    with pytest.raises(ToolchainError, match=r"The Azure CLI cannot be had: the network does not reach"):
        azure_cli.install(recorder, cache)


@pytest.mark.parametrize(("version", "taken"), [(VERSION, True), ("2.999.0", True), ("2.50.0", False)])
def test_one_on_path_is_taken_where_it_is_new_enough(
    programs: Path, add: Callable[[str, str], Path], version: str, *, taken: bool
) -> None:
    file = add("az", f"""[ "$*" = version ] && echo '{{"azure-cli": "{version}"}}'""")
    assert azure_cli.on_path(str(programs)) == (file if taken else None)

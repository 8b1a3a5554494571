"""cmd.exe of the Windows containers: what it prints, what it refuses, and that it never leaves the share."""

import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.nodes.windows.commands import Session
from sandbox.nodes.windows.shell import command_text, main, open_session, run_line
from sandbox.paths import SandboxPaths
from tests.nodes.world import FQDN, GIB, Azure

HEAD = " Volume in drive C has no label.\r\n Volume Serial Number is 8C4F-6E0D\r\n\r\n"
ROOT = "C:\\inetpub\\wwwroot"


@dataclass
class Container:
    """A Windows container with the share `smb` mounted at C:\\inetpub\\wwwroot."""

    session: Session
    folder: Path
    capture: pytest.CaptureFixture[bytes]

    def run(self, line: str) -> tuple[int, str, str]:
        code = run_line(self.session, line)
        said = self.capture.readouterr()
        return code, said.out.decode(), said.err.decode()

    def output(self, line: str) -> str:
        code, out, err = self.run(line)
        assert (code, err) == (0, "")
        return out

    def failure(self, line: str) -> str:
        code, out, err = self.run(line)
        assert (code, out) == (1, "")
        return err.removesuffix("\r\n")


def environment(root: Path, **changes: object) -> dict[str, str]:
    row = {"path": "/inetpub/wwwroot", "server": FQDN, "share": "smb", "folder": "", "readOnly": False}
    return {"ANF_SANDBOX_HOME": str(root), "ANF_SANDBOX_MOUNTS": json.dumps([{**row, **changes}])}


def container(azure: Azure, capture: pytest.CaptureFixture[bytes], **changes: object) -> Container:
    root = azure.store.path.parent
    session = open_session(environment(root, **changes))
    return Container(session, SandboxPaths(root).shares / FQDN / "smb", capture)


@pytest.fixture
def web(azure: Azure, capsysbinary: pytest.CaptureFixture[bytes]) -> Container:
    return container(azure, capsysbinary)


def test_dir_lists_files_as_windows_does(web: Container):
    (web.folder / "web.config").write_bytes(b"x" * 1234)
    (web.folder / "Content").mkdir()
    out = web.output(f"dir {ROOT}")
    assert out.startswith(HEAD + f" Directory of {ROOT}\r\n\r\n")
    rows = [line[20:] for line in out.split("\r\n")[5:]]
    assert rows[:4] == [
        "    <DIR>          .",
        "    <DIR>          ..",
        "    <DIR>          Content",
        "             1,234 web.config",
    ]
    assert out.endswith(
        "               1 File(s)          1,234 bytes\r\n               3 Dir(s)  107,373,837,102 bytes free\r\n"
    )


def test_dir_of_a_relative_path_and_of_a_pattern(web: Container):
    (web.folder / "a.txt").write_text("a")
    (web.folder / "b.htm").write_text("b")
    assert "a.txt" in web.output("cd \\inetpub\\wwwroot && dir")
    assert web.output("dir *.TXT /b") == "a.txt\r\n"
    assert web.output("dir /b A.txt") == "a.txt\r\n"


def test_the_containers_own_drive_is_nearly_empty(web: Container):
    assert web.output("dir /b C:\\") == "inetpub\r\nUsers\r\nWindows\r\n"
    assert web.failure("echo x> C:\\x.txt") == "Access is denied."


def test_files_are_written_read_copied_and_deleted(web: Container):
    (web.folder / "Sub").mkdir()
    web.output(f"cd {ROOT}")
    assert web.output("echo hello> a.txt&& echo again>> a.txt&& type a.txt") == "hello\r\nagain\r\n"
    assert web.output("copy a.txt b.txt") == "        1 file(s) copied.\r\n"
    assert web.output('copy b.txt sub && cd sub && type "C:\\INETPUB\\wwwroot\\SUB\\B.TXT"').endswith("again\r\n")
    assert web.output("cd..&& del a.txt && dir /b") == "b.txt\r\nSub\r\n"
    assert web.output("del *.TXT && dir /b") == "Sub\r\n"
    assert sorted(path.name for path in web.folder.rglob("*")) == ["Sub", "b.txt"]
    assert web.run("del none.txt") == (0, "", f"Could Not Find {ROOT}\\none.txt\r\n")
    web.output("del /q sub")
    assert sorted(path.name for path in web.folder.rglob("*")) == ["Sub"]


def test_verify_writes_reads_and_looks_in_these_words(web: Container):
    """The product's checks: two listings in one line, and a file through its full path."""
    listing = web.output(f"dir C:\\ & dir {ROOT}")
    assert re.findall(r"Dir\(s\)\s+([\d,]+) bytes free", listing) == ["21,212,954,624", "107,373,838,336"]
    web.output(f"echo 0123abcd>{ROOT}\\anf-verify-1.txt")
    assert web.output(f"type {ROOT}\\anf-verify-1.txt") == "0123abcd\r\n"
    assert web.output(f"del {ROOT}\\anf-verify-1.txt") == ""


OUTPUTS = {
    "ver": "\r\nMicrosoft Windows [Version 10.0.26100.33438]\r\n",
    "echo": "ECHO is on.\r\n",
    "echo.": "\r\n",
    'echo "a && b > c"': '"a && b > c"\r\n',
    "echo a 2>&1 && echo b": "a  \r\nb\r\n",
    "echo a 2>nul": "a \r\n",
    "echo a>f& type f": "a\r\n",
    "echo a 1> f & type f": "a  \r\n",
    'echo a>> "c d"&& type "c d"': "a\r\n",
}


@pytest.mark.parametrize(("line", "output"), OUTPUTS.items(), ids=OUTPUTS.keys())
def test_a_line_prints_what_windows_does(web: Container, line: str, output: str):
    web.output(f"cd {ROOT}")
    assert web.output(line) == output


FAILURES = {
    f"cd {ROOT}\\none": "The system cannot find the path specified.",
    f"type {ROOT}\\none.txt": "The system cannot find the file specified.",
    f"type {ROOT}\\none\\none.txt": "The system cannot find the path specified.",
    f"dir {ROOT}\\none\\none.txt": "The system cannot find the path specified.",
    f"dir {ROOT}\\none.txt": f"{HEAD} Directory of {ROOT}\r\n\r\nFile Not Found",
    "dir D:\\": "The system cannot find the drive specified.",
    "dir \\\\other\\share": "The network path was not found.",
    f"echo x> {ROOT}\\none\\a.txt": "The system cannot find the path specified.",
    f"echo x> {ROOT}\\a:b.txt": "The filename, directory name, or volume label syntax is incorrect.",
    f"echo x> {ROOT}": "Access is denied.",
    f"cd {ROOT}\\a.txt": "The directory name is invalid.",
    f"copy {ROOT}\\a.txt {ROOT}\\A.TXT": "The file cannot be copied onto itself.\r\n        0 file(s) copied.",
    "type": "The syntax of the command is incorrect.",
    "ls": "'ls' is not recognized as an internal or external command,\r\noperable program or batch file.",
}


@pytest.mark.parametrize(("line", "words"), FAILURES.items(), ids=FAILURES.keys())
def test_a_failure_is_worded_as_windows_does(web: Container, line: str, words: str):
    (web.folder / "a.txt").write_text("a")
    assert web.failure(line) == words


def test_a_chain_stops_at_the_first_failure(web: Container):
    code, out, _ = web.run("type none && echo never")
    assert (code, out) == (1, "")
    assert web.run("type none || echo instead")[:2] == (0, "instead\r\n")
    assert web.run("type none & echo always")[:2] == (0, "always\r\n")


def test_the_quota_is_the_volumes_size_and_lives(web: Container, azure: Azure):
    with (web.folder / "big").open("wb") as file:
        file.truncate(100 * GIB - 3)
    assert web.failure(f"echo too much> {ROOT}\\a.txt") == "There is not enough space on the disk."
    assert not (web.folder / "a.txt").exists()
    azure.volume("smb", gib=101)
    assert web.output(f"echo enough> {ROOT}\\a.txt") == ""


def test_a_read_only_mount_refuses_writes(azure: Azure, capsysbinary: pytest.CaptureFixture[bytes]):
    web = container(azure, capsysbinary, readOnly=True)
    (web.folder / "a.txt").write_text("a")
    for line in ("echo x> {}\\b.txt", "echo x>> {}\\a.txt", "del {}\\a.txt", "copy {0}\\a.txt {0}\\b.txt"):
        assert web.failure(line.format(ROOT)) == "Access is denied."
    assert [path.name for path in web.folder.iterdir()] == ["a.txt"]


def test_a_folder_of_a_share_is_mounted_alone_and_counts_against_the_whole(
    azure: Azure, capsysbinary: pytest.CaptureFixture[bytes]
):
    web = container(azure, capsysbinary, folder="site")
    (web.folder / "site").mkdir()
    (web.folder / "above.txt").write_bytes(b"12345")
    assert web.output(f"dir /b {ROOT}") == ""
    assert "107,373,838,331 bytes free" in web.output(f"dir {ROOT}")


def test_a_share_whose_volume_is_gone_cannot_be_read(web: Container, azure: Azure):
    azure.delete_volume("smb")
    assert web.failure(f"dir {ROOT}") == "The specified network name is no longer available."


def test_links_out_of_the_share_do_not_exist(web: Container, tmp_path: Path):
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    (web.folder / "link.txt").symlink_to(secret)
    (web.folder / "folder").symlink_to(tmp_path)
    assert web.output(f"dir /b {ROOT}") == ""
    assert web.failure(f"type {ROOT}\\link.txt") == "The system cannot find the file specified."
    assert web.failure(f"type {ROOT}\\folder\\secret.txt") == "The system cannot find the path specified."
    assert web.failure(f"echo x> {ROOT}\\link.txt") == "Access is denied."
    assert web.failure(f"echo x> {ROOT}\\folder\\new.txt") == "The system cannot find the path specified."
    assert secret.read_text() == "secret"


@pytest.fixture
def outside(web: Container, tmp_path: Path) -> Iterator[Path]:
    """A file beside the shares, and proof that it stayed as it was."""
    file = tmp_path / "outside.txt"
    file.write_text("outside")
    web.output(f"cd {ROOT}")
    yield file
    assert file.read_text() == "outside"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(st.sampled_from(["..", ".", "...", "outside.txt", "shares", "C:", "a"]), min_size=1, max_size=8))
def test_no_path_leads_out_of_the_share(web: Container, outside: Path, names: list[str]):
    for separator in ("\\", "/"):
        path = separator.join(names)
        assert "outside" not in web.run(f"type {path}")[1]
        web.run(f"del {path}")
        web.run(f"echo x> {path}")
    assert {path.name.partition("-")[0] for path in outside.parent.iterdir()} <= {"outside.txt", "shares", "arm.sqlite"}


def test_an_interactive_session_has_a_prompt(
    azure: Azure, capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
):
    for name, value in environment(azure.store.path.parent).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stdin", io.StringIO("cd \\inetpub\\wwwroot\nexit 3\n"))
    assert main([]) == 3
    said = capsysbinary.readouterr().out.decode()
    assert said.endswith(f"\r\nC:\\>\r\n{ROOT}>")


def test_a_container_without_mounts_has_an_empty_web_root(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]):
    session = open_session({"ANF_SANDBOX_HOME": str(tmp_path), "ANF_SANDBOX_MOUNTS": "[]"})
    assert run_line(session, f"dir {ROOT}") == 0
    assert "0 File(s)" in capsysbinary.readouterr().out.decode()
    assert list(tmp_path.iterdir()) == []


def test_arguments_become_one_command_line():
    assert command_text(["dir", ROOT]) == f"dir {ROOT}"
    assert command_text(["echo a > b"]) == "echo a > b"
    assert command_text(["type", "C:\\a b"]) == 'type "C:\\a b"'


def test_it_starts_without_the_kubernetes_client():
    """Each `kubectl exec` starts a Python of its own."""
    heavy = "{'kubernetes', 'urllib3', 'httpx', 'yaml', 'psutil'}"
    program = f"import sys, sandbox.nodes.windows.shell; print(sorted({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout == b"[]\n"

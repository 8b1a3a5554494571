"""An `up` whose Pod does not become ready: what it prints names the cause, as docs/first-failure.md shows it.

One `up` after another fails, each by another break.
"""

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from sandbox.testing import NODES_DNS, StandingFaults, Store
from tests.e2e.conftest import Run, Stack
from tests.project import PROJECT

WRONG = "not-the-right-one-1234"
COMMAND = "python -m verify diagnose iis-pod -n smb-static --stack dev"
PAGE = PROJECT / "docs" / "first-failure.md"
_LIMITS = "Limits.of(opts, 15)"
NODES = ("akswin000000", "akswin000001")


@dataclass(frozen=True)
class Case:
    """A break, its place in the page, what names it, and its trouble in diagnose."""

    title: str
    break_it: Callable[[Stack, str], None]
    """Take the right password too."""
    telling: str
    trouble: str


def tainted(stack: Stack, _right: str) -> None:
    """Taint the pool; the password is wrong from the start, and hidden behind the taint."""
    set_password(stack, WRONG)
    stack.kubectl("taint", "nodes", *NODES, "team=web:NoSchedule")


def wrong_password(stack: Stack, _right: str) -> None:
    stack.kubectl("taint", "nodes", *NODES, "team-")


def broken_dns(stack: Stack, right: str) -> None:
    StandingFaults(Store(stack.paths.arm_database)).set(NODES_DNS)
    set_password(stack, right)


def wrong_image(stack: Stack, _right: str) -> None:
    StandingFaults(Store(stack.paths.arm_database)).clear()
    image = "mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2019"
    stack.configure(windowsPods={"image": image})


def set_password(stack: Stack, password: str) -> None:
    done = stack.pulumi("config", "set", "--secret", "anf-smb:smbPassword", standard_input=password)
    assert done.code == 0, done.output


CASES = [
    Case("a tainted pool", tainted, "Taints of these nodes: team=web:NoSchedule", "node-tainted"),
    Case("a wrong password", wrong_password, "Windows System Error 1326", "logon-failed"),
    Case("nodes without DNS", broken_dns, "Windows System Error 53", "fqdn-not-resolved"),
    Case("a wrong image", wrong_image, "no match for platform in manifest", "image-other-windows"),
]


@pytest.fixture(scope="module")
def password(stack: Stack) -> str:
    """Return the right password; the stack has the static way alone, and awaits its Pod for seconds, not minutes."""
    file = stack.folder / "components" / "iis_pod.py"
    text = file.read_text()
    assert _LIMITS in text
    file.write_text(text.replace(_LIMITS, "Limits(20, 20, 60)"))
    stack.configure(trident=None, dynamicClaims=None)
    right = stack.secret_config("smbPassword")
    known = stack.sandbox("directory", "set-password", "svc-web", standard_input=right)
    assert known.code == 0, known.output
    return right


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_the_output_of_up_names_the_cause(stack: Stack, password: str, case: Case) -> None:
    case.break_it(stack, password)
    run = stack.pulumi("up", "--yes", "--skip-preview")
    assert run.code != 0, run.output
    for secret in (password, WRONG, stack.secret_config("activeDirectoryPassword")):
        assert secret not in run.output
    said = diagnostics(run)
    (cause,) = [line for line in said if "Pod smb-static/iis-pod is not ready" in line]
    assert case.telling in cause
    assert said[said.index(cause) + 1] == f"    {COMMAND}"
    assert_shown(case.title, said)
    _, *arguments = COMMAND.split()
    diagnosed = stack.sandbox("run", "--", sys.executable, *arguments, "--cwd", str(stack.folder), "--json")
    document = diagnosed.document
    assert document["mounts"][0]["links"][-1]["trouble"] == case.trouble
    assert "`pulumi up` of stack dev failed at Pod smb-static/iis-pod: " in document["update"]["sentence"]
    assert document["update"]["missing"] == []


def diagnostics(run: Run) -> list[str]:
    """Return what a run of `pulumi` says at its end."""
    return run.output.partition("\nDiagnostics:\n")[2].splitlines()


def assert_shown(title: str, said: list[str]) -> None:
    """Assert that the page shows these lines, in this order; what differs at each run is … there."""
    block = PAGE.read_text().partition(f"<!-- up with {title} -->\n\n```text\n")[2].partition("\n```")[0]
    assert block, title
    printed = iter(said)
    for line in block.splitlines():
        pattern = ".*".join(map(re.escape, line.split("…")))
        assert any(re.fullmatch(pattern, each) for each in printed), line

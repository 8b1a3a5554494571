"""The scripts of the workflows, run unchanged with a fake `gh` that records its calls."""

import http.server
import itertools
import json
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.unit.test_workflows import FOLDER, WORKFLOWS

_GH = """#!/bin/sh
echo "$*" >> "$CALLS"
case "$*" in
  *"/pulls --field"*) echo "$PULL_REQUEST" ;;
  *--paginate* | "issue list"*) echo "$EARLIER" ;;
esac
"""


@dataclass(frozen=True)
class Runner:
    """A minimal GitHub runner for these scripts."""

    folder: Path

    def run(self, workflow: str, job: str, step: str, **environment: str) -> tuple[int, list[str]]:
        """Return a step's exit code and its calls of `gh` without reads."""
        steps = WORKFLOWS[workflow]["jobs"][job]["steps"]
        (script,) = [found["run"] for found in steps if found.get("name") == step]
        calls = self.folder / "calls"
        calls.write_text("")
        given = {"GITHUB_REPOSITORY": "owner/repo", "LOG": "https://log", "EARLIER": "", "CALLS": str(calls)}
        path = {"PATH": f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"}
        done = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", script],
            cwd=self.folder,
            env=os.environ | given | path | environment,
            check=False,
            timeout=60,
        )
        asked = calls.read_text().splitlines()
        return done.returncode, [
            call for call in asked if not call.startswith(("api repos", "api --method GET", "issue l"))
        ]

    def read(self, name: str) -> str:
        return (self.folder / name).read_text()


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    gh = tmp_path / "bin" / "gh"
    gh.parent.mkdir()
    gh.write_text(_GH)
    gh.chmod(0o755)
    return Runner(tmp_path)


class TestFork:
    STEP = ("fork-comment", "comment", "Create or update the comment")
    SOURCE = {"OWNER": "stranger", "BRANCH": "main", "COMMIT": "0a1b2c"}  # noqa: RUF012  not changed

    @pytest.fixture(autouse=True)
    def _preview(self, runner: Runner) -> None:
        file = runner.folder / "previews" / "sandbox-preview-dev" / "preview.txt"
        file.parent.mkdir(parents=True)
        file.write_text("    ~ usageThreshold: 1 => 2\n``````\n@everybody \x1b[31mlook\n" + "x" * 90000)

    def test_a_strangers_text_stays_in_its_fence(self, runner: Runner) -> None:
        code, asked = runner.run(*self.STEP, **self.SOURCE, PULL_REQUEST="7")
        assert (code, asked) == (
            0,
            ["api --method POST repos/owner/repo/issues/7/comments --field body=@comment.md --silent"],
        )
        comment = runner.read("comment.md")
        assert "    ~ usageThreshold: 1 => 2\n" in comment
        assert [line for line in comment.splitlines() if "`" in line] == ["``````text", "``````"]
        assert "\x1b" not in comment
        assert len(comment) < 65536  # GitHub takes no longer one

    def test_a_comment_is_renewed(self, runner: Runner) -> None:
        _, asked = runner.run(*self.STEP, **self.SOURCE, PULL_REQUEST="7", EARLIER="99")
        assert asked == ["api --method PATCH repos/owner/repo/issues/comments/99 --field body=@comment.md --silent"]

    def test_a_commit_that_is_no_pull_requests_newest_gets_no_comment(self, runner: Runner) -> None:
        assert runner.run(*self.STEP, **self.SOURCE, PULL_REQUEST="") == (0, [])


def test_a_failed_preview_is_said_where_the_next_good_one_will_be(runner: Runner) -> None:
    step = ("pull-request", "preview", "Report that the preview failed")
    code, asked = runner.run(*step, PULL_REQUEST="7", STACK="org/dev", EARLIER="99")
    assert (code, asked) == (
        0,
        ["api --method PATCH repos/owner/repo/issues/comments/99 --field body=@comment.md --silent"],
    )
    comment = runner.read("comment.md")  # pulumi/actions edits what has this heading and this summary
    assert comment.startswith("#### :tropical_drink: `preview` on anf-smb/org/dev\n")
    assert "<summary>Pulumi report</summary>" in comment


class TestDrift:
    STEP = ("drift", "drift", "Create, update or close the issue")
    TITLE = "Drift of stack dev"

    def test_drift_opens_an_issue_and_fails(self, runner: Runner) -> None:
        (runner.folder / "drift.txt").write_text("~ allowVolumeExpansion: true => false\n")
        code, asked = runner.run(*self.STEP, TITLE=self.TITLE, FOUND="yes")
        assert (code, asked) == (1, [f"issue create --repo owner/repo --title {self.TITLE} --body-file issue.md"])
        assert "allowVolumeExpansion: true => false" in runner.read("issue.md")
        code, asked = runner.run(*self.STEP, TITLE=self.TITLE, FOUND="yes", EARLIER="5")
        assert (code, asked) == (1, ["issue edit 5 --repo owner/repo --body-file issue.md"])

    def test_an_issue_is_closed_when_the_drift_is_gone(self, runner: Runner) -> None:
        code, (closed,) = runner.run(*self.STEP, TITLE=self.TITLE, FOUND="no", EARLIER="5")
        assert code == 0
        assert closed.startswith("issue close 5 ")
        assert runner.run(*self.STEP, TITLE=self.TITLE, FOUND="no") == (0, [])


@pytest.mark.parametrize(
    ("said", "code", "found"),
    [
        ("", 0, "found=no\n"),
        ("error: no changes were expected for preview but changes were proposed", 0, "found=yes\n"),
        ("error: the stack is currently locked", 7, ""),
    ],
)
def test_drift_is_distinguished_from_failure(runner: Runner, said: str, code: int, found: str) -> None:
    pulumi = runner.folder / "bin" / "pulumi"
    pulumi.write_text(f"#!/bin/sh\necho '{said}' >&2\ntest -z '{said}' || exit 7\n")
    pulumi.chmod(0o755)
    output = runner.folder / "output"
    output.touch()
    step = ("drift", "drift", "Compare the stack with its resources")
    assert runner.run(*step, STACK="dev", GITHUB_OUTPUT=str(output))[0] == code
    assert output.read_text() == found


@pytest.fixture
def token_endpoint() -> Iterator[str]:
    """Return the address of GitHub's endpoint for OIDC tokens, played: token-1, token-2 and so on."""
    numbers = itertools.count(1)

    class Endpoint(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = self.path == "/token?api=2&audience=api://AzureADTokenExchange"
            allowed = self.headers["Authorization"] == "bearer this-job"
            self.send_response(200 if asked and allowed else 401)
            self.end_headers()
            if asked and allowed:
                self.wfile.write(json.dumps({"value": f"token-{next(numbers)}"}).encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name of the base class)
            """Write nothing to the output of the tests."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Endpoint) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/token?api=2"
        server.shutdown()


def test_a_job_keeps_a_valid_token_for_as_long_as_it_runs(tmp_path: Path, token_endpoint: str) -> None:
    action = yaml.safe_load((FOLDER / "actions" / "pulumi" / "action.yml").read_text())
    (step,) = [step for step in action["runs"]["steps"] if step.get("name") == "Set the identity of this job"]
    environment = tmp_path / "environment"
    given = {
        "CLIENT_ID": "the-client",
        "TENANT_ID": "the-tenant",
        "BACKEND_URL": "azblob://state",
        "RUNNER_TEMP": str(tmp_path),
        "GITHUB_ENV": str(environment),
        "GITHUB_ACTION_PATH": str(FOLDER / "actions" / "pulumi"),
        "ACTIONS_ID_TOKEN_REQUEST_URL": token_endpoint,
    }

    def run(script: str, bearer: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", script],
            env=os.environ | given | {"ACTIONS_ID_TOKEN_REQUEST_TOKEN": bearer},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    # As it is, but for a renewal that nobody has to await for a minute, and its process id.
    script = step["run"].replace("--keep", "--keep --seconds 0.1") + "\necho $!"
    refused = run(script, "another-job")
    assert refused.returncode != 0
    assert "401" in refused.stderr
    assert not environment.exists()

    started = run(script, "this-job")
    try:
        assert started.returncode == 0, started.stderr
        exported = dict(line.split("=", 1) for line in environment.read_text().splitlines())
        file = Path(exported["AZURE_FEDERATED_TOKEN_FILE"])
        assert file.stat().st_mode & 0o777 == 0o600
        first = file.read_text()
        deadline = threading.Event()
        for _ in range(600):
            if file.read_text() != first:
                break
            deadline.wait(0.1)
        assert file.read_text() != first
        assert exported["AAD_LOGIN_METHOD"] == "workloadidentity"
        assert exported["AZURE_CLIENT_ID"] == exported["ARM_CLIENT_ID"] == "the-client"
        assert "token-" not in started.stdout + started.stderr + environment.read_text()
    finally:
        os.kill(int(started.stdout), signal.SIGTERM)

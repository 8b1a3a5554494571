"""The workflows: their stacks, their permissions, and the jobs for a fork's pull request."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.testing import tool_cache
from tests.unit.unit_mocks import PROJECT

FOLDER = PROJECT / ".github"
FILES = sorted(FOLDER.rglob("*.yml"))
TEXTS = {file.name if file.parent.name == "workflows" else file.parent.name: file.read_text() for file in FILES}
# As text: YAML 1.1 takes the key `on` for a truth value.
WORKFLOWS: dict[str, dict[str, Any]] = {
    file.stem: yaml.load(file.read_text(), yaml.BaseLoader) for file in FILES if file.parent.name == "workflows"
}
JOBS = {(name, job): content for name, workflow in WORKFLOWS.items() for job, content in workflow["jobs"].items()}
FORKS: dict[str, Any] = WORKFLOWS["pull-request"]["jobs"]["sandbox-preview"]
COMMENT: dict[str, Any] = WORKFLOWS["fork-comment"]["jobs"]["comment"]


def test_every_stack_is_previewed_watched_and_deployed() -> None:
    stacks = {file.name.split(".")[1] for file in PROJECT.glob("Pulumi.*.yaml")} | {"dev", "staging", "prod"}
    for workflow, job in (("pull-request", "preview"), ("pull-request", "sandbox-preview"), ("drift", "drift")):
        assert set(WORKFLOWS[workflow]["jobs"][job]["strategy"]["matrix"]["stack"]) == stacks
    deployed = {name: job for name, job in WORKFLOWS["deploy"]["jobs"].items() if name != "test"}
    assert {job["with"]["stack"] for job in deployed.values()} == stacks
    assert [job.get("needs") for job in deployed.values()] == ["test", "dev", "staging"]
    assert f"for stack in {' '.join(FORKS['strategy']['matrix']['stack'])};" in TEXTS["fork-comment.yml"]


def test_no_secret_is_stored_but_the_passphrase_of_those_who_want_one() -> None:
    named = {name for text in TEXTS.values() for name in re.findall(r"secrets\.(\w+)", text)}
    assert named == {"PULUMI_CONFIG_PASSPHRASE", "passphrase"}
    for text in TEXTS.values():
        assert not re.search(
            r"client.?secret|AZURE_CREDENTIALS|\bcreds:|PULUMI_ACCESS_TOKEN|--show-secrets", text, re.IGNORECASE
        )


@pytest.mark.parametrize("name", TEXTS)
def test_actions_are_pinned_to_a_commit_and_say_its_version(name: str) -> None:
    for used in re.findall(r"uses: (.+)", TEXTS[name]):
        assert used.startswith("./") or re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+(\.\d+)+", used), used


def test_one_action_has_one_version() -> None:
    used = {used for text in TEXTS.values() for used in re.findall(r"uses: (\S+)@", text)}
    assert len({pinned for text in TEXTS.values() for pinned in re.findall(r"uses: (\S+@\S+)", text)}) == len(used)


def test_pulumi_is_the_version_of_its_sdk() -> None:
    sdk = next(line for line in (PROJECT / "requirements.txt").read_text().splitlines() if line.startswith("pulumi=="))
    versions = {version for text in TEXTS.values() for version in re.findall(r"pulumi-version: (\S+)", text)}
    assert versions == {sdk.partition("==")[2]}


@pytest.mark.parametrize(("workflow", "job"), JOBS)
def test_a_job_says_what_it_may_do_and_for_how_long(workflow: str, job: str) -> None:
    content = JOBS[workflow, job]
    allowed = content.get("permissions", WORKFLOWS[workflow]["permissions"])
    assert allowed
    assert WORKFLOWS[workflow]["permissions"] in ({}, {"contents": "read"})
    assert "write-all" not in str(allowed)
    assert "timeout-minutes" in content or "uses" in content


def test_a_forks_pull_request_gets_no_credentials() -> None:
    assert FORKS["permissions"] == {"contents": "read"}
    assert "secrets" not in str(FORKS)
    assert "vars." not in str(FORKS)
    assert "head.repo.full_name != github.repository" in FORKS["if"]
    assert "head.repo.full_name == github.repository" in WORKFLOWS["pull-request"]["jobs"]["preview"]["if"]
    assert "pull_request_target" not in "".join(TEXTS.values())


def test_what_may_comment_on_a_forks_pull_request_runs_nothing_of_it() -> None:
    assert set(WORKFLOWS["fork-comment"]["on"]) == {"workflow_run"}
    assert WORKFLOWS["fork-comment"]["on"]["workflow_run"]["workflows"] == [WORKFLOWS["pull-request"]["name"]]
    assert [step["uses"].partition("@")[0] for step in COMMENT["steps"] if "uses" in step] == [
        "actions/download-artifact"
    ]
    assert COMMENT["permissions"] == {"actions": "read", "pull-requests": "write"}


@pytest.mark.parametrize(("workflow", "job"), JOBS)
def test_what_a_pull_request_can_name_reaches_no_shell_but_by_the_environment(workflow: str, job: str) -> None:
    for step in JOBS[workflow, job].get("steps", []):
        assert "${{" not in step.get("run", "")


@pytest.mark.parametrize(("workflow", "job"), JOBS)
def test_no_token_stays_in_a_checkout(workflow: str, job: str) -> None:
    for step in JOBS[workflow, job].get("steps", []):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] == "false"


def test_an_up_is_never_cancelled_and_never_alone_with_another_run_on_its_stack() -> None:
    up = JOBS["deploy-stack", "up"]
    assert up["environment"] == "${{ inputs.stack }}"
    assert up["concurrency"] == {"group": "stack-${{ inputs.stack }}", "cancel-in-progress": "false"}
    assert JOBS["drift", "drift"]["concurrency"] == {
        "group": "stack-${{ matrix.stack }}",
        "cancel-in-progress": "false",
    }
    # At most one run of each waits for a stack: GitHub would cancel a second one that waits.
    for workflow in ("deploy", "drift"):
        assert WORKFLOWS[workflow]["concurrency"] == {"group": workflow, "cancel-in-progress": "false"}


def test_previews_show_difference_drift_and_policy() -> None:
    steps = JOBS["pull-request", "preview"]["steps"]
    (preview,) = [step["with"] for step in steps if step.get("with", {}).get("command") == "preview"]
    wanted = {"diff": "true", "refresh": "true", "policyPacks": "policy", "comment-on-pr": "true"}
    assert wanted.items() <= preview.items()
    sandbox = "".join(step.get("run", "") for step in FORKS["steps"])
    assert "--diff" in sandbox
    assert "--policy-pack policy --policy-pack-config policy/configuration.json" in sandbox


def test_a_change_is_tested_as_developers_test_it() -> None:
    assert JOBS["test", "test"]["steps"][-1]["run"] == "make test"
    assert set(WORKFLOWS["test"]["on"]) == {"pull_request", "workflow_call"}


def test_a_commit_is_deployed_only_after_its_own_tests() -> None:
    assert set(WORKFLOWS["deploy"]["on"]) == {"push"}  # no other event chooses another commit
    assert WORKFLOWS["deploy"]["jobs"]["test"]["uses"] == "./.github/workflows/test.yml"
    for name, job in WORKFLOWS["deploy"]["jobs"].items():
        assert "if" not in job  # a job without a condition is skipped when what it needs has failed
        assert name == "test" or "needs" in job


def test_an_up_follows_right_after_a_preview_of_the_same() -> None:
    steps = JOBS["deploy-stack", "up"]["steps"]
    preview, up = steps[-2:]
    assert [step["with"]["command"] for step in (preview, up)] == ["preview", "up"]
    assert {"refresh": "true", "policyPacks": "policy"}.items() <= preview["with"].items()
    assert preview["with"].items() - {("command", "preview")} <= up["with"].items()
    for step in steps:
        assert not {"if", "continue-on-error"} & step.keys()  # a failed preview ends the job


def test_the_tools_are_kept_where_the_sandbox_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANF_SANDBOX_CACHE", raising=False)
    monkeypatch.setenv("HOME", "/home/runner")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    kept = {path for text in TEXTS.values() for path in re.findall(r"path: (~/.+)", text)}
    assert {Path(path.replace("~", "/home/runner")) for path in kept} == {tool_cache()}

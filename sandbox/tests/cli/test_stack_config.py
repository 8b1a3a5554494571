"""A stack's configuration in the sandbox follows the committed file and keeps what was set in the sandbox."""

from pathlib import Path
from string import ascii_lowercase, ascii_uppercase, digits
from typing import Any

import pytest
import yaml

from sandbox.azure.entra import credentials
from sandbox.errors import SandboxError
from sandbox.paths import SandboxPaths
from sandbox.project_file import stack_secrets
from sandbox.stack_files import Project, StackConfig

SECRETS = {
    "my:smbPassword": {"value": "password"},
    "my:tridentClientSecret": {
        "value": "appRegistration",
        "when": {"my:trident": {"authentication": "clientSecret"}},
    },
}


@pytest.fixture
def stack(tmp_path: Path) -> StackConfig:
    folder = tmp_path / "program"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: my-program\nruntime: python\n")
    (folder / "sandbox.yaml").write_text(yaml.safe_dump({"secrets": SECRETS}))
    return StackConfig(SandboxPaths(tmp_path / "sandbox"), Project.at(folder), "dev")


def commit(stack: StackConfig, config: dict[str, Any]) -> None:
    stack.project.committed("dev").write_text(yaml.safe_dump({"config": config}))


def in_sandbox(stack: StackConfig) -> dict[str, Any]:
    stack.refresh()
    return yaml.safe_load(stack.file.read_text())


def set_in_sandbox(stack: StackConfig, **changes: Any) -> None:
    """What `pulumi config set` does to the file that it was given."""
    content = yaml.safe_load(stack.file.read_text())
    content["config"].update(changes)
    stack.file.write_text(yaml.safe_dump(content))


def test_it_starts_as_the_committed_file(stack: StackConfig) -> None:
    commit(stack, {"my:protect": True})
    assert in_sandbox(stack) == {"config": {"my:protect": True}}


def test_a_committed_change_arrives(stack: StackConfig) -> None:
    commit(stack, {"my:protect": True})
    in_sandbox(stack)
    commit(stack, {"my:protect": False, "my:sampleWorkload": True})
    assert in_sandbox(stack) == {"config": {"my:protect": False, "my:sampleWorkload": True}}


def test_what_was_set_in_the_sandbox_outlives_a_committed_change(stack: StackConfig) -> None:
    commit(stack, {"my:protect": True})
    in_sandbox(stack)
    set_in_sandbox(stack, **{"my:smbPassword": {"secure": "v1:abc"}, "my:protect": False})
    commit(stack, {"my:protect": True, "my:sampleWorkload": True})
    assert in_sandbox(stack)["config"] == {
        "my:protect": False,
        "my:sampleWorkload": True,
        "my:smbPassword": {"secure": "v1:abc"},
    }


def test_what_was_removed_in_the_sandbox_stays_removed(stack: StackConfig) -> None:
    commit(stack, {"my:protect": True, "my:sampleWorkload": True})
    in_sandbox(stack)
    stack.file.write_text(yaml.safe_dump({"config": {"my:sampleWorkload": True}}))
    assert in_sandbox(stack) == {"config": {"my:sampleWorkload": True}}


def test_the_form_in_which_pulumi_writes_a_value_back_is_no_change(stack: StackConfig) -> None:
    commit(stack, {"my:protect": True, "my:volumes": [{"name": "smb", "sizeGiB": 100}]})
    in_sandbox(stack)
    set_in_sandbox(stack, **{"my:protect": "true", "my:volumes": [{"name": "smb", "sizeGiB": "100"}]})
    commit(stack, {"my:protect": False, "my:volumes": [{"name": "smb", "sizeGiB": 200}]})
    assert in_sandbox(stack)["config"] == {
        "my:protect": False,
        "my:volumes": [{"name": "smb", "sizeGiB": 200}],
    }


def test_only_its_owner_reads_it(stack: StackConfig) -> None:
    commit(stack, {"my:protect": True})
    in_sandbox(stack)
    assert stack.file.stat().st_mode & 0o077 == 0


def test_a_committed_file_that_is_no_yaml_is_named(stack: StackConfig) -> None:
    stack.project.committed("dev").write_text("config: [")
    with pytest.raises(SandboxError, match=r"Pulumi\.dev\.yaml is not valid YAML"):
        stack.refresh()


@pytest.fixture
def recorder(tmp_path: Path) -> Path:
    """A `pulumi` that keeps what it is given: arguments by line, and what came over standard input."""
    program = tmp_path / "pulumi"
    program.write_text('#!/bin/sh\necho "$@" >> "$0.arguments"\ncat > "$0.$4"\n')
    program.chmod(0o700)
    return program


def test_a_stack_whose_trident_logs_in_with_a_secret_gets_that_of_the_sandboxs_app_registration(
    stack: StackConfig, recorder: Path
) -> None:
    commit(stack, {"my:trident": {"authentication": "clientSecret", "clientId": credentials.TRIDENT_CLIENT}})
    stack.refresh()
    stack.generate_secrets(recorder, {})
    secret = credentials.ensure_trident(stack.paths).client_secret
    assert Path(f"{recorder}.my:tridentClientSecret").read_text() == secret
    assert secret not in Path(f"{recorder}.arguments").read_text()


def test_a_stack_that_is_switched_to_a_secret_later_gets_it_too(stack: StackConfig, recorder: Path) -> None:
    commit(stack, {"my:trident": {"authentication": "workloadIdentity"}})
    in_sandbox(stack)
    stack.generate_secrets(recorder, {})
    assert not Path(f"{recorder}.my:tridentClientSecret").exists()
    commit(stack, {"my:trident": {"authentication": "clientSecret"}})
    in_sandbox(stack)
    stack.generate_secrets(recorder, {})
    assert Path(f"{recorder}.my:tridentClientSecret").exists()


def test_so_does_one_that_is_switched_in_the_sandbox_alone(stack: StackConfig, recorder: Path) -> None:
    commit(stack, {"my:trident": {"authentication": "workloadIdentity"}})
    in_sandbox(stack)
    set_in_sandbox(stack, **{"my:trident": '{"authentication": "clientSecret"}'})  # as `config set` writes it
    stack.generate_secrets(recorder, {})
    assert Path(f"{recorder}.my:tridentClientSecret").exists()


@pytest.mark.parametrize("trident", [None, {"authentication": "workloadIdentity"}, {}, "none", "[]"])
def test_a_stack_that_needs_no_client_secret_gets_none(stack: StackConfig, recorder: Path, trident: object) -> None:
    commit(stack, {"my:protect": True} | ({"my:trident": trident} if trident is not None else {}))
    stack.refresh()
    stack.generate_secrets(recorder, {})
    given = Path(f"{recorder}.arguments").read_text()
    assert "my:smbPassword" in given
    assert "tridentClientSecret" not in given


def test_a_stack_of_another_program_gets_no_secret(stack: StackConfig, recorder: Path) -> None:
    commit(stack, {"others:protect": True})
    stack.refresh()
    stack.generate_secrets(recorder, {})
    assert not Path(f"{recorder}.arguments").exists()


def test_a_made_up_password_meets_a_directorys_policy_and_is_on_no_command_line(
    stack: StackConfig, recorder: Path
) -> None:
    commit(stack, {"my:protect": True})
    stack.refresh()
    stack.generate_secrets(recorder, {})
    password = Path(f"{recorder}.my:smbPassword").read_text()
    assert len(password) == 24
    assert all(any(c in group for c in password) for group in (ascii_lowercase, ascii_uppercase, digits))
    assert password not in Path(f"{recorder}.arguments").read_text()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("secrets: [", "is not valid YAML"),
        ("passwords: {}", "must hold a mapping with the keys secrets and estate"),
        ("secrets: {my:key: {value: token}}", "secrets.my:key is .*Allowed: value, one of password, appRegistration"),
        ("secrets: {key: {value: password}}", "secrets.key names no namespace"),
    ],
)
def test_a_wrong_sandbox_yaml_is_refused_with_what_is_allowed(stack: StackConfig, content: str, said: str) -> None:
    (stack.project.folder / "sandbox.yaml").write_text(content)
    with pytest.raises(SandboxError, match=said):
        stack_secrets(stack.project.folder)

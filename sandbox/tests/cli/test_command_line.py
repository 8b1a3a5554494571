"""`python -m sandbox pulumi ARGS…` changes nothing of what was typed, and adds only what the sandbox needs."""

from pathlib import Path

import pytest

from sandbox.errors import SandboxError
from sandbox.paths import SandboxPaths
from sandbox.pulumi_cli import Invocation, command_line, runtimes

PULUMI = Path("pulumi")


@pytest.mark.parametrize(
    ("typed", "words", "stack"),
    [
        (["up", "--stack", "dev"], ("up",), "dev"),
        (["up", "--stack=dev"], ("up",), "dev"),
        (["-s", "dev", "preview", "--diff"], ("preview",), "dev"),
        (["--color", "never", "stack", "output", "--json"], ("stack", "output"), None),
        (["up", "-s", "organization/my-program/dev"], ("up",), "dev"),
        (["config", "set", "--secret", "my:password"], ("config", "set", "my:password"), None),
    ],
)
def test_the_command_and_the_stack_are_found_among_options(
    typed: list[str], words: tuple[str, ...], stack: str | None
) -> None:
    invocation = Invocation.parse(typed)
    assert invocation.words == words
    assert invocation.stack == stack


def test_options_after_two_dashes_belong_to_somebody_else() -> None:
    assert Invocation.parse(["up", "--", "--stack", "prod"]).stack is None


@pytest.mark.parametrize(
    "typed",
    [
        ["version"],
        ["stack", "output", "--json"],
        ["stack", "ls"],
        ["about"],
        ["plugin", "ls"],
        ["state", "delete", "x"],
    ],
)
def test_commands_without_configuration_are_left_as_typed(typed: list[str], tmp_path: Path) -> None:
    assert command_line(typed, SandboxPaths(tmp_path), PULUMI, {}) == ["pulumi", *typed]


def test_another_projects_folder_is_left_as_typed(tmp_path: Path) -> None:
    typed = ["--cwd", str(tmp_path), "stack", "ls"]
    assert command_line(typed, SandboxPaths(tmp_path), PULUMI, {}) == ["pulumi", *typed]


def test_a_config_file_of_the_users_own_is_left_as_typed(tmp_path: Path) -> None:
    typed = ["up", "--stack", "dev", "--config-file", "mine.yaml"]
    assert command_line(typed, SandboxPaths(tmp_path), PULUMI, {}) == ["pulumi", *typed]


def test_removing_a_stack_never_deletes_the_committed_stack_file(tmp_path: Path) -> None:
    typed = ["stack", "rm", "dev", "--yes"]
    assert "--preserve-config" in command_line(typed, SandboxPaths(tmp_path), PULUMI, {})


def test_help_needs_neither_project_nor_stack(tmp_path: Path) -> None:
    assert command_line(["up", "--help"], SandboxPaths(tmp_path), PULUMI, {}) == ["pulumi", "up", "--help"]


def test_a_folder_without_a_project_is_refused_with_the_mend(tmp_path: Path) -> None:
    typed = ["--cwd", str(tmp_path), "up", "--stack", "dev"]
    with pytest.raises(SandboxError, match=r"No Pulumi\.yaml in .* Name a project's folder with --cwd"):
        command_line(typed, SandboxPaths(tmp_path), PULUMI, {})


@pytest.mark.parametrize("runtime", ["yaml", "{name: yaml, options: {}}"])
def test_the_languages_of_a_command_are_those_of_its_project_and_of_the_package_that_it_names(
    runtime: str, tmp_path: Path
) -> None:
    project, package = tmp_path / "project", tmp_path / "package"
    for folder in (project / "below", package):
        folder.mkdir(parents=True)
    (project / "Pulumi.yaml").write_text(f"name: it\nruntime: {runtime}\n")
    (package / "PulumiPlugin.yaml").write_text("runtime: python\n")
    below = ["--cwd", str(project / "below")]
    assert runtimes([*below, "up"]) == {"yaml"}
    assert runtimes([*below, "package", "add", "../../package"]) == {"yaml", "python"}
    (project / "Pulumi.yaml").write_text("no: [YAML")
    assert runtimes([*below, "up"]) == set()

"""A component package in Python is added to programs in YAML and in Python, and its components are created there."""

import json
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.plugins.language.tryout import Project, make_project
from tests.plugins.packages.component import write_component

_YAML_PROGRAM = """
resources:
  greeting:
    type: greetings:Greeting
    properties: {whom: "${whom}"}
outputs:
  text: ${greeting.text}
"""
_PYTHON_PROGRAM = """
import pulumi
import pulumi_greetings as greetings

greeting = greetings.Greeting("greeting", whom=pulumi.Config().require_secret("whom"))
pulumi.export("text", greeting.text)
"""


@pytest.fixture(scope="module")
def component(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_component(tmp_path_factory.mktemp("package") / "greetings")


@pytest.fixture
def consumer(tmp_path: Path) -> Project:
    """A program in Python with a virtual environment of its own, which also sees the packages of the sandbox's."""
    project = make_project(tmp_path, "{name: python, options: {virtualenv: own}}")
    subprocess.run([sys.executable, "-m", "venv", project.folder / "own"], check=True)
    packages = next((project.folder / "own" / "lib").glob("python*/site-packages"))
    (packages / "sandbox.pth").write_text(sysconfig.get_path("purelib"))
    return project


def succeed(project: Project, *arguments: str) -> str:
    run = project.run(*arguments)
    assert run.returncode == 0, run.stdout
    return run.stdout


def outputs(project: Project) -> dict[str, str]:
    return json.loads(succeed(project, "stack", "output", "--json", "--show-secrets"))


def test_a_program_in_yaml_adds_a_package_and_creates_its_component(component: Path, tmp_path: Path) -> None:
    project = make_project(tmp_path, "yaml")
    schema = json.loads(succeed(project, "package", "get-schema", str(component)))
    greeting = schema["resources"]["greetings:index:Greeting"]
    assert (greeting["isComponent"], greeting["requiredInputs"]) == (True, ["whom"])
    assert greeting["inputProperties"]["whom"] == {"type": "string", "description": "Who is greeted."}

    assert "Added package greetings" in succeed(project, "package", "add", str(component))
    with (project.folder / "Pulumi.yaml").open("a") as file:
        file.write("config: {whom: {default: world}}\n" + _YAML_PROGRAM)
    assert "3 to create" in succeed(project, "preview")
    succeed(project, "up", "--yes", "--skip-preview")
    assert outputs(project) == {"text": "Hello, world."}
    assert "3 unchanged" in succeed(project, "up", "--yes", "--skip-preview")
    assert not (component / "venv").exists()  # the sandbox's Python has what the package requires


def test_a_program_in_python_adds_a_package_and_creates_its_component(component: Path, consumer: Project) -> None:
    requirements = consumer.folder / "requirements.txt"
    requirements.write_text("pulumi>=3\r\npulumi-greetings==0.0.1\r\n")
    added = succeed(consumer, "package", "add", str(component))
    assert "import pulumi_greetings as greetings" in added
    assert requirements.read_bytes() == b"pulumi>=3\r\nsdks/greetings\r\n"

    consumer.program(_PYTHON_PROGRAM)
    succeed(consumer, "config", "set", "--secret", "whom", "hunter2hunter2")
    for command in (["preview"], ["up", "--yes", "--skip-preview"]):
        shown = succeed(consumer, *command)
        assert "greetings:parts:Part" in shown
        assert "hunter2hunter2" not in shown
    assert outputs(consumer) == {"text": "Hello, hunter2hunter2."}


def test_a_package_that_names_a_virtual_environment_runs_there(tmp_path: Path) -> None:
    component = write_component(tmp_path / "greetings", "{toolchain: pip, virtualenv: own}")
    python = component / "own" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\ntouch "{tmp_path}/used"\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    succeed(make_project(tmp_path), "package", "get-schema", str(component))
    assert (tmp_path / "used").exists()


def test_a_package_whose_requirements_the_sandbox_lacks_gets_its_own_virtual_environment(tmp_path: Path) -> None:
    component = write_component(tmp_path / "greetings")
    (component / "requirements.txt").write_text("./nowhere\n")
    run = make_project(tmp_path).run("package", "get-schema", str(component))
    assert run.returncode != 0
    assert "nowhere" in run.stdout
    assert (component / "venv" / "bin" / "python").exists()


@pytest.mark.parametrize(
    ("runtime", "said"),
    [
        ("python", "requirements.txt is missing. Create it"),
        ("{name: python, options: {toolchain: uv}}", "manages packages with pip, not with uv"),
    ],
)
def test_a_program_that_takes_no_package_is_told_why(component: Path, tmp_path: Path, runtime: str, said: str) -> None:
    run = make_project(tmp_path, runtime).run("package", "add", str(component))
    assert run.returncode != 0
    assert said in run.stdout

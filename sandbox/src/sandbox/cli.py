"""`python -m sandbox …`: the sandbox from the command line."""

import json
import os
import shlex
import sys
import time
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from sandbox import azure_cli, directory_cli, faults_cli
from sandbox import helm as helm_cli
from sandbox.durations import SandboxDurations
from sandbox.errors import SandboxError
from sandbox.paths import SandboxPaths
from sandbox.plugins.installation import install_yaml
from sandbox.progress import default_progress, duration
from sandbox.pulumi_cli import command_line, runtimes
from sandbox.sandbox import Sandbox

app = typer.Typer(
    help="Azure and AKS on this machine, without an account, for `pulumi up`.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.add_typer(faults_cli.app, name="faults", no_args_is_help=True)
app.add_typer(directory_cli.app, name="directory", no_args_is_help=True)

_PASS_THROUGH = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}

JsonOption = Annotated[bool, typer.Option("--json", help="For programs to read.")]


def _sandbox() -> Sandbox:
    return Sandbox(SandboxPaths.default())


@app.command()
def up(
    durations: Annotated[
        str | None,
        typer.Option(help="How long Azure and Trident take: instant, or realistic. Default: as the last time."),
    ] = None,
    duration_of: Annotated[
        list[str] | None,
        typer.Option(
            "--duration",
            metavar="TYPE:KIND=SECONDS",
            help="Another time for one of Azure's operations (create, update, delete). May be repeated.",
        ),
    ] = None,
) -> None:
    """Start what does not run. The first time this builds tools, for about 20 minutes."""
    wanted = SandboxDurations.parse(durations, duration_of or [])
    began = time.monotonic()
    progress = default_progress()
    _sandbox().up(progress, wanted)
    progress.say(f"The sandbox is ready ({duration(time.monotonic() - began)}).")


@app.command()
def down() -> None:
    """Stop every process. What is in the sandbox stays, and `up` goes on with it."""
    _sandbox().down(default_progress())


@app.command()
def reset(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete the sandbox with all that is in it: its Azure, its cluster, its stacks' state. Built tools stay."""
    sandbox = _sandbox()
    if not sandbox.paths.root.exists():
        raise SandboxError(f"There is no sandbox in {sandbox.paths.root}.")
    if not yes and not typer.confirm(f"Delete {sandbox.paths.root} and every volume and stack in it?"):
        raise SandboxError("Nothing was deleted.")
    sandbox.reset(default_progress())


@app.command()
def status(as_json: JsonOption = False) -> None:
    """Say what runs and where, and which parts are genuine. Exit code 0 if all runs, else 1."""
    parts = _sandbox().status()
    if as_json:
        print(json.dumps([asdict(part) for part in parts]))
    else:
        table = Table("part", "genuine?", "version", "", "where")
        states = {True: "running", False: "[red]stopped[/red]", None: ""}
        for part in parts:
            kind = "genuine" if part.genuine else "played"
            table.add_row(part.name, kind, part.version, states[part.running], part.detail)
        Console().print(table)
    if any(part.running is False for part in parts):
        raise typer.Exit(1)


@app.command()
def env() -> None:
    """Print the sandbox's environment for one's own shell: eval "$(python -m sandbox env)"."""
    sandbox = _sandbox()
    for name, value in sorted(sandbox.shell().items()):
        if os.environ.get(name) != value:
            print(f"export {name}={shlex.quote(value)}")


@app.command(context_settings=_PASS_THROUGH)
def pulumi(context: typer.Context) -> None:
    """Run `pulumi` with these arguments in the sandbox, on the project in this folder or with --cwd on another."""
    sandbox = _sandbox()
    environment = sandbox.environment()
    sandbox.require_running()
    program = sandbox.paths.tools / "pulumi"
    if "yaml" in runtimes(context.args):
        install_yaml(sandbox.paths, program, default_progress())
    argv = command_line(context.args, sandbox.paths, program, environment)
    _become(argv, environment)


@app.command(context_settings=_PASS_THROUGH)
def az(context: typer.Context) -> None:
    """Run `az` with these arguments in the sandbox, signed in. The first time this installs the Azure CLI."""
    sandbox = _sandbox()
    environment = sandbox.environment()
    sandbox.require_running()
    program = azure_cli.prepare(sandbox.paths, environment, default_progress())
    _become([str(program), *azure_cli.arguments(context.args, sandbox.paths)], environment)


@app.command(context_settings=_PASS_THROUGH)
def helm(context: typer.Context) -> None:
    """Run `helm` with these arguments in the sandbox. Where the machine has none, the first time this builds it."""
    sandbox = _sandbox()
    environment = sandbox.environment()
    sandbox.require_running()
    _become([str(helm_cli.install_built(sandbox.paths, default_progress())), *context.args], environment)


@app.command(context_settings=_PASS_THROUGH)
def run(context: typer.Context) -> None:
    """Run any command in the sandbox's environment: python -m sandbox run -- kubectl get pods -A."""
    sandbox = _sandbox()
    environment = sandbox.shell()
    argv = context.args[1:] if context.args[:1] == ["--"] else context.args
    if not argv:
        raise SandboxError("Say what to run: python -m sandbox run -- kubectl get pods --all-namespaces")
    _become(argv, environment)


def _become(argv: list[str], environment: dict[str, str]) -> None:
    """Give this process's place to the command: its exit code, signals and terminal are then its own."""
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        os.execvpe(argv[0], argv, environment)  # noqa: S606  no shell is wanted
    except FileNotFoundError:
        raise SandboxError(f"{argv[0]}: no such command.") from None


def main() -> None:
    """Run the command line; what can be mended is said in one message, without a traceback."""
    try:
        app()
    except SandboxError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)

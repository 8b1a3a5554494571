"""`python -m verify [--stack dev]` and `python -m verify diagnose POD|CLAIM`.

Exit code 0: every check holds; 1: a check fails; 2: no result (usage, unknown stack, no answer).
"""

import logging
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from verify import not_created, report
from verify.chain import MOUNT_SECONDS
from verify.check import Result, State
from verify.clients.cluster import ApiError
from verify.errors import VerifyError
from verify.mounts import mounts_of
from verify.plan import checks_of
from verify.progress import Progress
from verify.runner import Runner, look
from verify.stack.parts import Mount
from verify.stack.reading import read
from verify.walk import links_of
from verify.world import World, azure_of, cluster_of

app = typer.Typer(
    help="Check a stack's shares from Azure to the files in the Pods, or find the broken link of one mount.",
    add_completion=False,
    pretty_exceptions_enable=False,
)

StackOption = Annotated[str, typer.Option("--stack", "-s", help="The name of a deployed stack.")]
FolderOption = Annotated[
    Path | None, typer.Option("--cwd", "-C", help="The project's folder. Default: the current folder.", file_okay=False)
]
KubeconfigOption = Annotated[
    str | None, typer.Option(help="A kubeconfig file. Default: the cluster that the stack names.")
]
ContextOption = Annotated[
    str | None, typer.Option("--context", help="A context of that kubeconfig, or of kubectl's kubeconfig.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document, for programs.")]


@app.callback(invoke_without_command=True)
def verify(
    context: typer.Context,
    stack: StackOption = "dev",
    folder: FolderOption = None,
    kubeconfig: KubeconfigOption = None,
    kube_context: ContextOption = None,
    as_json: JsonOption = False,
    write: Annotated[
        bool,
        typer.Option("--write", help="Also write a file on each share, through temporary Pods, and delete it again."),
    ] = False,
    mount_seconds: Annotated[
        float, typer.Option(min=10, help="Seconds for a temporary Pod to mount its share.")
    ] = MOUNT_SECONDS,
) -> None:
    """Check every link of a stack, for both ways. The exit code is 0 only if all checks hold."""
    if context.invoked_subcommand:
        if misplaced := [name for name in context.params if _given(context, name)]:
            raise VerifyError(f"Put these options after '{context.invoked_subcommand}': {', '.join(misplaced)}.")
        return
    began = time.monotonic()
    world = _world(stack, folder, kubeconfig, kube_context)
    checks = checks_of(world, mount_seconds)
    console, errors = Console(highlight=False, soft_wrap=True), Console(stderr=True, highlight=False, soft_wrap=True)
    if as_json:
        with Progress(checks, errors) as progress:
            results = Runner(checks, world, progress.add).run(write=write)
        report.print_json(report.document(world.outputs, results, time.monotonic() - began))
    else:
        report.print_update(world.outputs.update, console)
        table = report.Table(checks, console)
        with Progress(checks, console if console.is_terminal else errors) as progress:
            results = Runner(checks, world, table.add, progress.add).run(write=write)
        console.print(f"\n{report.verdict(results, time.monotonic() - began, not_created.to_do(world))}", markup=False)
        for line in report.paths(world.outputs):
            console.print(f"  {line}", markup=False)
    if world.outputs.update or not all(result.holds for result in results):
        raise typer.Exit(1)


@app.command()
def diagnose(
    name: Annotated[str, typer.Argument(help="A Pod or a claim: iis-pod, pvc/anf-pvc-smb.", metavar="POD|CLAIM")],
    namespace: Annotated[
        str | None, typer.Option("--namespace", "-n", help="The namespace of the Pod or claim.")
    ] = None,
    stack: StackOption = "dev",
    folder: FolderOption = None,
    kubeconfig: KubeconfigOption = None,
    kube_context: ContextOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check one mount from Pod to volume, and report the first broken link and its fix."""
    world = _world(stack, folder, kubeconfig, kube_context)
    console = Console(highlight=False, soft_wrap=True)
    walked = [(mount, walk(world, mount)) for mount in mounts_of(world, name, namespace)]
    found = [result for _, results in walked for result in results]
    if as_json:
        mounts = [_mount(*each) for each in walked]
        report.print_json({**report.beginning(world.outputs, found), "mounts": mounts})
    else:
        report.print_update(world.outputs.update, console)
        for mount, results in walked:
            console.print(mount.title, style="bold", markup=False)
            for line in [line for result in results for line in report.lines(result)]:
                console.print(line, soft_wrap=True)
        console.print(f"\n{_summary(found, not_created.to_do(world))}", markup=False)
    if world.outputs.update or not all(result.holds for result in found):
        raise typer.Exit(1)


def walk(world: World, mount: Mount) -> list[Result]:
    """Return the result of each link, up to the first broken one; a missing part and what needs it end no walk."""
    results: list[Result] = []
    links = links_of(world, mount)
    absent = {link.name for link in links if isinstance(link.look, not_created.NotCreated)}
    for link in links:
        if needed := [name for name in link.needs if name in absent]:
            absent.add(link.name)
            seen = f"not checked: {', '.join(needed)}"
            results.append(Result(link, State.NOT_CHECKED, seen, because=tuple(needed)))
            continue
        results.append(look(link, world))
        if results[-1].state is State.FAILS:
            break
    return results


def _summary(results: Sequence[Result], to_do: str) -> str:
    """Return the last line of a walk."""
    if any(result.state is State.FAILS for result in results):
        then = f" Then: {to_do}" if to_do else ""
        return f"The last line is the first broken link; docs/runbook.md lists every trouble.{then}"
    return f"What is there holds. Continue: {to_do}" if to_do else "Every link holds."


def _given(context: typer.Context, parameter: str) -> bool:
    """Return whether an option is on the command line."""
    source = context.get_parameter_source(parameter)
    return source is not None and source.name == "COMMANDLINE"


def _mount(mount: Mount, results: list[Result]) -> dict[str, Any]:
    return {
        "namespace": mount.namespace,
        "claim": mount.claim,
        "pod": mount.pod,
        "links": [report.row(result) for result in results],
    }


def _world(stack: str, folder: Path | None, kubeconfig: str | None, context: str | None) -> World:
    """Return the stack's outputs with clients that have reached the cluster and Azure."""
    outputs = read(stack, folder)
    azure = azure_of(outputs)
    cluster = cluster_of(outputs, azure, folder, kubeconfig, context)
    world = World.of(outputs, cluster, azure, folder)
    world.cluster.version()
    azure.sign_in()
    return world


def main() -> None:
    """Run the command line; print what prevents a result as one line, such as a right that the user lacks."""
    logging.getLogger("azure").setLevel(logging.CRITICAL)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        app()
    except (VerifyError, ApiError) as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)

"""`python -m verify [--stack dev]` and `python -m verify diagnose POD|CLAIM`.

Exit code 0: everything holds; 1: something does not; 2: nothing can be said (usage, no such stack, no answer).
"""

import logging
import signal
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from verify import report
from verify.check import Result, State
from verify.errors import VerifyError
from verify.plan import MOUNT_SECONDS, checks_of
from verify.runner import Runner, look
from verify.stack_outputs import read
from verify.walk import Mount, links_of, mounts_of
from verify.world import World, azure_of, cluster_of

app = typer.Typer(
    help="Check a stack's shares, from Azure to the files in the Pods; or find the broken link of one mount.",
    add_completion=False,
    pretty_exceptions_enable=False,
)

StackOption = Annotated[str, typer.Option("--stack", "-s", help="A stack that `pulumi up` has made.")]
FolderOption = Annotated[
    Path | None, typer.Option("--cwd", "-C", help="The project's folder. Default: this one.", file_okay=False)
]
KubeconfigOption = Annotated[
    str | None, typer.Option(help="A kubeconfig file. Default: the cluster that the stack names.")
]
ContextOption = Annotated[str | None, typer.Option("--context", help="A context of that kubeconfig, or of kubectl's.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document, for programs.")]


@app.callback(invoke_without_command=True)
def verify(
    context: typer.Context,
    stack: StackOption = "dev",
    folder: FolderOption = None,
    kubeconfig: KubeconfigOption = None,
    kube_context: ContextOption = None,
    as_json: JsonOption = False,
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Leave out what writes: a file on each share, a Pod for a moment.")
    ] = False,
    mount_seconds: Annotated[
        float, typer.Option(min=10, help="How long a Pod made for a check may take to mount its share.")
    ] = MOUNT_SECONDS,
) -> None:
    """Check every link of a stack, both ways. Exit code 0 only if all hold."""
    if context.invoked_subcommand:
        if misplaced := [name for name in context.params if _given(context, name)]:
            raise VerifyError(f"Options stand behind '{context.invoked_subcommand}': {', '.join(misplaced)}.")
        return
    began = time.monotonic()
    world = _world(stack, folder, kubeconfig, kube_context)
    checks = checks_of(world, mount_seconds)
    if as_json:
        results = Runner(checks, world.pods, lambda _: None).run(read_only=read_only)
        report.print_json(report.document(stack, results, time.monotonic() - began))
    else:
        console = Console(highlight=False, soft_wrap=True)
        with report.Table(checks, console) as table:
            results = Runner(checks, world.pods, table.add).run(read_only=read_only)
        console.print(f"\n{report.verdict(results, time.monotonic() - began)}", markup=False)
        for line in report.paths(world.outputs):
            console.print(f"  {line}", markup=False)
    if not all(result.holds for result in results):
        raise typer.Exit(1)


@app.command()
def diagnose(
    name: Annotated[str, typer.Argument(help="A Pod or a claim: iis-pod, pvc/anf-pvc-smb.", metavar="POD|CLAIM")],
    namespace: Annotated[str | None, typer.Option("--namespace", "-n", help="Its namespace.")] = None,
    stack: StackOption = "dev",
    folder: FolderOption = None,
    kubeconfig: KubeconfigOption = None,
    kube_context: ContextOption = None,
    as_json: JsonOption = False,
) -> None:
    """Walk one mount from Pod to volume, and name the first link that is broken with its fix."""
    world = _world(stack, folder, kubeconfig, kube_context)
    console = Console(highlight=False, soft_wrap=True)
    walked = [(mount, walk(world, mount)) for mount in mounts_of(world, name, namespace)]
    holds = all(result.holds for _, results in walked for result in results)
    if as_json:
        report.print_json({"stack": stack, "holds": holds, "mounts": [_mount(*each) for each in walked]})
    else:
        for mount, results in walked:
            console.print(mount.title, style="bold", markup=False)
            for line in [line for result in results for line in report.lines(result)]:
                console.print(line, soft_wrap=True)
        told = "Every link holds." if holds else "The first broken link is the last line; docs/runbook.md has them all."
        console.print(f"\n{told}", markup=False)
    if not holds:
        raise typer.Exit(1)


def walk(world: World, mount: Mount) -> list[Result]:
    """What came of each link, up to the first that is broken."""
    results: list[Result] = []
    for link in links_of(world, mount):
        results.append(look(link))
        if results[-1].state is State.FAILS:
            break
    return results


def _given(context: typer.Context, parameter: str) -> bool:
    """Whether an option stands on the command line."""
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
    """The stack's outputs, and clients that have had an answer each."""
    outputs = read(stack, folder)
    azure = azure_of(outputs)
    cluster = cluster_of(outputs, azure, folder, kubeconfig, context)
    world = World.of(outputs, cluster, azure)
    world.cluster.version()
    azure.prove()
    return world


def main() -> None:
    """Run the command line; what keeps it from saying anything is one line."""
    logging.getLogger("azure").setLevel(logging.CRITICAL)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        app()
    except VerifyError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)

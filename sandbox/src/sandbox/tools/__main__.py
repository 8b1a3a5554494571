"""`python -m sandbox.tools [TOOL…] [--json|--path]`: have the tools, and say where they are."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from sandbox.progress import default_progress
from sandbox.tools import ToolchainError, ensure


def main(
    tools: Annotated[list[str] | None, typer.Argument(help="Which; unless named, all that the sandbox needs.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object: path, version and source by tool.")] = False,
    as_path: Annotated[bool, typer.Option("--path", help="The path alone, for scripts; one line a tool.")] = False,
) -> None:
    """Find, download or build the sandbox's tools, so that nothing later has to wait for them."""
    progress = default_progress()
    try:
        toolchain = ensure(tools, progress)
    except ToolchainError as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        typer.echo("Interrupted. What was finished is kept; run the command again to go on.", err=True)
        raise typer.Exit(130) from None
    if as_json:
        typer.echo(
            json.dumps({name: {**asdict(tool), "path": str(tool.path)} for name, tool in toolchain.tools.items()})
        )
        return
    for name, tool in toolchain.tools.items():
        if as_path:
            typer.echo(tool.path)
            continue
        typer.echo(f"{name:<28} {tool.version:<10} {tool.source:<9} {tool.path}")


if __name__ == "__main__":
    typer.run(main)

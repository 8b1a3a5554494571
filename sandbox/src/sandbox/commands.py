"""The commands of a shell in the sandbox: `pulumi`, `az` and `helm` on its PATH are those of `python -m sandbox`."""

import shlex
import sys
from typing import Final

from sandbox.paths import SandboxPaths
from sandbox.plugins.installation import write_script
from sandbox.pulumi_cli import ADDED_TO

_OWN: Final = f"{shlex.quote(sys.executable)} -m sandbox"


def install(paths: SandboxPaths) -> None:
    """Write the commands that are not there yet; `pulumi` starts the genuine one where nothing is added to it."""
    words = "|".join(sorted(ADDED_TO))
    write_script(
        paths.commands / "pulumi",
        "#!/bin/sh\n"
        f'for word in "$@"; do case "$word" in {words}) exec {_OWN} pulumi "$@" ;; esac; done\n'
        f'exec {shlex.quote(str(paths.tools / "pulumi"))} "$@"\n',
    )
    for name in ("az", "helm"):
        if not (paths.tools / name).exists():
            write(paths, name)


def write(paths: SandboxPaths, name: str) -> None:
    """Write a command that is `python -m sandbox NAME`."""
    write_script(paths.tools / name, f'#!/bin/sh\nexec {_OWN} {name} "$@"\n')

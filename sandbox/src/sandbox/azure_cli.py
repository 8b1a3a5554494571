"""`python -m sandbox az ARGS…`: the Azure CLI as it is, in a cloud of its own, signed in as the sandbox's owner.

Nothing is taken from what the user typed. Added is the file of `az aks get-credentials`, whose default is the user's
own `~/.kube/config` whatever KUBECONFIG says.
"""

import configparser
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from filelock import FileLock

from sandbox import commands
from sandbox.errors import SandboxError
from sandbox.parts import Part
from sandbox.paths import SandboxPaths
from sandbox.progress import Progress
from sandbox.tools import azure_cli as tool
from sandbox.tools.cache import tool_cache
from sandbox.tools.search import ask

CLOUD: Final = "sandbox"
_SETTINGS: Final = {
    "core": {"collect_telemetry": "no", "instance_discovery": "no", "survey_message": "no"},
    "auto-upgrade": {"enable": "no"},
    "extension": {"use_dynamic_install": "no"},
    "cloud": {"name": "AzureCloud"},  # until the sandbox's own is registered
}
_STEP_SECONDS: Final = 180
_INSTALLATION_SECONDS: Final = 900


def prepare(paths: SandboxPaths, environment: Mapping[str, str], progress: Progress) -> Path:
    """Return the program, with its cloud registered and, the first time, signed in.

    It is signed in once for each address of the sandbox's Azure: who signs out stays so, as in any other cloud.

    Raises:
        SandboxError: it cannot be had, or refuses to be set up; the message says why.

    """
    folder = paths.azure_cli
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with FileLock(folder / ".lock", timeout=_INSTALLATION_SECONDS):
        program, mark = _program(paths, progress), folder / "signed-in"
        address = environment["AZURE_AUTHORITY_HOST"]
        if not mark.exists() or mark.read_text() != address:
            _sign_in(program, folder, environment)
            mark.write_text(address)
    return program


def parts(paths: SandboxPaths) -> list[Part]:
    """Return the Azure CLI of this sandbox, once it was used."""
    chosen = paths.azure_cli / "az"
    if not chosen.exists():
        return []
    program = chosen.readlink()
    version = tool.VERSION if program.is_relative_to(tool_cache()) else str(ask(program, ("version",)) or "")
    return [Part("Azure CLI", genuine=True, version=version, where=str(program))]


def arguments(typed: Sequence[str], paths: SandboxPaths) -> list[str]:
    """Return what was typed, with what the sandbox adds."""
    added: list[str] = []
    if list(typed[:2]) == ["aks", "get-credentials"] and not _names_a_file(typed):
        paths.merged_kubeconfig.parent.mkdir(parents=True, exist_ok=True)
        added = ["--file", str(paths.merged_kubeconfig)]
    return [*typed, *added]


def _names_a_file(typed: Sequence[str]) -> bool:
    return any(each in {"-f", "--file"} or each.startswith(("-f=", "--file=")) for each in typed)


def _program(paths: SandboxPaths, progress: Progress) -> Path:
    """Return the `az` of this sandbox, chosen at first use: that of PATH, else the one in the user's cache."""
    chosen = paths.azure_cli / "az"
    if not chosen.exists() or _outdated(chosen.readlink()):
        others = [name for name in os.environ.get("PATH", "").split(os.pathsep) if Path(name) != paths.tools]
        found = tool.on_path(os.pathsep.join(others)) or tool.installed() or tool.install(progress)
        chosen.unlink(missing_ok=True)
        chosen.symlink_to(found)
    # `az` in the sandbox's environment (`sandbox run`, `sandbox env`) is this command.
    commands.write(paths, "az")
    return chosen.readlink()


def _outdated(program: Path) -> bool:
    return program.is_relative_to(tool_cache()) and program != tool.installed()


def _sign_in(program: Path, folder: Path, environment: Mapping[str, str]) -> None:
    (folder / "clouds.config").unlink(missing_ok=True)
    file, settings = folder / "config", configparser.ConfigParser()
    settings.read(file)
    settings.read_dict(_SETTINGS)
    with file.open("w") as written:
        settings.write(written)
    address, client = environment["AZURE_AUTHORITY_HOST"], environment["AZURE_CLIENT_ID"]
    _run(program, ["cloud", "register", "--name", CLOUD, "--endpoint-resource-manager", address], environment)
    _run(program, ["cloud", "set", "--name", CLOUD], environment)
    # `@-` is standard input: a secret among the arguments would be in every list of processes.
    login = ["login", "--service-principal", "--username", client, "--tenant", environment["AZURE_TENANT_ID"]]
    _run(program, [*login, "--password", "@-"], environment, environment["AZURE_CLIENT_SECRET"])


def _run(program: Path, argv: Sequence[str], environment: Mapping[str, str], said: str = "") -> None:
    try:
        done = subprocess.run(
            [str(program), *argv, "--output", "none", "--only-show-errors"],
            env=dict(environment),
            input=said,
            text=True,
            capture_output=True,
            check=False,
            timeout=_STEP_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise SandboxError(f"`az {' '.join(argv[:2])}` did not end within {_STEP_SECONDS} s.") from None
    if done.returncode:
        raise SandboxError(f"`az {' '.join(argv[:2])}` failed: {done.stderr.strip()}")

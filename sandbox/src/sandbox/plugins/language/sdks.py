"""The SDK of a package that a project adds: its code, and its line in the project's requirements."""

import re
import subprocess
from pathlib import Path
from typing import Final

from pulumi.runtime.proto import language_pb2

from sandbox.plugins.language.environments import REQUIREMENTS, RequirementsError, require_pip

CODE_GENERATOR: Final = "pulumi-codegen-python"
_REQUIREMENT: Final = re.compile(r"[\w-]+")


def generate(request: language_pb2.GeneratePackageRequest) -> language_pb2.GeneratePackageResponse:
    """Write a package's SDK by the engine's own code generator, which is built at its first use.

    Raises:
        SandboxError: the code generator cannot be had.
        RuntimeError: it failed; in its words.

    """
    from sandbox.tools import ensure  # every program starts a host, and few generate code

    program = ensure([CODE_GENERATOR]).path(CODE_GENERATOR)
    done = subprocess.run([program], input=request.SerializeToString(), capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.decode(errors="replace").strip())
    return language_pb2.GeneratePackageResponse.FromString(done.stdout)


def link(request: language_pb2.LinkRequest) -> str:
    """Add SDKs to the project's requirements by their paths, in place of earlier ones, and return how to import them.

    Raises:
        RequirementsError: the project has no requirements.txt, or another toolchain than pip.

    """
    require_pip(request.info)
    root = Path(request.info.root_directory)
    modules = {dependency.path: _module(root / dependency.path) for dependency in request.packages}
    requirements = root / REQUIREMENTS
    if not requirements.exists():
        raise RequirementsError(f"{requirements} is missing. Create it, empty if need be, and run the command again.")
    with requirements.open(newline="") as file:
        text = file.read()
    end = "\r\n" if "\r\n" in text else "\n"
    kept = [line for line in text.splitlines() if not _names(line.strip(), modules)]
    with requirements.open("w", newline="") as file:
        file.writelines(line + end for line in [*kept, *sorted(modules)])
    names = (dependency.package.parameterization.name or dependency.package.name for dependency in request.packages)
    imports = "".join(
        f"  import {module} as {name.replace('-', '_')}\n" for module, name in zip(modules.values(), names, strict=True)
    )
    return f"You can import it in your Python code with:\n\n{imports}"


def _module(sdk: Path) -> str:
    """Return the name of the SDK's module: the folder in which the engine looks for the plugin's name and version."""
    found = next(sdk.glob("*/pulumi-plugin.json"), None)
    if found is None:
        raise RequirementsError(f"{sdk} holds no SDK in Python.")
    return found.parent.name


def _names(line: str, modules: dict[str, str]) -> bool:
    requirement = _REQUIREMENT.match(line)
    return line in modules or (requirement is not None and requirement.group().replace("-", "_") in modules.values())

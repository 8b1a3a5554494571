"""The environment in which `pulumi`, its plugins and the Azure clients talk to this sandbox and to nothing else."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from sandbox.azure import service as arm
from sandbox.paths import SandboxPaths


def variables(paths: SandboxPaths, tools: Path) -> dict[str, str]:
    """What the sandbox adds to an environment: the emulator's address and credentials, Pulumi's home and backend.

    Args:
        paths: the sandbox.
        tools: the folder with `pulumi`, `helm` and `kubectl`; it comes first on PATH.

    """
    paths.pulumi_state.mkdir(parents=True, exist_ok=True)
    return {
        **arm.environment(paths),
        "ANF_SANDBOX_HOME": str(paths.root),
        "KUBECONFIG": str(paths.kubeconfig),
        "PATH": f"{tools}{os.pathsep}{os.environ.get('PATH', '')}",
        "PULUMI_HOME": str(paths.pulumi_home),
        "PULUMI_BACKEND_URL": f"file://{paths.pulumi_state}",
        "PULUMI_CONFIG_PASSPHRASE_FILE": str(_passphrase(paths)),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }


def complete(paths: SandboxPaths, tools: Path, inherited: Mapping[str, str] | None = None) -> dict[str, str]:
    """Lay the sandbox's environment over this process's own (or over `inherited`).

    What would lead past the sandbox is taken out: a passphrase in plaintext wins over a file, an access token over a
    file backend, and other Azure credentials over the emulator's.
    """
    kept = {
        name: value
        for name, value in (os.environ if inherited is None else inherited).items()
        if not name.startswith(("ARM_", "AZURE_")) and name not in {"PULUMI_CONFIG_PASSPHRASE", "PULUMI_ACCESS_TOKEN"}
    }
    return kept | variables(paths, tools)


def _passphrase(paths: SandboxPaths) -> Path:
    """The file with the passphrase of this sandbox's stacks, made at first use."""
    file = paths.root / "passphrase"
    if not file.exists():
        partial = file.with_suffix(".partial")
        partial.touch(mode=0o600)
        partial.write_text(secrets.token_urlsafe(32))
        partial.replace(file)
    return file

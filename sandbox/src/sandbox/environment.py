"""The environment in which `pulumi`, its plugins and the Azure clients talk to this sandbox and to nothing else."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from sandbox.azure.address import last_port
from sandbox.azure.entra import credentials
from sandbox.azure.http import certificates
from sandbox.errors import SandboxError
from sandbox.paths import SandboxPaths


def azure_variables(paths: SandboxPaths) -> dict[str, str]:
    """Return what tells `pulumi`, its plugins and Azure's clients to use this sandbox's Azure; secrets included.

    Raises:
        SandboxError: its Azure has never been started.

    """
    port = last_port(paths)
    if port is None:
        raise SandboxError(f"No Azure has been started in {paths.root}. Start it: python -m sandbox up")
    principal, host = credentials.ensure(paths), f"127.0.0.1:{port}"
    bundle = str(certificates.bundle(paths))
    return {
        "ANF_SANDBOX_HOME": str(paths.root),
        "ARM_METADATA_HOSTNAME": host,
        "ARM_TENANT_ID": principal.tenant_id,
        "ARM_CLIENT_ID": principal.client_id,
        "ARM_CLIENT_SECRET": principal.client_secret,
        "ARM_SUBSCRIPTION_ID": credentials.SUBSCRIPTION,
        "ARM_DISABLE_INSTANCE_DISCOVERY": "true",
        "AZURE_AUTHORITY_HOST": f"https://{host}",
        "AZURE_TENANT_ID": principal.tenant_id,
        "AZURE_CLIENT_ID": principal.client_id,
        "AZURE_CLIENT_SECRET": principal.client_secret,
        "AZURE_CONFIG_DIR": str(paths.azure_cli),
        "REQUESTS_CA_BUNDLE": bundle,
        "SSL_CERT_FILE": bundle,
    }


def variables(paths: SandboxPaths, tools: Path) -> dict[str, str]:
    """Return the sandbox's additions to an environment: the emulator's address, credentials, Pulumi's home and backend.

    Args:
        paths: the sandbox.
        tools: the folder with `pulumi` and `kubectl`; it comes first on PATH.

    """
    paths.pulumi_state.mkdir(parents=True, exist_ok=True)
    return {
        **azure_variables(paths),
        "KUBECONFIG": os.pathsep.join(map(str, (paths.merged_kubeconfig, paths.kubeconfig))),
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

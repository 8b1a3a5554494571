"""The kubeconfig of the control plane, which stands alone: certificates and key are in it."""

import base64
import os
import tempfile
from contextlib import suppress
from pathlib import Path

import yaml

from sandbox.control_plane.ports import LOOPBACK

CONTEXT = "anf-sandbox"


def write(target: Path, port: int, pki: Path) -> None:
    """Write it, readable by its owner only, in one step; leave it alone where it says so already.

    Args:
        target: the file.
        port: of the API server, on loopback.
        pki: the folder with kwokctl's `ca.crt`, `admin.crt` and `admin.key`.

    """
    content = yaml.safe_dump(_document(port, pki), sort_keys=False)
    if target.exists() and target.read_text() == content and target.stat().st_mode & 0o777 == 0o600:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, partial = tempfile.mkstemp(dir=target.parent, prefix=".kubeconfig-")  # mkstemp makes it 0600
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(content)
        Path(partial).replace(target)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(partial).unlink()
        raise


def _document(port: int, pki: Path) -> dict[str, object]:
    ca, certificate, key = (
        base64.b64encode((pki / name).read_bytes()).decode() for name in ("ca.crt", "admin.crt", "admin.key")
    )
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": CONTEXT,
        "clusters": [
            {
                "name": CONTEXT,
                "cluster": {"server": f"https://{LOOPBACK}:{port}", "certificate-authority-data": ca},
            }
        ],
        "users": [{"name": CONTEXT, "user": {"client-certificate-data": certificate, "client-key-data": key}}],
        "contexts": [{"name": CONTEXT, "context": {"cluster": CONTEXT, "user": CONTEXT}}],
    }

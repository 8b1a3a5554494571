"""The emulator's certificate authority and server certificate, and the bundle that makes clients trust them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import certifi
from filelock import FileLock

from sandbox.arm.private_files import write_private
from sandbox.paths import SandboxPaths

_NAMES: Final = ("127.0.0.1", "localhost", "::1")
_LOCK_SECONDS: Final = 30


@dataclass(frozen=True)
class Certificates:
    """The server's certificate chain and key, the CA's certificate, and all public CAs with it."""

    server_chain: Path
    server_key: Path
    ca: Path
    ca_bundle: Path


def ensure(paths: SandboxPaths) -> Certificates:
    """The certificates of a sandbox, made at first call and kept, so that what trusts them goes on doing so."""
    folder = paths.certificates
    folder.mkdir(parents=True, exist_ok=True)
    made = Certificates(folder / "server.pem", folder / "server.key", folder / "ca.pem", paths.ca_bundle)
    with FileLock(folder / ".lock", timeout=_LOCK_SECONDS):
        # The bundle is written last: where it is, the others are too.
        if not made.ca_bundle.exists():
            import trustme  # noqa: PLC0415  cryptography takes long to load, and this is once in a sandbox's life

            authority = trustme.CA(organization_name="anf-smb sandbox")
            server = authority.issue_cert(*_NAMES)
            write_private(made.server_key, server.private_key_pem.bytes())
            write_private(made.server_chain, b"".join(blob.bytes() for blob in server.cert_chain_pems))
            write_private(made.ca, authority.cert_pem.bytes())
            public = Path(certifi.where()).read_bytes()
            write_private(made.ca_bundle, public.rstrip() + b"\n\n" + authority.cert_pem.bytes())
    return made

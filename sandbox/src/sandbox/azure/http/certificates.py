"""The emulator's certificate authority and server certificate, and the bundle of CAs for its clients."""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import certifi
from filelock import FileLock

from sandbox.paths import SandboxPaths
from sandbox.private_files import write_private

_NAMES: Final = ("127.0.0.1", "localhost", "::1")
_LOCK_SECONDS: Final = 30
_TRUSTED_BY_CLIENTS: Final = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""Variables that name the CAs of OpenSSL and Go, and of requests. The sandbox sets the first two."""
_CERTIFICATE: Final = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


@dataclass(frozen=True)
class Certificates:
    """The server's certificate chain and key, and the CA's certificate."""

    server_chain: Path
    server_key: Path
    ca: Path


def ensure(paths: SandboxPaths) -> Certificates:
    folder = paths.certificates
    folder.mkdir(parents=True, exist_ok=True)
    made = Certificates(folder / "server.pem", folder / "server.key", folder / "ca.pem")
    with FileLock(folder / ".lock", timeout=_LOCK_SECONDS):
        # The CA is written last: where it is, the others are too.
        if not made.ca.exists():
            import trustme  # noqa: PLC0415  cryptography takes long to load, and this is once in a sandbox's life

            authority = trustme.CA(organization_name="ANF sandbox")
            server = authority.issue_cert(*_NAMES)
            write_private(made.server_key, server.private_key_pem.bytes())
            write_private(made.server_chain, b"".join(blob.bytes() for blob in server.cert_chain_pems))
            write_private(made.ca, authority.cert_pem.bytes())
    return made


def bundle(paths: SandboxPaths, environment: Mapping[str, str] = os.environ) -> Path:
    """Return the CAs that clients trust: the public ones, those that `environment` names, and the sandbox's.

    Without the second, a proxy with a CA of its organization's would cut off package indexes and chart repositories.
    A command within another of the sandbox's finds this very file in `environment`, and leaves it as it is.
    """
    file = paths.ca_bundle
    ca = ensure(paths).ca
    named = [Path(environment[name]) for name in _TRUSTED_BY_CLIENTS if environment.get(name)]
    if file in named and file.exists():
        return file
    sources = [Path(certifi.where()), *named, ca]
    certificates = dict.fromkeys(found for source in sources for found in _certificates(source))
    content = b"\n".join(certificates) + b"\n"
    if not file.exists() or file.read_bytes() != content:
        write_private(file, content)
    return file


def _certificates(source: Path) -> Iterator[bytes]:
    """Read those in a file, or in the files of a folder; none where it cannot be read: clients say so better."""
    for file in sorted(source.iterdir()) if source.is_dir() else [source]:
        with suppress(OSError):
            yield from _CERTIFICATE.findall(file.read_bytes())

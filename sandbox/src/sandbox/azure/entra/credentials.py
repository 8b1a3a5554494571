"""The sandbox's service principals: created once, kept in files that only their owner may read."""

import json
import secrets
import uuid
from dataclasses import asdict, dataclass, field
from typing import Final

from filelock import FileLock

from sandbox.paths import SandboxPaths
from sandbox.private_files import write_private

TENANT: Final = "11111111-1111-1111-1111-111111111111"
SUBSCRIPTION: Final = "00000000-0000-0000-0000-000000000000"
"""For clients that name none; any other GUID is a subscription too."""

TRIDENT_CLIENT: Final = "33333333-3333-3333-3333-333333333333"
"""The app registration for Trident: fixed, so that a committed stack file may name it."""

_LOCK_SECONDS: Final = 30


@dataclass(frozen=True)
class ServicePrincipal:
    """An app registration with a secret. `client_secret` never appears in a log, a representation or the database."""

    tenant_id: str
    client_id: str
    object_id: str
    client_secret: str = field(repr=False)

    @property
    def name(self) -> str:
        """The name that the directory shows."""
        return "trident" if self.client_id == TRIDENT_CLIENT else "sandbox-owner"


def ensure(paths: SandboxPaths) -> ServicePrincipal:
    """Return the owner of the sandbox's subscriptions, which clients of the sandbox are by default."""
    return _kept(paths, "service-principal.json", str(uuid.uuid4()))


def ensure_trident(paths: SandboxPaths) -> ServicePrincipal:
    """Return the principal of Trident where it logs in with a client secret: a contributor, not the owner."""
    return _kept(paths, "trident-service-principal.json", TRIDENT_CLIENT)


def _client_secret() -> str:
    """Return a new secret. It does not begin with a -, which the Azure CLI takes for an option of `az login`."""
    return f"{secrets.token_hex(2)}~{secrets.token_urlsafe(27)}"


def _kept(paths: SandboxPaths, name: str, client_id: str) -> ServicePrincipal:
    file = paths.root / name
    paths.root.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{file}.lock", timeout=_LOCK_SECONDS):
        if not file.exists():
            new = ServicePrincipal(TENANT, client_id, str(uuid.uuid4()), _client_secret())
            write_private(file, json.dumps(asdict(new), indent=2).encode())
        try:
            return ServicePrincipal(**json.loads(file.read_text()))
        except (ValueError, TypeError):
            text = f"{file} is not the file of a service principal. Remove it to have a new one made."
            raise RuntimeError(text) from None

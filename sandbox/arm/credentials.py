"""The sandbox's service principal: made once, kept in a file that only its owner may read."""

import json
import secrets
import uuid
from dataclasses import asdict, dataclass, field
from typing import Final

from filelock import FileLock

from sandbox.arm.private_files import write_private
from sandbox.paths import SandboxPaths

TENANT: Final = "11111111-1111-1111-1111-111111111111"
SUBSCRIPTION: Final = "00000000-0000-0000-0000-000000000000"
"""For clients that name none; any other GUID is a subscription too."""

_LOCK_SECONDS: Final = 30


@dataclass(frozen=True)
class ServicePrincipal:
    """Who clients of the sandbox are. `client_secret` never appears in a log, a representation or the database."""

    tenant_id: str
    client_id: str
    object_id: str
    client_secret: str = field(repr=False)


def ensure(paths: SandboxPaths) -> ServicePrincipal:
    """The service principal of a sandbox, made at first call."""
    file = paths.root / "service-principal.json"
    paths.root.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{file}.lock", timeout=_LOCK_SECONDS):
        if not file.exists():
            made = ServicePrincipal(TENANT, str(uuid.uuid4()), str(uuid.uuid4()), secrets.token_urlsafe(30))
            write_private(file, json.dumps(asdict(made), indent=2).encode())
        try:
            return ServicePrincipal(**json.loads(file.read_text()))
        except (ValueError, TypeError):
            raise RuntimeError(
                f"{file} is not the file of a service principal. Remove it to have a new one made."
            ) from None

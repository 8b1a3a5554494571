"""Start, find and stop the emulator as a process of its own."""

import ssl
import sys
import urllib.request
from collections.abc import Mapping
from typing import Final
from urllib.error import URLError

from sandbox.azure.durations import PROFILES
from sandbox.azure.entra import credentials
from sandbox.azure.http import certificates
from sandbox.azure.instance import Instance
from sandbox.errors import SandboxError
from sandbox.paths import SandboxPaths
from sandbox.process import BackgroundProcess

_READY_SECONDS: Final = 30.0


class ArmServiceError(SandboxError):
    """The emulator is not there, or cannot be started as asked."""


class ArmService:
    """The emulator of one sandbox. `port` None: that of the last start, or a free one.

    `overrides` are seconds per `TYPE:KIND` (`Microsoft.NetApp/netAppAccounts:create`), on top of the profile.
    """

    def __init__(
        self,
        paths: SandboxPaths,
        port: int | None = None,
        durations: str = "instant",
        overrides: Mapping[str, float] | None = None,
    ) -> None:
        if durations not in PROFILES:
            raise ArmServiceError(f"durations {durations!r} is not one of {', '.join(sorted(PROFILES))}")
        command = [sys.executable, "-m", "sandbox.azure", "--root", str(paths.root), "--durations", durations]
        if port is not None:
            command += ["--port", str(port)]
        for what, seconds in (overrides or {}).items():
            command += ["--duration", f"{what}={seconds}"]
        self._paths = paths
        self._process = BackgroundProcess(
            "arm",
            command,
            paths,
            lambda: (serving := self.running) is not None and _answers(serving.port, paths),
            awaited="that the Azure emulator answers GET /metadata/endpoints",
            start_timeout=_READY_SECONDS,
        )
        self.log = self._process.log

    @property
    def running(self) -> Instance | None:
        """The instance that serves the sandbox now, whoever started it."""
        record, instance = self._process.status(), Instance.read(self._paths)
        return instance if record and instance and instance.pid == record.pid else None

    def start(self) -> Instance:
        """Serve, and return when requests are answered. One that runs with these arguments is left as it is.

        Raises:
            BackgroundProcessError: it ended, or did not answer in time.
            ArmServiceError: it ended as soon as it had answered.

        """
        certificates.ensure(self._paths)
        credentials.ensure(self._paths)
        self._process.start()
        instance = self.running
        if instance is None:
            raise ArmServiceError(f"The Azure emulator ended right after its start. See {self.log}.")
        return instance

    def stop(self) -> bool:
        """End the process, if one serves; returns whether one did. State stays."""
        return self._process.stop()


def environment(paths: SandboxPaths) -> dict[str, str]:
    """What tells `pulumi`, its plugins and Azure's clients to use this sandbox's Azure; secrets included."""
    instance = Instance.read(paths)
    if instance is None:
        raise ArmServiceError(
            f"No Azure emulator has been started in {paths.root}: start it with python -m sandbox up."
        )
    principal, host = credentials.ensure(paths), f"127.0.0.1:{instance.port}"
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
        "REQUESTS_CA_BUNDLE": bundle,
        "SSL_CERT_FILE": bundle,
    }


def _answers(port: int, paths: SandboxPaths) -> bool:
    trust = ssl.create_default_context(cafile=str(certificates.ensure(paths).ca))
    try:
        with urllib.request.urlopen(
            f"https://127.0.0.1:{port}/metadata/endpoints?api-version=2022-09-01", context=trust, timeout=2
        ) as answer:
            return answer.status == 200
    except (URLError, OSError):
        return False

"""Start, find and stop the emulator as a process of its own."""

import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.error import URLError

import psutil

from sandbox.arm import certificates, credentials
from sandbox.arm.durations import PROFILES
from sandbox.arm.instance import Instance
from sandbox.errors import SandboxError
from sandbox.paths import PROJECT, SandboxPaths

_READY_SECONDS: Final = 30.0
_STOP_SECONDS: Final = 15.0
_POLL_SECONDS: Final = 0.05
_LOG_LINES: Final = 20


class ArmServiceError(SandboxError):
    """The emulator could not be started or stopped; the message says why, with the end of its log."""


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
        self._paths = paths
        self._port = port
        self._durations = durations
        self._overrides = dict(overrides or {})
        self._child: subprocess.Popen[bytes] | None = None
        self.log: Path = paths.logs / "arm.log"

    @property
    def running(self) -> Instance | None:
        """The instance that serves the sandbox now, whoever started it."""
        instance = Instance.read(self._paths)
        return instance if instance and instance.process(self._paths) else None

    def start(self) -> Instance:
        """Serve, and return when requests are answered. One that runs with these durations is left as it is."""
        running = self.running
        if (
            running
            and running.durations == self._durations
            and self._port in {None, running.port}
            and not self._overrides
        ):
            self._await_ready(running.pid)
            return running
        if running:
            self.stop()
        certificates.ensure(self._paths)
        credentials.ensure(self._paths)
        pid = self._spawn(self._choose_port())
        return self._await_ready(pid)

    def stop(self) -> bool:
        """End the process, if one serves; returns whether one did. State stays."""
        instance = self.running
        process = instance.process(self._paths) if instance else None
        if process is None:
            return False
        try:
            process.terminate()
            process.wait(_STOP_SECONDS)
        except psutil.NoSuchProcess:
            return True
        except psutil.TimeoutExpired:
            process.kill()
            process.wait(_STOP_SECONDS)
        return True

    def _choose_port(self) -> int:
        """The port asked for, or the last one if nobody has taken it since, or 0 for a free one."""
        if self._port is not None:
            return self._port
        last = Instance.read(self._paths)
        if last is None:
            return 0
        try:
            with socket.create_server(("127.0.0.1", last.port)):
                return last.port
        except OSError:
            return 0

    def _spawn(self, port: int) -> int:
        self._paths.logs.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "sandbox.arm", "--root", str(self._paths.root), "--port", str(port)]
        command += ["--durations", self._durations]
        for what, seconds in self._overrides.items():
            command += ["--duration", f"{what}={seconds}"]
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                command, cwd=PROJECT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        return self._child.pid

    def _await_ready(self, pid: int) -> Instance:
        deadline = time.monotonic() + _READY_SECONDS
        trust = ssl.create_default_context(cafile=str(certificates.ensure(self._paths).ca))
        while time.monotonic() < deadline:
            instance = Instance.read(self._paths)
            if instance and instance.pid == pid and _answers(instance.port, trust):
                return instance
            if not _alive(pid):
                if (other := self.running) and other.pid != pid:
                    pid = other.pid  # started by someone else at the same moment
                    continue
                raise ArmServiceError(f"The Azure emulator ended while it started. {self._log_tail()}")
            time.sleep(_POLL_SECONDS)
        raise ArmServiceError(
            f"The Azure emulator (pid {pid}) did not answer GET /metadata/endpoints within {_READY_SECONDS:.0f} s. "
            f"{self._log_tail()}"
        )

    def _log_tail(self) -> str:
        try:
            lines = self.log.read_text(errors="replace").splitlines()[-_LOG_LINES:]
        except OSError:
            lines = []
        return f"The end of {self.log}:\n" + "\n".join(lines)


def environment(paths: SandboxPaths) -> dict[str, str]:
    """What tells `pulumi`, its plugins and Azure's clients to use this sandbox's Azure; secrets included."""
    instance = Instance.read(paths)
    if instance is None:
        raise ArmServiceError(
            f"No Azure emulator has been started in {paths.root}: start it with python -m sandbox up."
        )
    principal, host = credentials.ensure(paths), f"127.0.0.1:{instance.port}"
    bundle = str(certificates.ensure(paths).ca_bundle)
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


def _alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _answers(port: int, trust: ssl.SSLContext) -> bool:
    try:
        with urllib.request.urlopen(
            f"https://127.0.0.1:{port}/metadata/endpoints?api-version=2022-09-01", context=trust, timeout=2
        ) as answer:
            return answer.status == 200
    except (URLError, OSError):
        return False

"""The helm binary, as a child process that ends with the operation it serves.

Nothing secret is on its command line: values go through standard input, credentials through standard input or a file
that only this user can read and that is gone when the operation ends. Helm's own folders are private and as
short-lived, so that no setting of the user's has a say.
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sandbox.providers.kubernetes.cancellation import Cancellation
from sandbox.providers.kubernetes.kubeconfig import Kubeconfig, KubeconfigError

_GRACE_SECONDS: Final = 15.0
"""For a helm that is asked to end to record that it was."""
_FOLDERS: Final = {"HELM_CACHE_HOME": "cache", "HELM_CONFIG_HOME": "config", "HELM_DATA_HOME": "data"}
_SETTINGS: Final = {
    "driver": "HELM_DRIVER",
    "pluginsPath": "HELM_PLUGINS",
    "registryConfigPath": "HELM_REGISTRY_CONFIG",
    "repositoryConfigPath": "HELM_REPOSITORY_CONFIG",
    "repositoryCache": "HELM_REPOSITORY_CACHE",
}
"""helmReleaseSettings of the provider resource, and the variables that tell helm."""

_FAILED: Final = re.compile(r"^(INSTALLATION|UPGRADE) FAILED: ")


class HelmError(Exception):
    """Helm failed, in its own words."""


class HelmTimeoutError(HelmError):
    """Helm was given a limit and did not end within it."""


class Helm:
    """One operation's helm: a private folder, the cluster's kubeconfig, and the children that run in it."""

    def __init__(self, folder: Path, environment: Mapping[str, str], cancellation: Cancellation) -> None:
        self.folder = folder
        self._environment = environment
        self._cancellation = cancellation

    def run(
        self,
        *arguments: str,
        text: str = "",
        limit: float | None = None,
        after_cancellation: bool = False,
    ) -> str:
        """Run a subcommand to its end and give its output.

        `text` goes to its standard input. `limit`: seconds until it is killed. `after_cancellation`: run it even then,
        to see what was left.
        """
        binary = shutil.which("helm")
        if binary is None:
            raise HelmError("the helm binary is not on PATH; https://helm.sh/docs/intro/install/ says how to get it")
        command = [binary, *arguments]
        # Its own session: Ctrl-C in a terminal is for the engine, which then says Cancel.
        process = subprocess.Popen(
            command,
            env=dict(self._environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        cancellation = Cancellation() if after_cancellation else self._cancellation
        with process, _Deadline(process, limit) as deadline, cancellation.calling(lambda: _end(process)):
            output, errors = process.communicate(text)
        if deadline.passed:
            raise HelmTimeoutError(f"helm {arguments[0]} did not end within {limit:.0f} s")
        if process.returncode < 0 and cancellation.requested:
            raise HelmError(f"helm {arguments[0]}: context canceled")
        if process.returncode:
            raise HelmError(_reason(errors, process.returncode))
        return output


@contextmanager
def helm(
    cancellation: Cancellation, kubeconfig: Kubeconfig | None = None, settings: Mapping[str, Any] | None = None
) -> Generator[Helm]:
    """A helm for one operation. `kubeconfig`: its cluster. `settings`: the provider's helmReleaseSettings."""
    with tempfile.TemporaryDirectory(prefix="helm-") as name:
        folder = Path(name)
        # Variables of the user's shell that would name another cluster, namespace or repository list.
        environment = {key: value for key, value in os.environ.items() if not key.startswith("HELM_")}
        environment |= {variable: str(folder / part) for variable, part in _FOLDERS.items()}
        environment |= {_SETTINGS[key]: str(value) for key, value in (settings or {}).items() if key in _SETTINGS}
        environment["KUBECONFIG"] = str(folder / "kubeconfig")
        if kubeconfig is not None:
            try:
                document = json.dumps(kubeconfig.effective())
            except KubeconfigError as error:
                raise HelmError(f"Kubernetes cluster unreachable: {error}") from None
            with open(folder / "kubeconfig", "w", opener=_private) as file:
                file.write(document)
        yield Helm(folder, environment, cancellation)


class _Deadline:
    """Kills a process that takes too long."""

    def __init__(self, process: "subprocess.Popen[str]", seconds: float | None) -> None:
        self.passed = False
        self._process = process
        self._timer = threading.Timer(seconds, self._pass) if seconds is not None else None

    def __enter__(self) -> "_Deadline":
        if self._timer:
            self._timer.daemon = True
            self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._timer:
            self._timer.cancel()

    def _pass(self) -> None:
        self.passed = True
        self._process.kill()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, mode=0o600)


def _end(process: "subprocess.Popen[str]") -> None:
    """Ask helm to end, which lets it mark its release as failed, and make sure that it does."""
    process.terminate()
    timer = threading.Timer(_GRACE_SECONDS, process.kill)
    timer.daemon = True
    timer.start()


def _reason(said: str, code: int) -> str:
    """Helm's message without its marks and its warnings."""
    _, mark, message = f"\n{said}".partition("\nError: ")
    if mark:
        return _FAILED.sub("", message).strip()
    warned = " ".join(line.strip() for line in said.splitlines()).strip()
    return warned or (f"helm was ended by signal {-code}" if code < 0 else f"helm failed with exit code {code}")

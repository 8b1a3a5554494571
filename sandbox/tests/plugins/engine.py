"""The genuine engine with the plugins of a sandbox."""

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager

import pytest

from sandbox.paths import SandboxPaths
from sandbox.tools import ensure


@contextmanager
def engine(paths: SandboxPaths, more: Mapping[str, str] | None = None) -> Generator[None]:
    """Let this process find the engine, and the engine its plugins and its state: the SDK looks in its own PATH."""
    paths.pulumi_state.mkdir(parents=True, exist_ok=True)
    variables = {
        "PATH": os.pathsep.join([str(paths.tools), str(ensure(["pulumi"]).path("pulumi").parent), os.environ["PATH"]]),
        "PULUMI_HOME": str(paths.pulumi_home),
        "PULUMI_BACKEND_URL": paths.pulumi_state.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "not a secret",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        **(more or {}),
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        yield

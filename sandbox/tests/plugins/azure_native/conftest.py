"""A running plugin, and a small Azure whose answers a test writes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from tests.plugins.azure_native.fake_azure import FakeAzure
from tests.plugins.azure_native.plugin_process import CREDENTIALS, Plugin, StartPlugin


@pytest.fixture(scope="session")
def start_plugin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartPlugin]:
    """Starts a plugin with these variables in its environment, and none of this machine's that it would heed.

    `engine` is the address of an engine, whose end of the plugin's standard input the test then holds.
    """
    started: list[Plugin] = []
    folder = tmp_path_factory.mktemp("plugins")

    def start(environment: dict[str, str], engine: str = "") -> Plugin:
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(("ARM_", "AZURE_"))}
        log = folder / f"plugin-{len(started)}.log"
        with log.open("w") as stderr:
            process = subprocess.Popen(
                [sys.executable, "-m", "sandbox.plugins.azure_native", *([engine] if engine else [])],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                env={**inherited, **environment},
            )
        started.append(Plugin(process, log))
        return started[-1]

    yield start
    for plugin in started:
        plugin.process.terminate()
    for plugin in started:
        plugin.close()


@pytest.fixture(scope="session")
def certificate_authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[trustme.CA, Path]:
    authority = trustme.CA()
    bundle = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    return authority, bundle


@pytest.fixture(scope="session")
def shared_azure(certificate_authority: tuple[trustme.CA, Path]) -> Iterator[FakeAzure]:
    azure = FakeAzure(certificate_authority[0])
    yield azure
    azure.close()


@pytest.fixture
def azure(shared_azure: FakeAzure) -> FakeAzure:
    """An Azure that has nothing: a test says what it answers."""
    shared_azure.forget()
    return shared_azure


@pytest.fixture(scope="session")
def azure_environment(shared_azure: FakeAzure, certificate_authority: tuple[trustme.CA, Path]) -> dict[str, str]:
    bundle = str(certificate_authority[1])
    return {
        **CREDENTIALS,
        "ARM_METADATA_HOSTNAME": shared_azure.host,
        "REQUESTS_CA_BUNDLE": bundle,
        "SSL_CERT_FILE": bundle,
    }


@pytest.fixture(scope="session")
def plugin(start_plugin: StartPlugin, azure_environment: dict[str, str]) -> Plugin:
    """A plugin that is configured for koreacentral."""
    plugin = start_plugin(azure_environment)
    plugin.configure(location="koreacentral")
    return plugin


@pytest.fixture(scope="module")
def another_plugin(start_plugin: StartPlugin, azure_environment: dict[str, str]) -> Plugin:
    """A plugin that a test configures otherwise."""
    return start_plugin(azure_environment)

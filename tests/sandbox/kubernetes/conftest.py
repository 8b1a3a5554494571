import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
from kubernetes import client, config, watch
from pulumi.runtime.proto import engine_pb2_grpc, provider_pb2_grpc

from sandbox.providers.kubernetes.servicer import KubernetesProvider
from sandbox.providers.plugin import Engine
from sandbox.toolchain import Toolchain
from tests.sandbox.conftest import RunningControlPlane, running_control_plane
from tests.sandbox.kubernetes.kubernetes_objects import Background
from tests.sandbox.kubernetes.kubernetes_plugin import TIMING, TIMING_VARIABLE, Plugin, PluginProcess, RecordingEngine

StartPlugin = Callable[..., Plugin]


@pytest.fixture(scope="package")
def serve_engine() -> Iterator[Callable[[], tuple[RecordingEngine, str]]]:
    """Start an engine for a plugin to talk to; returns its address, too."""
    servers: list[grpc.Server] = []

    def serve() -> tuple[RecordingEngine, str]:
        recorder = RecordingEngine()
        server = grpc.server(ThreadPoolExecutor(max_workers=8))
        engine_pb2_grpc.add_EngineServicer_to_server(recorder, server)
        address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
        server.start()
        servers.append(server)
        return recorder, address

    yield serve
    for server in servers:
        server.stop(grace=0)


@pytest.fixture(scope="package")
def start_process(
    serve_engine: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., PluginProcess]]:
    """Start the plugin as the engine does: a process that says its port."""
    running: list[subprocess.Popen[str]] = []

    def start(settings: Mapping[str, Any], **environment: str) -> PluginProcess:
        recorder, address = serve_engine()
        output = tmp_path_factory.mktemp("plugin") / "stderr"
        with output.open("w") as stderr:
            process = subprocess.Popen(
                [sys.executable, "-m", "sandbox.providers.kubernetes", address],
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                env={**os.environ, TIMING_VARIABLE: json.dumps(TIMING), **environment},
                cwd=Path(__file__).parents[3],
            )
        running.append(process)
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        assert port, output.read_text()
        channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        plugin = PluginProcess(provider_pb2_grpc.ResourceProviderStub(channel), recorder, process, output)
        plugin.configure(settings)
        return plugin

    yield start
    for process in running:
        process.kill()
        process.wait()


@pytest.fixture(scope="package")
def start_plugin(serve_engine: Any) -> Iterator[StartPlugin]:
    """Serve the plugin from this process, which is quicker; configured if settings are given."""
    servers: list[grpc.Server] = []

    def start(settings: Mapping[str, Any] | None = None, timing: Mapping[str, float] = TIMING) -> Plugin:
        recorder, address = serve_engine()
        server = grpc.server(ThreadPoolExecutor(max_workers=16))
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(KubernetesProvider(Engine(address)), server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        servers.append(server)
        plugin = Plugin(provider_pb2_grpc.ResourceProviderStub(grpc.insecure_channel(f"127.0.0.1:{port}")), recorder)
        if settings is not None:
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv(TIMING_VARIABLE, json.dumps(timing))
                plugin.configure(settings)
        return plugin

    yield start
    for server in servers:
        server.stop(grace=0)


@pytest.fixture(scope="package")
def control_plane(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningControlPlane]:
    with running_control_plane(tmp_path_factory.mktemp("control-plane"), toolchain) as running:
        yield running


@pytest.fixture(scope="package")
def kubeconfig(control_plane: Any) -> str:
    return control_plane.kubeconfig.read_text()


@pytest.fixture(scope="package")
def plugin(start_process: Callable[..., PluginProcess], kubeconfig: str) -> PluginProcess:
    """A plugin for the control plane, with the settings that a program gives by default."""
    return start_process({"kubeconfig": kubeconfig})


@pytest.fixture(scope="package")
def mutable_plugin(start_plugin: StartPlugin, kubeconfig: str) -> Plugin:
    """A plugin whose Secrets and ConfigMaps change in place."""
    settings = {"kubeconfig": kubeconfig, "enableSecretMutable": "true", "enableConfigMapMutable": True}
    return start_plugin(settings)


@pytest.fixture(scope="package")
def core(control_plane: Any) -> Any:
    """The cluster as someone else sees and changes it."""
    return client.CoreV1Api(config.new_client_from_config(str(control_plane.kubeconfig)))


@pytest.fixture
def namespace(core: Any) -> str:
    """A namespace of the test's own."""
    made = core.create_namespace({"metadata": {"generateName": "test-"}})
    # Pods of a new namespace are refused until its service account is there.
    name: str = made.metadata.name
    events: Any = watch.Watch().stream(core.list_namespaced_service_account, name, timeout_seconds=30)
    assert any(event["type"] == "ADDED" for event in events), "the namespace has no service account"
    return name


@pytest.fixture
def background() -> Iterator[Background]:
    with ThreadPoolExecutor() as pool:
        yield pool.submit

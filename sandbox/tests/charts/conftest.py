"""Helm as it is in the genuine kubernetes plugin, with the sandbox in the place of every chart repository."""

import json
import subprocess
from collections.abc import Generator
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from sandbox.charts import ChartServer, chart_hosts, launcher, own_chart
from sandbox.plugins.azure_native.values import read, write
from sandbox.tools import ensure

Objects = dict[tuple[str, str], dict[str, Any]]
REPOSITORIES = {chart.name: chart.repositories[0] for chart in own_chart.all_charts()}


class Helm:
    """`helm template` in the plugin (its function kubernetes:helm:template)."""

    def __init__(self, plugin: provider_pb2_grpc.ResourceProviderStub) -> None:
        self._plugin = plugin

    def __call__(self, name: str, version: str, **values: Any) -> Objects:
        options = {
            "chart": name,
            "version": version,
            "fetch_opts": {"repo": REPOSITORIES[name]},
            "release_name": "it",
            "namespace": "its-namespace",
            "kube_version": "1.37.2",
            "values": values,
        }
        arguments = write({"jsonOpts": json.dumps(options)})
        request = provider_pb2.InvokeRequest(tok="kubernetes:helm:template", args=arguments)
        answer = read(getattr(self._plugin.Invoke(request), "return")).values
        return {(found["kind"], found["metadata"]["name"]): found for found in answer["result"]}

    def error(self, name: str, version: str, **values: Any) -> str:
        with pytest.raises(grpc.RpcError) as failure:
            self(name, version, **values)
        return str(failure.value)


@pytest.fixture(scope="package")
def render(tmp_path_factory: pytest.TempPathFactory) -> Generator[Helm]:
    folder = tmp_path_factory.mktemp("charts")
    server = ChartServer(folder / "server", chart_hosts())
    server.start()
    genuine = ensure(["pulumi-resource-kubernetes"]).path("pulumi-resource-kubernetes")
    script = folder / "launcher"
    script.write_text(launcher(genuine, folder / "server"))
    no_engine = "127.0.0.1:1"
    with subprocess.Popen(["sh", str(script), no_engine], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        with grpc.insecure_channel(f"127.0.0.1:{process.stdout.readline().strip()}") as channel:
            stub = provider_pb2_grpc.ResourceProviderStub(channel)
            stub.Configure(provider_pb2.ConfigureRequest(variables={"kubernetes:config:kubeconfig": "{}"}))
            yield Helm(stub)
        process.kill()
    server.stop()

"""The nodes follow the pools that Azure has, on a real control plane."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from sandbox.azure.aks.agent_pools import FIRST, AgentPools
from sandbox.azure.store import Store
from sandbox.kube.api import KubeApi
from sandbox.kube.objects import Json, condition
from sandbox.nodes.aks_nodes import nodes_of
from sandbox.nodes.node_pools import NodePools
from tests.nodes.world import RunningSandbox, eventually

SECONDS = 60


@pytest.fixture
def pools(running: RunningSandbox) -> Iterator[AgentPools]:
    stop, ready = threading.Event(), threading.Event()
    with closing(Store(running.paths.arm_database)) as store:
        pools = AgentPools(store)
        controller = NodePools(KubeApi(running.paths.kubeconfig), pools)
        thread = threading.Thread(target=controller.run, args=(stop, ready), daemon=True)
        thread.start()
        assert ready.wait(SECONDS), "the nodes have not been compared with the pools"
        yield pools
        stop.set()
        controller.interrupt()
        thread.join(SECONDS)


def nodes(running: RunningSandbox, pool: str) -> list[str]:
    items: list[Json] = running.api.get("/api/v1/nodes")["items"]
    mine = [node for node in items if node["metadata"]["labels"].get("agentpool") == pool and condition(node, "Ready")]
    return [node["metadata"]["name"] for node in mine]


def scale(pools: AgentPools, name: str, count: int, **wanted: str) -> None:
    pools.put(name, {"count": count, **wanted}, time.time(), 0.0)


def test_a_new_pool_brings_nodes_and_takes_them_along(running: RunningSandbox, pools: AgentPools) -> None:
    scale(pools, "extra", 2, osType="Windows")
    two = ["aksextra000000", "aksextra000001"]
    eventually(lambda: nodes(running, "extra") == two, "the nodes of the new pool are ready", SECONDS)
    pool = pools.find("extra", time.time())
    assert pool is not None
    pools.delete(pool, time.time(), 0.0)
    eventually(lambda: nodes(running, "extra") == [], "the nodes of the deleted pool are gone", SECONDS)


def test_a_pool_that_shrinks_is_drained_of_its_pods(running: RunningSandbox, pools: AgentPools) -> None:
    scale(pools, "nodepool1", 2)
    second = "aks-nodepool1-38601234-vmss000001"
    eventually(lambda: second in nodes(running, "nodepool1"), "the second node is ready", SECONDS)
    container: Json = {"name": "main", "image": "example.com/image"}
    pod: Json = {"metadata": {"name": "drained"}, "spec": {"containers": [container], "nodeName": second}}
    running.api.create("/api/v1/namespaces/default/pods", pod)
    at = "/api/v1/namespaces/default/pods/drained"
    eventually(lambda: condition(running.api.get(at), "Ready"), "the Pod is ready", SECONDS)
    scale(pools, "nodepool1", 1)
    eventually(lambda: second not in nodes(running, "nodepool1"), "the second node is gone", SECONDS)
    assert running.api.find(at) is None


def test_nodes_have_addresses_of_their_own_and_names_that_windows_takes() -> None:
    grown = nodes_of(replace(pool, count=100) for pool in FIRST)
    assert len({node.address for node in grown}) == len({node.name for node in grown}) == 200
    assert all(len(node.name) <= 15 for node in grown if node.operating_system == "windows")
    assert grown[10].name == "aks-nodepool1-38601234-vmss00000a"

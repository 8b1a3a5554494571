"""The estate of a new sandbox: as sandbox.yaml describes it, once, and refused where it cannot be."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import project_file
from sandbox.azure.ids import ACCOUNTS, ACTION_GROUPS, CAPACITY_POOLS, VIRTUAL_NETWORKS, ResourceId
from sandbox.azure.network.reach import answering, reaches
from sandbox.azure.store import Store
from sandbox.errors import SandboxError
from sandbox.estate.description import DEFAULT
from sandbox.estate.estate import Estate
from sandbox.estate.seeding import seed

SUBSCRIPTION, OTHER = "00000000-0000-0000-0000-000000000000", "00000000-0000-0000-0000-00000000000A"
DESCRIBED = f"""
estate:
  - subscription: {SUBSCRIPTION}
    location: koreacentral
    networks:
      - {{resourceGroup: rg-hub, name: vnet-hub, addressSpace: [10.40.0.0/16], subnets: {{servers: 10.40.0.0/24}}}}
      - resourceGroup: rg-aks
        name: vnet-aks
        addressSpace: [10.50.0.0/16]
        subnets: {{nodes: 10.50.0.0/22}}
        dnsServers: [10.40.0.4]
        peerings: [rg-hub/vnet-hub]
    domainControllers: [{{domain: contoso.com, addresses: [10.40.0.4, 10.40.0.5]}}]
    clusters: [{{resourceGroup: rg-aks, name: aks, nodes: rg-aks/vnet-aks/nodes}}]
    netAppAccounts:
      - resourceGroup: rg-files-team
        name: files-team
        location: koreasouth
        activeDirectory: {{domain: contoso.com, dnsServers: [10.40.0.4], smbServerName: FILES, username: files-join}}
        pools: [{{name: archive, sizeTiB: 2}}]
    actionGroups: [{{resourceGroup: rg-monitoring, name: storage-on-call-team}}]
  - subscription: {OTHER}
    location: westeurope
    networks:
      - resourceGroup: rg-spoke
        name: vnet-spoke
        addressSpace: [10.60.0.0/16]
        peerings: [/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-hub/providers/{VIRTUAL_NETWORKS}/vnet-hub]
"""


def network(subscription: str, group: str, name: str) -> str:
    return f"/subscriptions/{subscription.lower()}/resourceGroups/{group}/providers/{VIRTUAL_NETWORKS}/{name}"


HUB, NODES = network(SUBSCRIPTION, "rg-hub", "vnet-hub"), network(SUBSCRIPTION, "rg-aks", "vnet-aks")
SPOKE = network(OTHER, "rg-spoke", "vnet-spoke")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "arm.sqlite")
    yield store
    store.close()


def seeded(store: Store, folder: Path, content: str) -> None:
    (folder / "sandbox.yaml").write_text(content)
    seed(store, project_file.estate(folder))


def in_reach(store: Store, source: str, target: str, address: str) -> bool:
    return reaches(store, ResourceId.parse(source), ResourceId.parse(target), address)


def test_a_described_estate_is_there(store: Store, tmp_path: Path) -> None:
    seeded(store, tmp_path, DESCRIBED)
    assert {str(each.id) for each in store.of_type(VIRTUAL_NETWORKS)} == {HUB, NODES, SPOKE}
    assert in_reach(store, NODES, HUB, "10.40.0.4")
    assert in_reach(store, HUB, SPOKE, "10.60.0.9")
    assert not in_reach(store, NODES, SPOKE, "10.60.0.9")
    assert [each.domain for each in answering(store, ResourceId.parse(NODES), ["10.40.0.5"])] == ["contoso.com"]
    [account], [pool] = store.of_type(ACCOUNTS), store.of_type(CAPACITY_POOLS)
    assert (account.id.name, account.location, account.state) == ("files-team", "koreasouth", "Succeeded")
    assert account.properties["activeDirectories"][0]["username"] == "files-join"
    assert (pool.properties["serviceLevel"], pool.properties["size"]) == ("Premium", 2 * 1024**4)
    [group] = store.of_type(ACTION_GROUPS)
    assert (group.id.name, group.location) == ("storage-on-call-team", "Global")


def test_what_a_user_deletes_stays_deleted_and_nothing_is_doubled(store: Store, tmp_path: Path) -> None:
    seeded(store, tmp_path, DESCRIBED)
    Estate(store).unpeer(NODES, HUB)
    before = [dict(row) for row in store.query("SELECT * FROM resources ORDER BY key")]
    seeded(store, tmp_path, DESCRIBED)
    assert [dict(row) for row in store.query("SELECT * FROM resources ORDER BY key")] == before
    assert not in_reach(store, NODES, HUB, "10.40.0.4")


def test_without_a_description_there_is_a_hub_and_a_network_of_nodes(store: Store, tmp_path: Path) -> None:
    seeded(store, tmp_path, "secrets: {}")
    assert project_file.estate(tmp_path / "elsewhere") == DEFAULT
    assert {each.id.name for each in store.of_type(VIRTUAL_NETWORKS)} == {"vnet-hub", "vnet-aks"}


def test_an_empty_estate_is_empty(store: Store, tmp_path: Path) -> None:
    seeded(store, tmp_path, "estate: []")
    assert store.query("SELECT * FROM resources") == []


def test_a_network_of_a_test_reaches_servers_and_nodes_once_it_is_connected(store: Store) -> None:
    seed(store, DEFAULT)
    estate, mine = Estate(store), network(SUBSCRIPTION, "rg-mine", "vnet-mine")
    estate.network(mine, ["10.60.0.0/16"])
    assert not in_reach(store, mine, HUB, "10.40.0.4")
    estate.connect(mine)
    assert in_reach(store, mine, HUB, "10.40.0.4")
    assert in_reach(store, NODES, mine, "10.60.1.4")
    for one, other in ((mine, HUB), (HUB, mine)):
        estate.unpeer(one, other)
        assert not in_reach(store, mine, HUB, "10.40.0.4")
        estate.peer(mine, HUB)
        assert in_reach(store, mine, HUB, "10.40.0.4")


@pytest.mark.parametrize(
    ("was", "is_", "said"),
    [
        ("koreasouth", "moon", r"estate\[0\].netAppAccounts\[0\].location: .*no such region.*'moon'"),
        ("10.40.0.0/16]", "10.40.0.1/16]", r"networks\[0\].addressSpace\[0\]: .*host bits set.*such as 10.40.0.0/16"),
        ("dnsServers: [10.40.0.4]\n", "dnsServers: [dc]\n", r"networks\[1\].dnsServers\[0\]: .*such as 10.40.0.4"),
        ("addresses:", "address:", r"domainControllers\[0\].addresses: Field required(.|\n)*\.address: Extra inputs"),
        ("subscription: 0", "subscription: x", "write a UUID"),
        ("10.50.0.0/16]", "10.40.0.0/16]", "networks, rg-aks/vnet-aks: .*NetcfgSubnetRangeOutsideVnet"),
        ("peerings: [rg-hub/", "peerings: [rg-none/", "peerings, rg-none/vnet-hub: InvalidGlobalResourceReference"),
        ("nodes: rg-aks/vnet-aks/nodes", "nodes: vnet-aks", "clusters, rg-aks/aks, nodes: 'vnet-aks' is no subnet"),
        ("10.40.0.5]", "10.99.0.5]", "domainControllers, contoso.com, 10.99.0.5: no network of the subscription has"),
        ("username: files-join", "username: ''", "netAppAccounts, rg-files-team/files-team: "),
    ],
)
def test_an_estate_that_cannot_be_is_refused_and_leaves_nothing(
    store: Store, tmp_path: Path, was: str, is_: str, said: str
) -> None:
    assert was in DESCRIBED
    with pytest.raises(SandboxError, match=said):
        seeded(store, tmp_path, DESCRIBED.replace(was, is_))
    assert store.query("SELECT * FROM resources") == []
    assert store.query("SELECT * FROM domain_controllers") == []
    seeded(store, tmp_path, DESCRIBED)

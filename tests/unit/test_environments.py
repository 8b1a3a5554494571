"""The three committed stacks: each is valid, they do not conflict, and none contains a plain-text secret."""

import functools
from collections.abc import Callable
from ipaddress import IPv4Network
from itertools import combinations
from typing import Final

import pytest

from settings import Settings
from tests.unit.stack_config import load
from tests.unit.unit_mocks import PROJECT, committed

STACKS: Final = ("dev", "staging", "prod")


@functools.cache
def settings(stack: str) -> Settings:
    return load(stack=stack)


@pytest.mark.parametrize("stack", STACKS)
def test_a_committed_stack_holds_no_secret(stack: str) -> None:
    text = (PROJECT / f"Pulumi.{stack}.yaml").read_text()
    for word in ("secure", "assword", "ecret", "encryptionsalt"):
        assert word not in text


def test_every_stack_is_protected_so_that_whoever_deletes_it_is_asked_twice() -> None:
    assert all(settings(stack).protect for stack in STACKS)


def test_dev_is_the_smallest_that_shows_both_ways() -> None:
    dev = settings("dev")
    assert (dev.pools[0].service_level, dev.pools[0].size_tib) == ("Standard", 1)
    assert len(dev.volumes) == len(dev.dynamic_claims) == 1
    assert dev.snapshot_policies == []


def test_prod_is_fast_protected_and_has_snapshots_of_every_volume() -> None:
    prod = settings("prod")
    assert prod.pools[0].service_level == "Premium"
    assert len(prod.volumes) >= 3
    assert all(volume.snapshot_policy for volume in prod.volumes)
    assert prod.alerts
    assert not prod.sample_workload


def test_staging_is_prods_smaller_rehearsal() -> None:
    staging, prod = settings("staging"), settings("prod")
    assert all(volume.snapshot_policy for volume in staging.volumes)
    assert 1 < len(staging.volumes) < len(prod.volumes)
    assert (staging.pools[0].size_tib or 0) < (prod.pools[0].size_tib or 0)
    assert committed("staging").keys() == committed("prod").keys()


APART: Final[dict[str, Callable[[Settings], object]]] = {
    "resource group": lambda stack: stack.resource_group.name,
    "account": lambda stack: stack.account.name,
    "virtual network": lambda stack: stack.network.virtual_network_id,
    "user who joins": lambda stack: stack.active_directory and stack.active_directory.username,
    "SMB servers": lambda stack: stack.active_directory and stack.active_directory.smb_server_name,
    "user who mounts": lambda stack: stack.smb_user.username,
    "cluster": lambda stack: stack.cluster.args.get("aks"),
}


@pytest.mark.parametrize("what", APART)
def test_each_environment_has_its_own(what: str) -> None:
    for one, other in combinations(STACKS, 2):
        assert APART[what](settings(one)) != APART[what](settings(other))


def test_each_environment_has_its_own_subscription_and_addresses_that_can_be_peered() -> None:
    assert len({committed(stack)["azure-native:subscriptionId"] for stack in STACKS}) == len(STACKS)
    for one, other in combinations(STACKS, 2):
        subnets = [IPv4Network(settings(stack).network.subnet_prefix or "") for stack in (one, other)]
        assert not subnets[0].overlaps(subnets[1])


@pytest.mark.parametrize("stack", STACKS)
def test_a_committed_stack_has_its_subnet_in_an_existing_network(stack: str) -> None:
    network = settings(stack).network
    assert {*network.given} == {"virtualNetworkId", "subnet", "subnetPrefix"}

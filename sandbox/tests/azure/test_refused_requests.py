"""A refused request leaves the emulator's store as it was, also where it had begun to change it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sandbox import faults
from sandbox.azure.changes import Changes, Conditions
from sandbox.azure.errors import ArmError
from sandbox.azure.identity.identities import UserAssignedIdentities
from sandbox.azure.ids import ResourceId
from sandbox.azure.model import Desired, Model, ResourceType
from sandbox.azure.network.virtual_networks import VirtualNetworks
from sandbox.azure.registry import TYPES
from sandbox.azure.store import Resource, Store
from tests.azure.names import ACCOUNT, GROUP, POOL, REGION, SUBNET, VNET, VOLUME
from tests.azure.world import World, account_body, directory, network_body, pool_body, subnet_body, volume_body

Request = Callable[[Changes], object]


def content(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    tables = [row["name"] for row in store.query("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {table: [tuple(row) for row in store.query(f"SELECT * FROM {table} ORDER BY rowid")] for table in tables}


def put(resource: str, body: dict[str, Any], **conditions: str) -> Request:
    return lambda model: model.put(ResourceId.parse(resource), body, Conditions(**conditions))


def delete(resource: str, **conditions: str) -> Request:
    return lambda model: model.delete(ResourceId.parse(resource), Conditions(**conditions))


def refused(model: Changes, request: Request) -> str:
    """The code of a refusal that changes nothing, now and after a restart."""
    before = content(model.store)
    with pytest.raises(ArmError) as refusal:
        request(model)
    assert content(model.store) == before
    again = Store(model.store.path)
    assert content(again) == before
    again.close()
    return refusal.value.code


@pytest.mark.parametrize(
    "request_",
    [
        put(VOLUME, volume_body(gib=10)),
        put(f"{POOL}/volumes/second", volume_body()),
        put(POOL, pool_body(0.5)),
        put(ACCOUNT, account_body(directory(username="new-user", password="New-pw-1", site=""), location="moon")),
        put(VNET, network_body("10.40.0.0/16", subnets=[])),
        put(SUBNET, subnet_body(service=None)),
        put(ACCOUNT, account_body(), if_none_match="*"),
        delete(ACCOUNT),
        delete(POOL),
        delete(SUBNET),
        delete(VNET),
        delete(VOLUME, if_match="another"),
        delete(f"{GROUP}-none"),
    ],
)
def test_a_refused_put_or_delete_leaves_the_store_as_it_was(world: World, request_: Request) -> None:
    world.up_to_volume()
    refused(world.model, request_)


def test_a_refused_account_enrols_no_user_in_the_directory(world: World) -> None:
    """The connection comes first: its password is stored when the encryption is refused."""
    world.group()
    body = account_body(directory(), encryption={"keySource": "Microsoft.KeyVault"})
    refused(world.model, put(ACCOUNT, body))
    assert world.model.directory.domain("contoso.com") is None


class LateRefusals(VirtualNetworks):
    """Virtual networks that refuse at the last moment, when network, operation and subnets are written."""

    def applied(self, model: Model, resource: Resource, desired: Desired) -> None:
        super().applied(model, resource, desired)
        raise ArmError(409, "TooLate", "The network is written.")


class LastingIdentities(UserAssignedIdentities):
    """Identities that refuse to go when their federated credentials are gone."""

    def removed(self, model: Model, resource: Resource) -> None:
        raise ArmError(409, "TooLate", "The federated credentials are gone.")


@pytest.fixture
def late(tmp_path: Path) -> Changes:
    changed: tuple[ResourceType, ...] = (LateRefusals(), LastingIdentities())
    world = World(tmp_path, types=TYPES | {rules.name.lower(): rules for rules in changed})
    world.group()
    return world.model


def test_a_put_that_is_refused_after_it_has_written_is_rolled_back(late: Changes) -> None:
    faults.set_fault(late.store, faults.Fault(operation="create", phase="operation"))
    body = network_body(subnets=[{"name": "anf", **subnet_body()}])
    assert refused(late, put(VNET, body)) == "TooLate"


def test_a_delete_that_is_refused_after_it_has_written_is_rolled_back(late: Changes) -> None:
    identity = f"{GROUP}/providers/{UserAssignedIdentities.name}/trident"
    put(identity, {"location": REGION})(late)
    trust = {"issuer": "https://issuer.example", "subject": "somebody", "audiences": ["anyone"]}
    put(f"{identity}/federatedIdentityCredentials/aks", {"properties": trust})(late)
    assert refused(late, delete(identity)) == "TooLate"

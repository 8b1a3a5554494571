"""A small Azure for tests of the model: a clock of its own, and the resources of the documentation in one call each."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from sandbox.azure.changes import Changes, Outcome
from sandbox.azure.durations import INSTANT, Durations
from sandbox.azure.errors import ArmError
from sandbox.azure.ids import ResourceId
from sandbox.azure.model import ResourceType
from sandbox.azure.network.machines import add_domain_controller
from sandbox.azure.operations import Operation
from sandbox.azure.registry import TYPES
from sandbox.azure.roles.role_assignments import forget_scope
from sandbox.azure.shares import ShareFiles
from sandbox.azure.store import Resource, Store
from tests.azure.names import ACCOUNT, GIB, GROUP, PASSWORD, POOL, REGION, SUBNET, TIB, VNET, VOLUME, Json


def network_body(*spaces: str, subnets: list[Json] | None = None, location: str = REGION) -> Json:
    properties: Json = {"addressSpace": {"addressPrefixes": list(spaces or ("10.40.0.0/16",))}}
    if subnets is not None:
        properties["subnets"] = subnets
    return {"location": location, "properties": properties}


def subnet_body(prefix: str = "10.40.1.0/26", service: str | None = "Microsoft.Netapp/volumes") -> Json:
    delegations = [{"name": "netapp", "properties": {"serviceName": service}}] if service else []
    return {"properties": {"addressPrefix": prefix, "delegations": delegations}}


def directory(**changes: Any) -> Json:
    entry: Json = {
        "username": "anf-join",
        "password": PASSWORD,
        "domain": "contoso.com",
        "dns": "10.40.0.4",
        "site": "Default-First-Site-Name",
        "smbServerName": "ANF",
    }
    return {name: value for name, value in (entry | changes).items() if value is not None}


def account_body(*entries: Json, location: str = REGION, **properties: Any) -> Json:
    return {"location": location, "properties": {"activeDirectories": list(entries), **properties}}


def pool_body(tib: float = 1, level: str = "Standard", location: str = REGION, **properties: Any) -> Json:
    return {"location": location, "properties": {"size": tib * TIB, "serviceLevel": level, **properties}}


def volume_body(gib: float = 100, token: str | None = "smb", location: str = REGION, **properties: Any) -> Json:
    merged: Json = {
        "creationToken": token,
        "subnetId": SUBNET,
        "usageThreshold": gib * GIB,
        "protocolTypes": ["CIFS"],
        "securityStyle": "ntfs",
        "networkFeatures": "Standard",
        **properties,
    }
    return {"location": location, "properties": {name: value for name, value in merged.items() if value is not None}}


class World:
    """A model whose time stands still until it is told to pass."""

    def __init__(
        self,
        folder: Path,
        durations: Durations = INSTANT,
        capacity_quota_tib: int = 25,
        types: Mapping[str, ResourceType] = TYPES,
    ) -> None:
        self.time = 1_800_000_000.0
        self.folder = folder
        self._durations = durations
        self._quota = capacity_quota_tib
        self._types = types
        self.files = ShareFiles(folder / "shares")
        self.model = self._open()

    def _open(self) -> Changes:
        return Changes(
            Store(self.folder / "arm.sqlite"),
            self._types,
            forget=forget_scope,
            durations=self._durations,
            files=self.files,
            capacity_quota_tib=self._quota,
            now=lambda: self.time,
        )

    def reopen(self) -> None:
        """What a restart of the emulator does."""
        self.model.store.close()
        self.model = self._open()

    def refusal(self, resource: str, body: Json) -> ArmError:
        """The refusal of a PUT."""
        with pytest.raises(ArmError) as refused:
            self.start(resource, body)
        return refused.value

    def kept(self, resource: str) -> str:
        """The refusal of a DELETE."""
        with pytest.raises(ArmError) as refused:
            self.model.delete(ResourceId.parse(resource))
        return str(refused.value)

    def ended(self, outcome: Outcome) -> Operation:
        """The operation that an outcome has started, as it is kept."""
        assert outcome.operation
        kept = self.model.operations.find(outcome.operation.id)
        assert kept
        return kept

    def put(self, resource: str, body: Json) -> Resource:
        """PUT, and let the operation end."""
        self.put_and_end(resource, body)
        return self.get(resource)

    def put_and_end(self, resource: str, body: Json) -> Outcome:
        """PUT, let the operation end as it may, and return it."""
        outcome = self.start(resource, body)
        self.finish(outcome)
        return outcome

    def start(self, resource: str, body: Json) -> Outcome:
        """PUT, and leave the operation under way."""
        return self.model.put(ResourceId.parse(resource), body)

    def patch(self, resource: str, body: Json) -> Resource:
        self.finish(self.model.patch(ResourceId.parse(resource), body))
        return self.get(resource)

    def delete(self, resource: str) -> None:
        self.finish(self.model.delete(ResourceId.parse(resource)))

    def get(self, resource: str) -> Resource:
        return self.model.get(ResourceId.parse(resource))

    def exists(self, resource: str) -> bool:
        self.model.settle()
        return self.model.find(ResourceId.parse(resource)) is not None

    def shown(self, resource: str) -> Json:
        """The properties that a GET shows."""
        found = self.get(resource)
        return self.model.type(found.id).show(self.model, found)

    def finish(self, outcome: Outcome) -> None:
        if outcome.operation:
            self.time = outcome.operation.due
            self.model.settle()

    def group(self) -> None:
        self.put(GROUP, {"location": REGION})

    def network(self) -> None:
        """A network with a domain controller and the delegated subnet."""
        self.put(VNET, network_body())
        self.put(SUBNET, subnet_body())
        self.domain_controller()

    def domain_controller(self, domain: str = "contoso.com", address: str = "10.40.0.4", network: str = VNET) -> None:
        add_domain_controller(self.model.store, domain, address, ResourceId.parse(network))

    def up_to_account(self) -> None:
        """Resource group, delegated subnet, account with the directory that it reaches."""
        self.group()
        self.network()
        self.put(ACCOUNT, account_body(directory()))

    def up_to_pool(self, **pool: Any) -> None:
        self.up_to_account()
        self.put(POOL, pool_body(**pool))

    def up_to_volume(self, **volume: Any) -> Resource:
        """All of it, and one SMB volume."""
        self.up_to_pool()
        return self.put(VOLUME, volume_body(**volume))

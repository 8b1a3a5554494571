"""The error for an object that does not become ready contains its controller's message."""

import asyncio
from typing import Any

import pulumi
import pytest
from pulumi.runtime.mocks import MockResourceArgs

from components.support.failure_status import failure_status
from tests.unit.unit_mocks import Cloud, Run, run

BACKEND = {
    "apiVersion": "trident.netapp.io/v1",
    "kind": "TridentBackendConfig",
    "metadata": {"namespace": "trident", "name": "backend"},
}


class Cluster(Cloud):
    """A server with one object that has a status."""

    def __init__(self, status: dict[str, Any] | None) -> None:
        super().__init__()
        self.status = status
        self.read: list[str] = []

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        if not args.resource_id:
            return super().new_resource(args)
        self.read.append(f"{args.typ} {args.resource_id}")
        return args.resource_id, {"status": self.status} if self.status is not None else {}


class Owner(pulumi.ComponentResource):
    def __init__(self) -> None:
        super().__init__("test:index:Owner", "owner")


def failing(
    cluster: Cluster,
    monkeypatch: pytest.MonkeyPatch,
    operation: str = "create",
    inputs: Any = BACKEND,
    error: str = "timed out",
) -> list[str]:
    """Return the log after a failed operation on the object."""
    logged: list[str] = []

    def log(message: str, resource: pulumi.Resource | None = None, **_: Any) -> None:
        assert resource is not None
        logged.append(message)

    monkeypatch.setattr(pulumi.log, "error", log)

    def program() -> None:
        hook = failure_status(Owner(), "status")
        args = pulumi.ErrorHookArgs(
            urn="", id="", name="", type="", new_inputs=inputs, failed_operation=operation, errors=[error]
        )
        answer = hook(args)
        assert not isinstance(answer, bool)
        pulumi.export("retry", pulumi.Output.from_input(asyncio.ensure_future(answer)))

    done: Run = run(program, cloud=cluster)
    assert done.outputs["retry"] is False
    return logged


def test_the_message_of_its_status_is_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Cluster({"message": "Failed to create backend: no capacity pools found"})
    assert failing(cluster, monkeypatch) == [
        "TridentBackendConfig backend says: Failed to create backend: no capacity pools found"
    ]
    assert cluster.read == ["kubernetes:trident.netapp.io/v1:TridentBackendConfig trident/backend"]


def test_what_is_in_no_namespace_is_read_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Cluster({"message": "Installing Trident"})
    orchestrator = BACKEND | {"kind": "TridentOrchestrator", "metadata": {"name": "trident"}}
    assert failing(cluster, monkeypatch, "update", orchestrator) == [
        "TridentOrchestrator trident says: Installing Trident"
    ]
    assert cluster.read == ["kubernetes:trident.netapp.io/v1:TridentOrchestrator trident"]


@pytest.mark.parametrize("status", [None, {}, {"message": ""}])
def test_what_has_nothing_to_say_says_nothing(monkeypatch: pytest.MonkeyPatch, status: dict[str, Any] | None) -> None:
    assert failing(Cluster(status), monkeypatch) == []


def test_what_could_not_be_deleted_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Cluster({"message": "Deleting"})
    assert failing(cluster, monkeypatch, "delete") == []
    assert cluster.read == []


def test_what_cannot_exist_yet_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Cluster({"message": "?"})
    assert failing(cluster, monkeypatch, error="the apiVersion for this resource does not exist") == []
    assert cluster.read == []

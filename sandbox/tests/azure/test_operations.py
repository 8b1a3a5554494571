"""Asynchronous operations: states on the way, one at a time, failures, faults, restarts."""

import dataclasses
from pathlib import Path

import pytest

from sandbox import faults
from sandbox.azure import shares
from sandbox.azure.changes import Conditions
from sandbox.azure.durations import REALISTIC, parse_override
from sandbox.azure.errors import ArmError
from sandbox.azure.http.replies import OperationLinks
from sandbox.azure.ids import ACCOUNTS as ACCOUNT_TYPE
from sandbox.azure.ids import CAPACITY_POOLS as POOL_TYPE
from sandbox.azure.ids import ResourceId
from sandbox.faults import PRESETS, Fault
from tests.azure.names import ACCOUNT, GIB, POOL, TIB, VOLUME
from tests.azure.world import World, account_body, directory, pool_body, volume_body


def test_a_share_is_there_from_the_end_of_a_creation_to_the_start_of_a_deletion(world: World) -> None:
    world.up_to_pool()
    outcome = world.start(VOLUME, volume_body())
    creating = world.get(VOLUME)
    assert (creating.state, creating.properties["mountTargets"]) == ("Creating", [])
    assert shares.everywhere(world.model.store) == []

    world.finish(outcome)
    assert world.get(VOLUME).state == "Succeeded"
    assert [share.name for share in shares.everywhere(world.model.store)] == ["smb"]
    resized = world.model.patch(ResourceId.parse(VOLUME), {"properties": {"usageThreshold": 200 * GIB}})
    [share] = shares.everywhere(world.model.store)
    assert (share.provisioning_state, share.size_bytes) == ("Patching", 200 * GIB)
    world.finish(resized)

    world.model.delete(ResourceId.parse(VOLUME))
    assert world.get(VOLUME).state == "Deleting"
    assert shares.find(world.model.store, share.fqdn) == []


def test_volumes_of_an_account_are_created_one_at_a_time(world: World) -> None:
    world.up_to_pool()
    world.start(VOLUME, volume_body())
    refusal = world.refusal(f"{POOL}/volumes/second", volume_body(token="second"))
    assert (refusal.status, refusal.code) == (409, "Conflict")
    assert refusal.message == (
        "Unable to create volume 'second'. Another volume creation is in progress. Please try again in a few minutes."
    )


@pytest.mark.parametrize("resource", [ACCOUNT, POOL, VOLUME])
def test_what_is_not_at_rest_is_not_changed(world: World, resource: str) -> None:
    world.up_to_volume()
    bodies = {ACCOUNT: account_body(directory()), POOL: pool_body(1), VOLUME: volume_body()}
    world.start(resource, bodies[resource])
    assert world.get(resource).state == "Updating"
    refusal = world.refusal(resource, bodies[resource])
    assert (refusal.status, refusal.code) == (409, "RequestConflict")
    assert f"Cannot modify resource with id '{resource}'" in refusal.message
    assert "provisioning state is not terminal" in refusal.message


def test_a_volume_needs_its_pool_to_be_ready_and_is_not_deleted_while_in_progress(world: World) -> None:
    world.up_to_account()
    pool = world.start(POOL, pool_body(1))
    refusal = world.refusal(VOLUME, volume_body())
    assert (refusal.status, refusal.code) == (412, "PreconditionFailed")
    assert refusal.message == "Volume Cannot be created in a pool that is not in state succeded."
    world.finish(pool)
    world.start(VOLUME, volume_body())
    assert "Volume is being created and cannot be deleted at the moment." in world.kept(VOLUME)


def test_a_parent_stays_blocked_a_while_after_its_child_answers_404(tmp_path: Path) -> None:
    world = World(tmp_path, durations=REALISTIC)
    world.up_to_volume()
    outcome = world.model.delete(ResourceId.parse(VOLUME))
    assert outcome.operation is not None

    world.time = outcome.operation.due - 1
    with pytest.raises(ArmError, match="ResourceNotFound"):
        world.get(VOLUME)
    assert "Can not delete resource before nested resources are deleted." in world.kept(POOL)

    world.time = outcome.operation.due
    world.delete(POOL)
    assert not world.exists(POOL)
    again = world.model.delete(ResourceId.parse(POOL))
    assert (again.resource, again.operation) == (None, None), "to delete what is not there is nothing"


def test_a_failed_creation_stays_failed_can_be_deleted_and_not_changed(world: World) -> None:
    world.up_to_pool()
    faults.set_fault(world.model.store, PRESETS["dns"])
    outcome = world.start(VOLUME, volume_body())
    world.finish(outcome)

    ended = world.ended(outcome)
    assert ended.status == "Failed"
    assert str(ended.error).startswith("InternalServerError: Error when creating - Could not query DNS server.")
    assert world.get(VOLUME).state == "Failed"
    assert shares.everywhere(world.model.store) == []
    assert world.refusal(VOLUME, volume_body()).message == "Volume was not found or was not created successfully."

    world.delete(VOLUME)
    assert world.put(VOLUME, volume_body()).state == "Succeeded"


def test_a_failed_update_leaves_what_was_and_a_failed_deletion_the_resource(world: World) -> None:
    before = world.up_to_volume().properties
    faults.set_fault(world.model.store, Fault(type=faults.VOLUMES, operation="update", phase="operation"))
    after = world.patch(VOLUME, {"properties": {"usageThreshold": 200 * GIB}})
    assert (after.state, after.properties) == ("Failed", before)
    again = world.patch(VOLUME, {"properties": {"usageThreshold": 200 * GIB}})
    assert (again.state, again.properties["usageThreshold"]) == ("Succeeded", 200 * GIB)

    faults.set_fault(world.model.store, Fault(operation="delete", phase="operation"))
    world.delete(VOLUME)
    assert world.get(VOLUME).state == "Failed"
    world.delete(VOLUME)
    assert not world.exists(VOLUME)


def test_a_change_is_answered_with_what_was_before_even_if_it_is_over_by_then(world: World) -> None:
    world.up_to_pool()
    outcome = world.start(POOL, pool_body(tib=4))
    world.finish(outcome)
    answer = OperationLinks(world.model, "https://localhost", "2024-09-01").changed(outcome, patch=False)
    assert (answer.body["properties"]["size"], answer.body["properties"]["provisioningState"]) == (TIB, "Updating")
    assert world.shown(POOL)["size"] == 4 * TIB


def test_faults_act_as_often_as_ordered_and_can_be_cleared(world: World) -> None:
    store = world.model.store
    world.group()
    twice = faults.set_fault(store, dataclasses.replace(PRESETS["throttle"], times=2))
    always = faults.set_fault(store, Fault(operation="delete", times=None))
    assert faults.list_faults(store)[twice][1] == 2
    for _ in range(2):
        throttled = world.refusal(ACCOUNT, account_body())
        assert (throttled.status, throttled.retry_after) == (429, 1.0)
    world.put(ACCOUNT, account_body())
    assert list(faults.list_faults(store)) == [always]
    for _ in range(3):
        assert world.kept(ACCOUNT).startswith("InternalServerError")
    assert (faults.clear_faults(store, always), faults.clear_faults(store)) == (1, 0)
    world.delete(ACCOUNT)


def test_a_fault_that_makes_no_sense_is_refused() -> None:
    senseless = {"times": 0, "status": 200, "operation": "creat", "phase": "later", "delay": -1}
    for name, value in senseless.items():
        with pytest.raises(ValueError, match=name):
            Fault(**{name: value})  # pyright: ignore[reportArgumentType]


def test_operations_are_completed_by_the_next_process(world: World) -> None:
    world.up_to_pool()
    outcome = world.start(VOLUME, volume_body())
    assert outcome.operation is not None
    world.reopen()
    assert world.get(VOLUME).state == "Creating"

    world.reopen()
    world.time = outcome.operation.due
    assert world.get(VOLUME).state == "Succeeded"
    assert world.get(VOLUME).properties["mountTargets"]


def test_conditions_protect_from_changes_by_others(world: World) -> None:
    world.group()
    world.put(ACCOUNT, account_body())
    account = ResourceId.parse(ACCOUNT)
    first = world.get(ACCOUNT).etag
    world.put(ACCOUNT, {**account_body(), "tags": {"team": "web"}})
    for conditions in (Conditions(if_match=first), Conditions(if_none_match="*")):
        with pytest.raises(ArmError) as refused:
            world.model.put(account, account_body(), conditions)
        assert (refused.value.status, refused.value.code) == (412, "PreconditionFailed")
    world.finish(world.model.put(account, account_body(), Conditions(if_match=world.get(ACCOUNT).etag)))
    with pytest.raises(ArmError, match="PreconditionFailed"):
        world.model.delete(account, Conditions(if_match=first))
    with pytest.raises(ArmError, match="PreconditionFailed"):
        world.model.put(ResourceId.parse(POOL), pool_body(1), Conditions(if_match="*"))


def test_realistic_operations_take_minutes_and_can_be_set(tmp_path: Path) -> None:
    (what, seconds) = parse_override(f"{faults.VOLUMES}:create=2.5")
    profile = REALISTIC.overridden({what: seconds})
    assert profile.of(faults.VOLUMES, "create") == 2.5
    assert profile.of(faults.VOLUMES, "create", first=True) == 2.5
    usual, first = (REALISTIC.of(faults.VOLUMES, "create", first=first) for first in (False, True))
    assert 180 <= usual < first == 600, "the first volume of a region takes longest"
    assert max(REALISTIC.of(kind, "create") for kind in (ACCOUNT_TYPE, POOL_TYPE)) < 1
    for senseless in ("a=1", "Microsoft.X/y:create", "Microsoft.X/y:create=-1", "X/y:read=1", "X/y:create=x"):
        with pytest.raises(ValueError, match="TYPE:create"):
            parse_override(senseless)


def test_an_operation_is_forgotten_a_day_after_it_has_ended(world: World) -> None:
    world.group()
    world.network()
    outcome = world.put_and_end(ACCOUNT, account_body(directory()))
    kept = world.ended(outcome)
    world.time += 23 * 3600
    world.put(ACCOUNT, account_body(directory()))
    assert world.model.operations.find(kept.id)
    world.time += 2 * 3600
    world.put(ACCOUNT, account_body(directory()))
    assert world.model.operations.find(kept.id) is None

"""verify and diagnose after an update that did not end: what is there is checked, what is not is named."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from tests.unit.stack_exports import (
    ANF_VOLUME,
    BACKEND,
    CLASS,
    CONFIG,
    DYNAMIC_CLAIM,
    DYNAMIC_POD,
    INTERRUPTED,
    ORCHESTRATOR,
    POD,
    RELEASE,
    SHARE,
    STATIC_CLAIM,
    STATIC_POD,
    VOLUME,
    Export,
    history,
    outputs_of,
)
from tests.unit.verify_breaks import STATIC_POD as STATIC_POD_PATH
from tests.unit.verify_breaks import D, S
from tests.unit.verify_breaks import without as gone
from tests.unit.verify_objects import POOL, VNET
from tests.unit.verify_world import Stack
from verify import report
from verify.check import Result, State
from verify.cli import walk
from verify.mounts import mounts_of
from verify.not_created import to_do
from verify.plan import checks_of
from verify.runner import Runner
from verify.stack.outputs import StackOutputs
from verify.stack.state import State as StackState
from verify.world import World


def world_of(outputs: StackOutputs, stack: Stack | None = None) -> World:
    stack = stack or Stack()
    return World.of(outputs, stack.cluster, stack.azure)


def verify(world: World) -> dict[str, Result]:
    return {result.check.name: result for result in Runner(checks_of(world), world, lambda _: None).run()}


def diagnose(world: World, namespace: str) -> list[Result]:
    (mount,) = mounts_of(world, "iis-pod", namespace)
    return walk(world, mount)


def in_state(results: Mapping[str, Result], state: State) -> set[str]:
    return {name for name, result in results.items() if result.state is state}


# What there is.


def test_a_finished_stack_has_the_same_parts_by_its_state_as_by_its_outputs() -> None:
    export = Export()
    found = outputs_of(export)
    assert dataclasses.replace(found, update=None) == StackOutputs.parse("dev", export.outputs or {})
    assert found.update is not None
    assert not found.update.missing


def test_pods_of_verify_fit_the_cluster_by_the_configuration_where_there_is_no_output() -> None:
    needs = {"tolerations": [{"key": "team", "operator": "Exists"}], "imagePullSecrets": ["registry"]}
    keys = CONFIG | {"anf-smb:windowsPods": needs}
    outputs = outputs_of(Export().without_outputs(), history("failed", keys=keys), keys)
    assert outputs.windows_pods == needs | {"imagePullSecrets": [{"name": "registry"}]}


def test_a_pod_that_did_not_become_ready_exists_and_everything_is_checked() -> None:
    export = Export().without_outputs().unready(*STATIC_POD).without(DYNAMIC_POD)
    outputs = outputs_of(export)
    assert outputs.update is not None
    assert outputs.update.sentence == (
        "The last `pulumi up` of stack dev failed at Pod smb-static/iis-pod: 14 of 15 parts exist; checking these."
    )
    stack = Stack()
    gone(STATIC_POD_PATH)(stack)
    results = verify(world_of(outputs, stack))
    assert in_state(results, State.FAILS) == {"share/smb/pod"}
    assert in_state(results, State.NOT_CREATED) == {"claim/smb-dynamic/pod"}
    assert results["claim/smb-dynamic/volume"].holds


def test_what_an_interrupted_update_was_creating_is_looked_up_and_the_rest_is_not_created_yet() -> None:
    outputs = outputs_of(INTERRUPTED, {})
    assert outputs.update is not None
    assert (
        "was interrupted, or still runs, at TridentBackendConfig trident/backend-tbc-anf-smb, Pod smb-static/iis-pod"
        in (outputs.update.sentence)
    )
    assert to_do(world_of(outputs)) == "`pulumi refresh --stack dev`, then `pulumi up --stack dev`"
    results = verify(world_of(outputs))
    assert in_state(results, State.FAILS) == set()
    assert results["share/smb/pod"].holds
    assert in_state(results, State.NOT_CREATED) == {
        "trident/storage-class",
        "claim/smb-dynamic/claim",
        "claim/smb-dynamic/pod",
    }
    assert results["trident/secret"].because == ("trident/storage-class",)
    assert results["claim/smb-dynamic/directory"].because == ("claim/smb-dynamic/pod",)


def test_what_is_not_there_yet_is_no_failure_with_a_fix_of_its_own() -> None:
    results = verify(world_of(outputs_of(INTERRUPTED)))
    pod = results["claim/smb-dynamic/pod"]
    assert (pod.trouble, pod.seen) == ("not-created", "not created yet: `pulumi up` stopped before it")
    assert len(report.lines(pod)) == 1
    verdict = report.verdict([*results.values()], 1.0, to_do(world_of(outputs_of(INTERRUPTED))))
    assert "0 of 40 checks fail, 3 not created yet, " in verdict
    assert verdict.endswith("Continue: `pulumi refresh --stack dev`, then `pulumi up --stack dev`")


def test_a_driver_that_is_not_installed_yet_is_one_line() -> None:
    export = Export().without_outputs().without((RELEASE, "kube-system/csi-driver-smb"), STATIC_CLAIM, STATIC_POD)
    results = verify(world_of(outputs_of(export)))
    assert results["smb-driver/release"].state is State.NOT_CREATED
    for name in ("csidriver", "controller", "node-linux", "node-windows"):
        assert results[f"smb-driver/{name}"].because == ("smb-driver/release",)


def test_a_later_update_that_failed_has_its_new_volume_checked() -> None:
    more = f"{POOL}/volumes/more"
    keys = CONFIG | {"anf-smb:volumes": [*CONFIG["anf-smb:volumes"], {"name": "more", "sizeGiB": 50}]}
    export = Export().add("anf-smb:index:SmbVolume", "more", "", {}).add(ANF_VOLUME, "more-volume", more, SHARE)
    export.add(POD, "more-pod", "smb-static/iis-pod-anf-pvc-more", {}).unready(POD, "smb-static/iis-pod-anf-pvc-more")
    outputs = outputs_of(export, keys=keys)
    assert [share.volume_id for share in outputs.volumes] == [VOLUME, more]
    results = verify(world_of(outputs))
    assert results["volume/more"].trouble == "volume-missing"  # Azure of this test has none: it was looked up
    assert results["share/more/claim"].state is State.NOT_CREATED
    assert results["share/smb/pod"].holds


def test_an_account_and_a_volume_that_others_created_are_no_missing_parts() -> None:
    keys = CONFIG | {
        "anf-smb:account": {"name": "anf-dev", "existing": True},
        "anf-smb:volumes": [{"name": "smb", "existing": True}],
    }
    export = Export().without_outputs().without((ANF_VOLUME, VOLUME))
    assert {part.check for part in _missing(outputs_of(export, keys=keys))} == {"volume/smb"}
    (component,) = (each for each in export.resources if each["type"] == "anf-smb:index:SmbVolume")
    component["outputs"] = {
        "smbServerFqdn": "anf-1.contoso.com",
        "creationToken": "smb",
        "uncPath": r"\\anf-1.contoso.com\smb",
        "volumeId": VOLUME,
    }
    found = outputs_of(export, keys=keys)
    assert not _missing(found)
    assert found.volumes[0].fqdn == "anf-1.contoso.com"


def test_a_destroy_that_did_not_end_is_named_as_one() -> None:
    export = Export().without(STATIC_POD, DYNAMIC_POD)
    assert not StackState.parse(export.document).is_complete
    outputs = outputs_of(export, history("failed", "destroy"))
    assert outputs.update is not None
    assert outputs.update.sentence.startswith("The last `pulumi destroy` of stack dev failed before")
    pod = verify(world_of(outputs))["share/smb/pod"]
    assert pod.seen == "not there after `pulumi destroy`"


# diagnose.


def test_a_mount_that_is_not_created_yet_is_walked_as_far_as_it_exists() -> None:
    results = diagnose(world_of(outputs_of(INTERRUPTED)), D)
    states = {result.check.name: result.state for result in results}
    assert {name for name, state in states.items() if state is State.NOT_CREATED} == {
        "storage-class",
        "claim",
        "placed",
    }
    assert {name for name, state in states.items() if state is State.NOT_CHECKED} == {"secret", "volume"}
    assert states["backend"] is State.HOLDS
    assert states["registered"] is State.HOLDS
    assert results[-1].check.title == "Pod iis-pod has a node"


def test_the_cause_is_the_broken_link_and_not_the_part_that_is_missing_for_it() -> None:
    export = Export().without_outputs().without((ANF_VOLUME, VOLUME), STATIC_CLAIM, STATIC_POD)
    stack = Stack()
    stack.azure.networks[VNET] = dataclasses.replace(stack.azure.networks[VNET], peerings=())
    *before, last = diagnose(world_of(outputs_of(export), stack), S)
    assert (last.check.name, last.trouble) == ("way-to-directory", "directory-unreached")
    assert before[0].seen == "not created yet: `pulumi up` stopped before it"


def test_without_its_release_no_link_of_the_driver_is_blamed() -> None:
    export = Export().without_outputs()
    export.without((RELEASE, "trident/trident"), (ORCHESTRATOR, "trident"), (BACKEND, "trident/backend-tbc-anf-smb"))
    export.without((CLASS, "anf-sc-smb"), DYNAMIC_CLAIM, DYNAMIC_POD)
    stack = Stack()
    gone("/apis/storage.k8s.io/v1/csidrivers/csi.trident.netapp.io")(stack)
    results = diagnose(world_of(outputs_of(export), stack), D)
    assert State.FAILS not in {result.state for result in results}
    assert {result.check.name for result in results if result.state is State.HOLDS} >= {"subnet", "pool", "account"}


def _missing(outputs: StackOutputs) -> list[Any]:
    assert outputs.update is not None
    return [*outputs.update.missing]

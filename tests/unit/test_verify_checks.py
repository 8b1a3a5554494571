"""Each broken link of a stack is found by its check and by diagnose."""

import dataclasses

import pytest

from tests.unit.verify_breaks import (
    CASES,
    DYNAMIC_POD,
    STATIC_POD,
    STATIC_SECRET,
    Change,
    D,
    S,
    bytes_free,
    cordoned,
    failed_pool,
    unready,
    without,
)
from tests.unit.verify_objects import GIB, HUB, PASSWORD, POOL, VNET, pod_on
from tests.unit.verify_world import FakeAzure, Stack
from verify.check import Result, State
from verify.cli import walk
from verify.clients.azure_netapp import AnfAccount, AnfVolume
from verify.links import anf
from verify.mounts import mounts_of
from verify.plan import checks_of
from verify.runner import Runner
from verify.trouble import WarningError
from verify.walk import links_of


def verify(stack: Stack, *, write: bool = True) -> list[Result]:
    world = stack.world
    return Runner(checks_of(world), world, lambda _: None).run(write=write)


def failing(results: list[Result]) -> dict[str, str]:
    return {result.check.name: result.trouble for result in results if result.state is State.FAILS}


def diagnosed(stack: Stack, namespace: str) -> Result | None:
    """Return the first broken link that diagnose finds for the mount in a namespace."""
    world = stack.world
    (mount,) = mounts_of(world, {"smb-static": "anf-pvc-smb", "smb-dynamic": "anf-pvc-smb-dynamic"}[namespace], None)
    last = walk(world, mount)[-1]
    return last if last.state is State.FAILS else None


@pytest.mark.parametrize(("check", "trouble", "change"), CASES, ids=[f"{check}-{name}" for check, name, _ in CASES])
def test_a_broken_link_fails_one_check_and_is_diagnosed(check: str, trouble: str, change: Change) -> None:
    stack = Stack()
    change(stack)
    results = verify(stack)
    assert failing(results) == {check: trouble}
    for result in results:
        assert result.state in {State.HOLDS, State.FAILS, State.NOT_CHECKED}
        assert result.state is not State.NOT_CHECKED or result.because == (check,)
    found = diagnosed(stack, D if check.startswith(("trident/", "claim/")) else S)
    assert found is not None
    assert found.trouble == trouble
    assert found.fix
    assert all(PASSWORD not in f"{result.seen}{result.fix}" for result in [*results, found])


def walked(stack: Stack, claim: str) -> list[str]:
    (mount,) = mounts_of(stack.world, f"pvc/{claim}", None)
    return [link.name for link in links_of(stack.world, mount)]


def test_diagnose_walks_from_the_cause_to_the_pod() -> None:
    node = ["placed", "node", "csidriver", "node-plugin", "registered", "release", "secret"]
    networks = ["subnet", "way-to-directory", "way-to-nodes"]
    session = ["smb-user", "mount", "old-logon", "directory"]
    static = ["claim", *node, *networks, "account", "volume", "source", "size", *session[:2]]
    static += ["volume-handle", *session[2:]]
    backend = ["storage-class", "orchestrator", "controller", *networks, "account", "pool", "backend-config", "backend"]
    assert walked(Stack(), "anf-pvc-smb") == static
    assert walked(Stack(), "anf-pvc-smb-dynamic") == [*backend, "claim", *node, "volume", *session]


@pytest.mark.parametrize(
    ("claim", "other"),
    [("anf-pvc-smb", ("trident", "claim")), ("anf-pvc-smb-dynamic", ("smb-driver", "share", "volume"))],
)
def test_diagnose_reaches_a_link_after_those_that_it_needs(claim: str, other: tuple[str, ...]) -> None:
    stack = Stack()
    links = {each.name: each.link for each in checks_of(stack.world)}
    order = {name: place for place, name in enumerate(walked(stack, claim))}
    for check in checks_of(stack.world):
        if check.link in order and not check.name.startswith(other):
            late = [need for need in check.needs if order.get(links[need], -1) >= order[check.link]]
            assert late == [], check.name


def test_a_stack_that_holds_passes_every_check() -> None:
    results = verify(Stack())
    assert {result.state for result in results} == {State.HOLDS}
    assert diagnosed(Stack(), S) is None
    assert diagnosed(Stack(), D) is None


def test_what_a_failing_check_is_needed_for_is_not_checked() -> None:
    stack = Stack()
    without(STATIC_SECRET)(stack)
    unchecked = {result.check.name for result in verify(stack) if result.state is State.NOT_CHECKED}
    assert unchecked == {"share/smb/pod", "share/smb/directory", "share/smb/shared-file"}


def test_what_a_gateway_a_route_or_a_mesh_may_lead_to_is_not_called_broken() -> None:
    for routes in ({"has_gateway": True}, {"routed_subnets": frozenset({"anf"})}, {}):
        stack = Stack()
        stack.azure.meshed = set() if routes else {VNET}
        stack.azure.networks[VNET] = dataclasses.replace(stack.azure.networks[VNET], peerings=(), **routes)  # pyright: ignore[reportArgumentType]
        results = {result.check.name: result for result in verify(stack)}
        assert "by a gateway, a route table or a mesh" in results["anf/way-to-directory"].seen
        assert results["anf/way-to-nodes"].holds


def test_a_hub_that_the_user_may_not_read_is_judged_by_our_side_of_the_peering() -> None:
    stack = Stack()
    stack.azure.unreadable.add(HUB)
    assert failing(verify(stack)) == {}


def test_every_windows_node_cordoned_leaves_no_place_for_pods() -> None:
    stack = Stack()
    cordoned(stack)
    assert failing(verify(stack)) == {"nodes/windows": "node-cordoned"}
    assert diagnosed(stack, S) is None  # what runs goes on running
    said = "0/3 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 2 node(s) were unschedulable."
    unready(STATIC_POD, said, "FailedScheduling")(stack)
    found = diagnosed(stack, S)
    assert found is not None
    assert found.trouble == "node-cordoned"


def test_one_cordoned_windows_node_is_reported_and_holds() -> None:
    stack = Stack()
    stack.cluster.objects["/api/v1/nodes/akswin000001"]["spec"]["unschedulable"] = True
    (nodes,) = (result for result in verify(stack) if result.check.name == "nodes/windows")
    assert nodes.holds
    assert "cordoned: akswin000001" in nodes.seen


def test_a_failed_pool_is_found() -> None:
    stack = Stack()
    failed_pool(stack)
    assert failing(verify(stack)) == {"anf/pool": "pool-not-succeeded"}


def test_another_missing_pool_is_found_too_and_leaves_the_volumes_of_the_first_alone() -> None:
    stack = Stack()
    stack.outputs["pools"]["fast"] = {"poolId": f"{POOL}-fast", "serviceLevel": "Ultra", "sizeTiB": 1}
    assert failing(verify(stack)) == {"anf/pool/pool-dev-fast": "pool-missing"}


def test_a_stack_without_sample_pods_is_checked_by_pods_made_for_it() -> None:
    stack = Stack()
    for path in (STATIC_POD, DYNAMIC_POD):
        del stack.cluster.objects[path]
    for mounts in (stack.outputs["volumes"], stack.outputs["dynamicClaims"]):
        for mount in mounts.values():
            del mount["podName"]
    results = verify(stack)
    assert {result.state for result in results} == {State.HOLDS}
    names = {result.check.name for result in results}
    assert "share/smb/pod" not in names
    assert "share/smb/shared-file" in names
    assert not [path for path in stack.cluster.objects if "anf-verify" in path]


def test_a_pod_of_another_project_is_walked_to_the_stacks_volume() -> None:
    stack = Stack()
    other = pod_on("anf-pvc-smb", name="web-7d4f9")
    stack.cluster.put("/api/v1/namespaces/smb-static/pods", other)
    (mount,) = mounts_of(stack.world, "pod/web-7d4f9", None)
    assert {result.check.name for result in walk(stack.world, mount)} >= {"volume", "source", "directory"}


def test_a_name_in_two_namespaces_needs_a_namespace() -> None:
    with pytest.raises(Exception, match="smb-dynamic and in smb-static: choose one with --namespace"):
        mounts_of(Stack().world, "iis-pod", None)


def test_a_name_that_nothing_has_is_answered_with_those_that_are_there() -> None:
    with pytest.raises(Exception, match="smb-static/iis-pod, smb-dynamic/iis-pod"):
        mounts_of(Stack().world, "nothing", None)


def test_an_account_without_aes_is_reported_with_the_fix() -> None:
    azure = FakeAzure()
    [account_id] = azure.accounts
    assert anf.account(azure, account_id) == "anf-dev, contoso.com, Kerberos with AES"
    azure.accounts[account_id] = AnfAccount("Succeeded", "contoso.com", aes_encryption=False)
    with pytest.raises(WarningError) as warning:
        anf.account(azure, account_id)
    assert warning.value.trouble is anf.ACCOUNT_WITHOUT_AES


def test_a_volume_is_reported_with_its_zone_and_backup() -> None:
    stack = Stack()
    [share] = stack.world.outputs.volumes
    volume = stack.azure.volumes[share.volume_id]
    stack.azure.volumes[share.volume_id] = dataclasses.replace(volume, zone="2", backup="suspended")
    assert anf.stack_volume(stack.azure, share).endswith(", zone 2, backup suspended")


def full(percent: int) -> Change:
    return bytes_free(100 * GIB - percent * GIB)


def allotted(tib: float) -> Change:
    """Let the volumes of the pool, which has 1 TiB, add up to a size."""
    other = AnfVolume(f"{POOL}/volumes/logs", "Succeeded", "logs", "", (), int(tib * 1024 * GIB) - 200 * GIB)
    return lambda stack: stack.azure.volumes.update({other.id: other})


@pytest.mark.parametrize(
    ("change", "check", "trouble", "seen"),
    [
        (full(81), "share/smb/directory", "volume-almost-full", "81 % used"),
        (full(100), "share/smb/directory", "volume-almost-full", "0 bytes free"),
        (allotted(0.8125), "anf/pool", "pool-almost-full", "81 % allotted to volumes"),
        (allotted(1), "anf/pool", "pool-almost-full", "100 % allotted to volumes"),
    ],
)
def test_what_is_almost_full_is_a_warning_and_holds(change: Change, check: str, trouble: str, seen: str) -> None:
    stack = Stack()
    change(stack)
    results = {result.check.name: result for result in verify(stack)}
    warned = results.pop(check)
    assert (warned.state, warned.trouble) == (State.WARNS, trouble)
    assert seen in warned.seen
    assert "pulumi up" in warned.fix
    assert {result.state for result in results.values()} == {State.HOLDS}


@pytest.mark.parametrize("change", [full(79), allotted(0.79)])
def test_below_80_percent_nothing_warns(change: Change) -> None:
    stack = Stack()
    change(stack)
    assert {result.state for result in verify(stack)} == {State.HOLDS}


def test_a_pool_without_a_storage_class_may_be_allotted_as_a_whole() -> None:
    stack = Stack()
    allotted(1)(stack)
    assert anf.pool(stack.azure, POOL) == "pool-dev: Standard, 1 TiB, Succeeded"

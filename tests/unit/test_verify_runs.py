"""A run of verify: time limits, unreachable services, temporary Pods and their deletion, and the report."""

import io
import json
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rich.console import Console

from tests.unit.verify_breaks import STATIC_SECRET, without
from tests.unit.verify_objects import PASSWORD, pod_on
from tests.unit.verify_world import OUTPUTS, Stack
from verify import report
from verify.check import Check, State
from verify.clients.azure_cloud import AzureCloud
from verify.errors import UnreachableError, VerifyError
from verify.links.temporary_pod import LABEL, OWNER
from verify.plan import checks_of
from verify.runner import Runner
from verify.stack.outputs import StackOutputs
from verify.trouble import Trouble, WarningError

PODS = "/api/v1/namespaces/smb-static/pods"


def made_pods(stack: Stack) -> list[str]:
    return [path for path in stack.cluster.objects if "anf-verify" in path]


def test_a_check_that_does_not_end_in_time_fails_and_says_so() -> None:
    held = threading.Event()

    def look() -> str:
        held.wait(30)
        return "too late"

    checks = [
        Check("slow", "", "slow", look, limit=0.05),
        Check("quick", "", "quick", lambda: "at once"),
        Check("after", "", "after", lambda: "never", ("slow",)),
    ]
    slow, quick, after = Runner(checks, Stack().world, lambda _: None).run()
    held.set()
    assert (slow.state, slow.trouble) == (State.FAILS, "no-answer-in-time")
    assert "0.05 s" in slow.seen
    assert quick.holds
    assert (after.state, after.because) == (State.NOT_CHECKED, ("slow",))


def test_a_warning_holds_and_is_shown_with_its_fix() -> None:
    def look() -> str:
        raise WarningError(Trouble("soon", "", "", "do {what}"), "nearly full", what="this")

    checks = [Check("warned", "", "warned", look), Check("after", "", "after", lambda: "seen", ("warned",))]
    results = Runner(checks, Stack().world, lambda _: None).run()
    assert [(each.state, each.holds) for each in results] == [(State.WARNS, True), (State.HOLDS, True)]
    assert [line.plain.strip() for line in report.lines(results[0])] == [
        f"warns {'warned':32} nearly full",
        "fix: do this",
    ]
    assert report.row(results[0])["trouble"] == "soon"
    assert report.verdict(results, 1.0) == "All 2 checks hold, 1 with a warning (1 s)."


def test_an_api_server_that_cannot_be_reached_ends_the_run_with_one_line() -> None:
    stack = Stack()
    stack.cluster.reachable = False
    world = stack.world
    with pytest.raises(UnreachableError, match="cannot be reached") as error:
        Runner(checks_of(world), world, lambda _: None).run(write=True)
    assert "\n" not in str(error.value)


def test_an_object_of_another_form_fails_its_check_alone() -> None:
    stack = Stack()
    stack.cluster.objects["/api/v1/persistentvolumes/anf-pv-smb"]["spec"].pop("capacity")
    world = stack.world
    results = Runner(checks_of(world), world, lambda _: None).run(write=True)
    assert [(r.check.name, r.trouble) for r in results if not r.holds] == [("share/smb/size", "unexpected-answer")]


def test_a_run_makes_nothing_unless_it_is_told_to_write() -> None:
    stack = Stack()
    world = stack.world
    results = Runner(checks_of(world), world, lambda _: None).run()
    assert {r.check.name for r in results if r.state is State.LEFT_OUT} == {
        "share/smb/shared-file",
        "claim/smb-dynamic/shared-file",
    }
    assert all(result.holds for result in results)
    assert {method for method, _ in stack.cluster.requests} == {"GET"}
    assert report.verdict(results, 1.0) == "All 38 checks hold, 2 left out: add --write (1 s)."


def test_two_pods_of_the_users_own_need_no_third() -> None:
    stack = Stack()
    stack.cluster.put(PODS, pod_on("anf-pvc-smb", name="web-2", place="akswin000001"))
    world = stack.world
    results = Runner(checks_of(world), world, lambda _: None).run(write=True)
    (shared,) = (result for result in results if result.check.name == "share/smb/shared-file")
    assert shared.seen == "iis-pod on akswin000000 wrote, web-2 on akswin000001 read"
    assert not [path for method, path in stack.cluster.requests if method == "POST" and "smb-static" in path]


def test_what_was_made_is_gone_afterwards_and_no_file_stays() -> None:
    stack = Stack()
    world = stack.world
    Runner(checks_of(world), world, lambda _: None).run(write=True)
    assert [path for method, path in stack.cluster.requests if method == "POST"]
    assert made_pods(stack) == []
    assert stack.cluster.files == {"smb-static": {}, "smb-dynamic": {}}


def test_a_run_that_is_interrupted_clears_its_pods_away() -> None:
    stack = Stack()
    world = stack.world

    def interrupt(_: object) -> None:
        if made_pods(stack):
            raise KeyboardInterrupt

    create = stack.cluster.request

    def never_ready(method: str, path: str, body: Any, accept: str) -> Any:
        made = create(method, path, body, accept)
        if method == "POST":
            stack.cluster.objects[f"{path}/{made['metadata']['name']}"]["status"] = {"phase": "Pending"}
        return made

    stack.cluster.request = never_ready
    waiting = Check("waiting", "", "waiting", lambda: _until(lambda: bool(made_pods(stack))))
    with pytest.raises(KeyboardInterrupt):
        Runner([*checks_of(world), waiting], world, interrupt).run(write=True)
    assert made_pods(stack) == []


def _until(condition: Any) -> str:
    deadline = time.monotonic() + 20
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return "so"


@pytest.mark.parametrize(("hours", "stays"), [(-1, False), (1, True)])
def test_what_a_killed_run_has_left_goes_and_what_another_run_uses_stays(hours: int, stays: bool) -> None:
    stack = Stack()
    left = pod_on("anf-pvc-smb", name="anf-verify-0000")
    until = datetime.now(UTC) + timedelta(hours=hours)
    left["metadata"] |= {"labels": {LABEL: OWNER}, "annotations": {"anf-smb/verify-until": until.isoformat()}}
    stack.cluster.put(PODS, left)
    world = stack.world
    Runner(checks_of(world), world, lambda _: None).run(write=True)
    assert made_pods(stack) == ([f"{PODS}/anf-verify-0000"] if stays else [])


def test_one_line_a_check_in_their_own_order_with_the_mend_below_what_fails() -> None:
    stack = Stack()
    without(STATIC_SECRET)(stack)
    world = stack.world
    checks, printed = checks_of(world), io.StringIO()
    table = report.Table(checks, Console(file=printed, soft_wrap=True, highlight=False))
    results = Runner(checks, world, table.add).run(write=True)
    lines = printed.getvalue().splitlines()
    titles = [line[8:].split("  ")[0] for line in lines if line.startswith("  ") and not line.startswith("   ")]
    assert titles == [check.title for check in checks]
    (at,) = (index for index, line in enumerate(lines) if "FAILS" in line)
    assert "no Secret smb-static/smbcreds" in lines[at]
    assert lines[at + 1].strip() == "fix: `pulumi up --refresh --stack dev`"
    assert "not checked: share/smb/secret" in printed.getvalue()
    assert report.verdict(results, 1.0) == "1 of 40 checks fails, 3 not checked (1 s)."
    document = json.dumps(report.document(world.outputs, results, 1.0))
    assert PASSWORD not in document + printed.getvalue()


@pytest.mark.parametrize("missing", ["poolId", "subnetId", "cluster", "tridentNamespace"])
def test_a_missing_output_is_named_with_its_stack(missing: str) -> None:
    with pytest.raises(VerifyError, match=f"Stack 'prod' has no output '{missing}'"):
        StackOutputs.parse("prod", {key: value for key, value in OUTPUTS.items() if key != missing})


def test_a_stack_without_outputs_is_reported() -> None:
    with pytest.raises(VerifyError, match="pulumi up --stack prod"):
        StackOutputs.parse("prod", {})


def test_a_stack_of_one_way_is_checked_for_that_way_alone() -> None:
    stack = Stack()
    stack.outputs["volumes"] = {}
    del stack.outputs["smbDriverVersion"]
    names = {check.name.split("/")[0] for check in checks_of(stack.world)}
    assert names == {"nodes", "anf", "trident", "claim"}
    stack = Stack()
    stack.outputs = {key: value for key, value in stack.outputs.items() if not key.startswith(("trident", "storage"))}
    stack.outputs["dynamicClaims"], stack.outputs["pools"] = {}, {}
    names = {check.name.split("/")[0] for check in checks_of(stack.world)}
    assert names == {"nodes", "smb-driver", "anf", "volume", "share"}


@pytest.mark.parametrize(
    ("environment", "manager", "authority"),
    [
        ({}, "https://management.azure.com", "login.microsoftonline.com"),
        ({"ARM_ENVIRONMENT": "usgovernment"}, "https://management.usgovcloudapi.net", "login.microsoftonline.us"),
        ({"ARM_ENVIRONMENT": "AzureChinaCloud"}, "https://management.chinacloudapi.cn", "login.chinacloudapi.cn"),
        ({"AZURE_AUTHORITY_HOST": "login.example"}, "https://management.azure.com", "login.example"),
    ],
)
def test_the_cloud_is_that_of_the_variables_which_azure_native_heeds(
    environment: dict[str, str], manager: str, authority: str
) -> None:
    cloud = AzureCloud.of_environment(environment)
    assert (cloud.resource_manager, cloud.authority) == (manager, authority)


def test_a_cloud_that_there_is_not() -> None:
    with pytest.raises(VerifyError, match="ARM_ENVIRONMENT is 'germany'; allowed are public, usgovernment, china"):
        AzureCloud.of_environment({"ARM_ENVIRONMENT": "Germany"})


def test_a_metadata_host_that_does_not_answer_is_one_line() -> None:
    with pytest.raises(UnreachableError, match=r"https://127\.0\.0\.1:9") as error:
        AzureCloud.of_environment({"ARM_METADATA_HOSTNAME": "127.0.0.1:9"})
    assert "\n" not in str(error.value)

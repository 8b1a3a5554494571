"""The fixes that verify prints: their commands, filled in with the names of the stack."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.e2e.broken_links import CASES
from tests.e2e.fix_lines import CHANGES, NOT_HERE, OF_WARNINGS
from tests.fix_commands import commands_in, fix_of, only_looks, printed
from tests.unit.verify_breaks import without
from tests.unit.verify_objects import PASSWORD, release_secret
from tests.unit.verify_world import OUTPUTS, FakeAzure, Stack
from verify import report
from verify.catalogue import CATALOGUE
from verify.guests.fixes import FIXES
from verify.links.csi_driver import SMB
from verify.plan import checks_of
from verify.runner import Runner
from verify.stack.outputs import StackOutputs
from verify.trouble import Trouble, commands_of
from verify.world import World

TROUBLES = [trouble for troubles in CATALOGUE.values() for trouble in troubles]
OF_GUESTS = [replace(trouble, name=f"guests-{trouble.name}", fix=fix) for trouble, fix in FIXES.items()]
RELEASE = "/api/v1/namespaces/kube-system/secrets/sh.helm.release.v1.csi-driver-smb.v1"
DRIVER = f"/apis/storage.k8s.io/v1/csidrivers/{SMB.name}"


def test_every_command_is_run_by_a_test_as_it_is_printed() -> None:
    """Those of `az` are run by tests/e2e/test_az_lines.py and test_netapp_lines.py."""
    run = {command for case in CASES if case.fix for command in commands_in(fix_of(case.trouble))[case.fix]}
    run |= {command for name in OF_WARNINGS for command in commands_in(fix_of(name))}
    looks = {command for command in printed() if only_looks(command)}
    unknown = {command: name for command, name in printed().items() if command not in run | looks | CHANGES.keys()}
    assert unknown == {}, "let a case of tests/e2e/broken_links.py run it, or add it to tests/e2e/fix_lines.py"
    assert {*CHANGES, *NOT_HERE} <= printed().keys()


def trouble(fix: str) -> Trouble:
    return Trouble("name", "symptom", "cause", fix)


@pytest.mark.parametrize("each", [*TROUBLES, *OF_GUESTS], ids=lambda each: each.name)
def test_a_command_stands_in_backticks(each: Trouble) -> None:
    prose = re.sub(r"`[^`]*`", "", each.fix)
    assert re.findall(r"\b(?:az|helm|kubectl|pulumi) [a-z-]+", prose) == []
    assert each.fix.count("`") % 2 == 0


def test_a_fix_has_the_values_of_its_check_and_capitals_for_those_that_only_the_user_knows() -> None:
    fix = trouble("scale `az aks nodepool scale --name POOL -g {group}`, or delete {pod}").fix_for({"pod": "web"})
    assert fix == "scale `az aks nodepool scale --name POOL -g GROUP`, or delete web"
    assert commands_of(fix) == ["az aks nodepool scale --name POOL -g GROUP"]


def test_a_command_with_an_empty_value_is_left_out() -> None:
    several = trouble("first `kubectl delete pvc {claim}`, `kubectl delete pod {pods}`, `kubectl delete pv {pv}`")
    fix = several.fix_for({"claim": "files", "pods": "", "pv": "data"})
    assert commands_of(fix) == ["kubectl delete pvc files", "kubectl delete pv data"]


def test_the_commands_name_the_stack_its_folder_and_the_namespaces_of_its_drivers() -> None:
    stack = Stack()
    without(DRIVER)(stack)
    without(RELEASE)(stack)
    stack.cluster.put("/api/v1/namespaces/drivers/secrets", release_secret(SMB.release, 1, "deployed"))
    world = World.of(StackOutputs.parse("dev", OUTPUTS), stack.cluster, stack.azure, Path("../my files"))
    results = {result.check.name: result for result in Runner(checks_of(world), world, lambda _: None).run()}
    restore = "helm get manifest csi-driver-smb -n drivers | kubectl apply -n drivers -f -"
    assert report.row(results["smb-driver/csidriver"])["commands"] == [restore]
    assert world.names["stack"] == "dev --cwd '../my files'"
    assert PASSWORD not in str(world.names)


def test_a_cluster_of_another_subscription_is_named_with_it() -> None:
    aks = {"resourceGroup": "rg-aks", "name": "shared", "subscriptionId": "77777777"}
    stack = Stack()
    world = World.of(StackOutputs.parse("dev", OUTPUTS | {"cluster": {"aks": aks}}), stack.cluster, FakeAzure())
    assert (world.names["cluster"], world.names["group"]) == ("shared", "rg-aks --subscription 77777777")

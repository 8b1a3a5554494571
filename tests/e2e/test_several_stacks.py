"""Two stacks of dev's shape on one account and one cluster; in the first, two pools with a StorageClass each."""

import dataclasses
import json
import re
import shlex
import shutil
import sys
from typing import Any

import pytest

from sandbox.testing import AzureClients
from tests.e2e.conftest import Run, Stack

POOL = {"name": "pool-dev", "serviceLevel": "Standard", "sizeTiB": 1}
FAST = {"name": "fast", "serviceLevel": "Ultra", "sizeTiB": 1, "storageClass": "fast"}
CLAIM = {"name": "smb-dynamic", "sizeGiB": 100}
SECOND: dict[str, Any] = {
    "resourceGroup": {"name": "rg-anf-dev", "existing": True},
    "account": {"name": "anf-dev", "existing": True},
    "activeDirectory": None,
    "pools": [{"name": "pool-two", "serviceLevel": "Premium", "sizeTiB": 1}],
    "volumes": [{"name": "two", "sizeGiB": 100, "namespace": "two-static"}],
    "smbDriver": {"enabled": False},
    "trident": {"enabled": False, "credentialsNamespace": "two-dynamic"},
    "dynamicClaims": [CLAIM | {"namespace": "two-dynamic"}],
}


def verified(stack: Stack) -> str:
    """Return what verify prints of a stack, which must hold."""
    run = stack.sandbox("run", "--", sys.executable, "-m", "verify", *stack_option(stack))
    assert run.code == 0, run.output
    return run.output


def stack_option(stack: Stack) -> tuple[str, ...]:
    return "--stack", stack.name, "--cwd", str(stack.folder)


def unchanged(stack: Stack) -> Run:
    run = stack.pulumi("preview", "--expect-no-changes")
    assert run.code == 0, run.output
    return run


@pytest.fixture(scope="module")
def first(stack: Stack) -> Stack:
    """Return a stack with two pools, after its `up`."""
    stack.configure(pools=[POOL, FAST], dynamicClaims=[CLAIM, {"name": "db", "sizeGiB": 100, "storageClass": "fast"}])
    stack.up()
    return stack


@pytest.fixture(scope="module")
def second(first: Stack) -> Stack:
    """Return another stack of the same project, not deployed: it uses group, account and subnet of the first."""
    stack = dataclasses.replace(first, name="two")
    shutil.copy(first.folder / "Pulumi.dev.yaml", first.folder / "Pulumi.two.yaml")
    stack.configure(**SECOND, network={"subnetId": first.outputs()["subnetId"]})
    assert stack.pulumi("stack", "init").code == 0
    # A node mounts all shares of a server as one user.
    password = first.secret_config("smbPassword")
    assert stack.pulumi("config", "set", "--secret", "anf-smb:smbPassword", password).code == 0
    return stack


def test_claims_of_two_classes_are_in_the_pools_of_these_classes(first: Stack) -> None:
    """Each of verify's checks of a claim's volume compares the volume's pool with that of the StorageClass."""
    said = verified(first)
    assert "fast: Ultra, 1 TiB, Succeeded" in said
    assert "backend-tbc-anf-fast Bound, Success" in said
    levels = {}
    for name, claim in first.outputs()["dynamicClaims"].items():
        volume = first.get("pv", claim["persistentVolumeName"])["spec"]["csi"]["volumeAttributes"]["internalID"]
        levels[name] = volume.split("/capacityPools/")[1].split("/")[0]
    assert levels == {"smb-dynamic": "pool-dev", "db": "fast"}


def test_the_pools_in_another_order_are_the_same_pools(first: Stack) -> None:
    first.configure(
        pools=[FAST, POOL | {"storageClass": "anf-sc-smb"}],
        volumes=[{"name": "smb", "sizeGiB": 100, "pool": "pool-dev"}],
    )
    first.configure(
        dynamicClaims=[CLAIM | {"storageClass": "anf-sc-smb"}, {"name": "db", "sizeGiB": 100, "storageClass": "fast"}]
    )
    try:
        changed = {step["urn"].rsplit("::", 1)[-1] for step in first.events() if step["op"] != "same"}
        assert changed <= {"anf-smb-dev"}  # outputs of the stack alone
    finally:
        first.configure(
            pools=[POOL, FAST],
            volumes=[{"name": "smb", "sizeGiB": 100}],
            dynamicClaims=[CLAIM, {"name": "db", "sizeGiB": 100, "storageClass": "fast"}],
        )


def test_a_volume_moves_to_another_pool_with_its_files(first: Stack) -> None:
    """As docs/operate.md, Another pool, says it."""
    before = first.outputs()["volumes"]["smb"]
    first.configure(volumes=[{"name": "smb", "sizeGiB": 100, "pool": "fast"}])
    for protect in (True, False):
        first.configure(protect=protect)
        refused = first.pulumi("preview")
        assert refused.code != 0
        assert "(anf-smb:volumes[].pool) is 'fast'; allowed: 'pool-dev', where the volume is" in refused.output
    first.configure(protect=True)
    move: Any = {"newPoolResourceId": first.outputs()["pools"]["fast"]["poolId"]}
    volumes = AzureClients(first.paths).netapp.volumes
    volumes.begin_pool_change("rg-anf-dev", "anf-dev", "pool-dev", "smb", move).result()
    assert first.pulumi("refresh", "--yes", "--skip-preview").code == 0
    found = first.pulumi("preview")
    assert found.code != 0
    commands = re.findall(r"pulumi (config set --path 'anf-smb:adopt\.smb-volume' '[^']+')", found.output)
    assert first.pulumi(*shlex.split(commands[0])).code == 0, found.output
    first.up()
    after = first.outputs()["volumes"]["smb"]
    assert after["volumeId"] == before["volumeId"].replace("/pool-dev/", "/fast/")
    assert (after["uncPath"], after["poolName"]) == (before["uncPath"], "fast")
    assert first.pulumi("config", "rm", "anf-smb:adopt").code == 0
    unchanged(first)
    verified(first)


def test_what_the_first_stack_has_is_refused_to_the_second_with_the_keys(first: Stack, second: Stack) -> None:
    second.configure(smbDriver={"version": "1.20.3"}, trident={"version": "100.2606.0"}, dynamicClaims=[CLAIM])
    try:
        run = second.pulumi("preview")
    finally:
        second.configure(**{key: SECOND[key] for key in ("smbDriver", "trident", "dynamicClaims")})
    assert run.code != 0
    for words in (
        "by anf-smb:smbDriver.enabled: false",
        "by anf-smb:trident.enabled: false",
        "The StorageClass anf-sc-smb exists already",
        "another, by anf-smb:pools[].storageClass",
        "smb-dynamic exists already",
    ):
        assert words in run.output


def test_the_second_stack_has_names_of_its_own_and_leaves_the_first_as_it_is(first: Stack, second: Stack) -> None:
    second.up()
    outputs = second.outputs()
    assert outputs["storageClassName"] == "anf-sc-smb-two"
    assert outputs["tridentBackendName"] == "anf-smb-two"
    verified(second)
    unchanged(first)
    verified(first)


def test_two_users_of_two_stacks_are_named_by_verify_of_either(first: Stack, second: Stack) -> None:
    """What another smbUser in the second stack file writes into its Secret."""

    def set_user(name: str) -> None:
        first.kubectl("patch", "secret", "smbcreds", "--namespace", "two-static", "--patch", _user(name))

    set_user("svc-other")
    try:
        for stack in (first, second):
            run = stack.sandbox("run", "--", sys.executable, "-m", "verify", *stack_option(stack))
            for words in (r"CONTOSO\svc-other (Secret two-static/smbcreds", r"CONTOSO\svc-web (Secret "):
                assert words in run.output
    finally:
        set_user("svc-web")


def _user(name: str) -> str:
    return json.dumps({"stringData": {"username": name}})


def test_the_destroyed_second_stack_leaves_the_first_as_it_is(first: Stack, second: Stack) -> None:
    second.configure(protect=False)
    second.up()
    run = second.pulumi("destroy", "--yes", "--skip-preview")
    assert run.code == 0, run.output
    assert "anf-sc-smb-two" not in first.kubectl("get", "storageclass")
    unchanged(first)
    verified(first)

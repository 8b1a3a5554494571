"""What others set on the stack's Azure resources: no drift of the stack, and still there after every `up`."""

import re
from collections.abc import Generator, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sandbox.testing import AzureClients
from tests.e2e.conftest import Stack, operations
from tests.e2e.others_in_azure import HUB, VALUES, OtherHands

NETWORK = {
    "virtualNetwork": "vnet-anf",
    "addressSpace": "10.60.0.0/16",
    "subnet": "anf",
    "subnetPrefix": "10.60.1.0/26",
    "peerings": [HUB],
}
DIRECTORY = {
    "domain": "contoso.com",
    "dnsServers": ["10.40.0.4"],
    "smbServerName": "ANF",
    "username": "anf-join",
}
TAGS = {"costCenter": "4711", "app.name": "web"}
OF_VOLUME = ("browsable", "accessBasedEnumeration", "snapshotPolicy", "backup", "zone")
OF_DIRECTORY = ("dnsServers", "site", "ldapSigning", "administrators")
POLICY = {"name": "daily", "dailySchedule": {"snapshotsToKeep": 2, "hour": 1, "minute": 0}}


def configured(stack: Stack, **edits: Any) -> None:
    """Write the stack file: static path alone, with some values edited."""
    volume = {"name": "smb", "sizeGiB": edits.pop("sizeGiB", 100)}
    volume |= {key: edits.pop(key) for key in OF_VOLUME if key in edits}
    stack.configure(
        network=NETWORK,
        activeDirectory=DIRECTORY | {key: edits.pop(key) for key in OF_DIRECTORY if key in edits},
        pools=[{"name": "pool-dev", "serviceLevel": "Standard", "sizeTiB": edits.pop("sizeTiB", 1)}],
        tags=edits.pop("tags", TAGS),
        volumes=[volume],
        snapshotPolicies=[POLICY],
        dynamicClaims=None,
        trident=None,
        sampleWorkload=False,
    )
    assert not edits, edits


@pytest.fixture(scope="module")
def deployed(stack: Stack) -> Generator[Stack]:
    """Return a deployed stack; each test may change its stack file."""
    configured(stack)
    stack.up()
    yield stack
    stack.as_committed()


@pytest.fixture
def others(deployed: Stack) -> OtherHands:
    hands = OtherHands(AzureClients(deployed.paths))
    hands.create_vault()
    return hands


@pytest.fixture
def estate(others: OtherHands) -> OtherHands:
    """Return other teams after they have made each of their settings."""
    for place, values in VALUES.items():
        others.make(place, values[0])
    others.send_metrics()
    return others


def identities(stack: Stack, others: OtherHands) -> Mapping[str, str]:
    """Return what tells a resource from a later one of the same name."""
    namespace = stack.get("namespace", "smb-static", "default")
    claim = stack.get("pvc", "anf-pvc-smb")
    return {
        "volume": others.body("volume")["properties"]["fileSystemId"],
        "namespace": namespace["metadata"]["uid"],
        "claim": claim["metadata"]["uid"],
    }


def test_settings_of_others_are_no_drift_with_and_without_refresh(deployed: Stack, estate: OtherHands) -> None:
    configured(deployed)
    for arguments in ([], ["--refresh"]):
        run = deployed.pulumi("preview", "--expect-no-changes", *arguments)
        assert run.code == 0, run.output
    assert not estate.missing()


def test_an_update_sends_back_what_others_have_set(deployed: Stack, estate: OtherHands) -> None:
    before = identities(deployed, estate)
    configured(deployed, sizeGiB=120, sizeTiB=2, dnsServers=["10.40.0.4", "10.40.0.7"], snapshotPolicy="daily")
    run = deployed.pulumi("up", "--yes", "--skip-preview", "--refresh=false")
    assert run.code == 0, run.output
    assert not estate.missing()
    assert not estate.unsent()
    assert identities(deployed, estate) == before
    after = deployed.pulumi("preview", "--expect-no-changes")
    assert after.code == 0, after.output


def test_a_stack_changes_and_removes_only_the_tags_that_it_names(deployed: Stack, estate: OtherHands) -> None:
    configured(deployed)
    assert deployed.pulumi("up", "--yes", "--skip-preview").code == 0
    configured(deployed, tags={"costCenter": "42"})
    for seen in (
        {"anf-group", "anf-network", "anf-account", "pool-dev-pool", "smb-volume", "daily-policy"},
        set[str](),
    ):
        for arguments in (["--refresh=false"], ["--refresh"]):
            steps = operations(deployed.events(*arguments))
            assert {name: op for name, op in steps.items() if op != "refresh"} == dict.fromkeys(seen, "update")
        run = deployed.pulumi("up", "--yes", "--skip-preview")
        assert run.code == 0, run.output
        for name in ("group", "network", "account", "pool", "volume"):
            tags = estate.body(name)["tags"]
            assert tags == {"costCenter": "42", "team": "Disabled", "cost.center": "a b"} | {
                tag: tags[tag] for tag in ("team", "cost.center")
            }, name
    assert not estate.missing()


def test_options_of_the_stack_change_in_place_and_a_zone_never(deployed: Stack, others: OtherHands) -> None:
    configured(deployed, ldapSigning=True, administrators=["ops"], backup={"vaultId": others.vault})
    run = deployed.pulumi("up", "--yes", "--skip-preview")
    assert run.code == 0, run.output
    directory = others.body("account")["properties"]["activeDirectories"][0]
    assert (directory["ldapSigning"], directory["administrators"]) == (True, ["ops"])
    assert directory["aesEncryption"] is True, "a new account has it by default"
    protection = others.body("volume")["properties"]["dataProtection"]
    assert protection["backup"] == {"backupVaultId": others.vault}
    for arguments in ([], ["--refresh"]):
        run = deployed.pulumi("preview", "--expect-no-changes", *arguments)
        assert run.code == 0, run.output
    configured(deployed, zone="2", ldapSigning=True, administrators=["ops"], backup={"vaultId": others.vault})
    run = deployed.pulumi("preview")
    assert run.code != 0
    assert 'zone (anf-smb:volumes[].zone) is ["2"] and cannot be changed' in run.output
    assert "Traceback" not in run.output
    configured(deployed)
    assert deployed.pulumi("up", "--yes", "--skip-preview").code == 0
    properties = others.body("account")["properties"]["activeDirectories"][0]
    assert (properties["ldapSigning"], properties["aesEncryption"]) == (False, True)


def test_a_new_password_keeps_the_other_options_of_the_directory(deployed: Stack, estate: OtherHands) -> None:
    configured(deployed)
    password = "N3w-joining-password-0987654321"
    assert deployed.sandbox("directory", "set-password", "anf-join", standard_input=password).code == 0
    done = deployed.pulumi("config", "set", "--secret", "anf-smb:activeDirectoryPassword", standard_input=password)
    assert done.code == 0, done.output
    run = deployed.pulumi("up", "--yes", "--skip-preview")
    assert run.code == 0, run.output
    assert "activeDirectories[0].password: changes" in run.output
    assert password not in run.output
    assert not estate.missing()


def test_the_diff_of_a_directory_shows_what_changes_beside_the_password(deployed: Stack) -> None:
    configured(deployed, dnsServers=["10.40.0.9"], site="Seoul")
    run = deployed.pulumi("preview")
    assert run.code == 0, run.output
    assert re.search(r'activeDirectories\[0\]\.dns: "[\d.,]+" => "10\.40\.0\.9"', run.output)
    assert 'activeDirectories[0].site: "Default-First-Site-Name" => "Seoul"' in run.output
    assert deployed.secret_config("activeDirectoryPassword") not in run.output


def test_a_change_of_another_hand_is_not_set_back_unseen(deployed: Stack, others: OtherHands) -> None:
    others.make(("volume", "properties", "usageThreshold"), 150 * 1024**3)
    configured(deployed, accessBasedEnumeration=True)
    run = deployed.pulumi("preview", "--refresh=false")
    assert run.code != 0
    assert "set back what others have changed, unseen: usageThreshold" in run.output
    assert "--refresh" in run.output
    seen = operations(deployed.events("--refresh"))
    assert seen["smb-volume"] == "update"
    deployed.pulumi("up", "--yes", "--skip-preview", "--refresh")


EDITS = st.fixed_dictionaries(
    {
        "sizeGiB": st.integers(100, 200),
        "sizeTiB": st.integers(1, 3),
        "dnsServers": st.lists(st.sampled_from(["10.40.0.4", "10.40.0.5", "10.40.0.6"]), min_size=1, unique=True),
        "site": st.sampled_from(["Default-First-Site-Name", "Seoul"]),
        "browsable": st.booleans(),
        "accessBasedEnumeration": st.booleans(),
        "snapshotPolicy": st.sampled_from(["daily", None]),
        "tags": st.sampled_from([TAGS, {"costCenter": "42"}, {}]),
    }
)
OF_OTHERS = st.lists(
    st.sampled_from([(place, value) for place, values in VALUES.items() for value in values]),
    min_size=8,
    max_size=14,
    unique_by=lambda made: made[0],
)


# Each example is one `up` with about 20 edits of both sides: more than 100 in all.
@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(edits=EDITS, of_others=OF_OTHERS, refresh=st.booleans())
def test_no_setting_of_others_is_lost_by_random_edits(
    deployed: Stack, others: OtherHands, edits: dict[str, Any], of_others: list[Any], refresh: bool
) -> None:
    before = identities(deployed, others)
    for place, value in of_others:
        others.make(place, value)
    configured(deployed, **{key: value for key, value in edits.items() if value is not None})
    run = deployed.pulumi("up", "--yes", "--skip-preview", f"--refresh={str(refresh).lower()}")
    assert run.code == 0, run.output
    assert not others.missing()
    assert identities(deployed, others) == before

"""Tags: one key for the stack, more by resource, the rules of Azure, and what has none."""

from typing import Any

import pytest

from components import rules
from components.resource_group import ResourceGroup
from tests.unit.stack_config import errors, load
from tests.unit.unit_mocks import (
    ACCOUNT,
    FEDERATION,
    GROUP,
    IDENTITY,
    NETWORK,
    OWN_NETWORK,
    POOL,
    SNAPSHOT_POLICY,
    SUBNET,
    VOLUME,
    run,
    run_whole,
)

NAMES = OWN_NETWORK
SCHEDULE = {"snapshotsToKeep": 2, "hour": 1, "minute": 0}
POLICY = {"name": "daily", "dailySchedule": SCHEDULE}


def test_the_tags_of_a_stack_are_on_all_that_can_have_tags() -> None:
    run = run_whole(snapshotPolicies=[POLICY], network=OWN_NETWORK, tags={"costCenter": "4711"})
    for token in (GROUP, NETWORK, ACCOUNT, POOL, VOLUME, SNAPSHOT_POLICY, IDENTITY):
        assert run.one(token).inputs["tags"] == {"costCenter": "4711"}, token
    for token in (SUBNET, FEDERATION):
        assert "tags" not in run.one(token).inputs, token


def test_a_stack_without_tags_sends_none() -> None:
    run = run_whole(snapshotPolicies=[POLICY], network=OWN_NETWORK, account={"name": "anf-dev", "tags": {}})
    for token in (GROUP, NETWORK, ACCOUNT, POOL, VOLUME, SNAPSHOT_POLICY, IDENTITY):
        assert "tags" not in run.one(token).inputs, token


def test_the_tags_of_a_resource_win_over_those_of_the_stack() -> None:
    settings = load(
        {
            "anf-smb:tags": {"costCenter": "4711", "env": "dev"},
            "anf-smb:account": {"name": "anf-dev", "tags": {"CostCenter": "42"}},
            "anf-smb:network": NAMES | {"tags": {"team": "network"}},
            "anf-smb:volumes": [{"name": "smb", "sizeGiB": 100, "tags": {"app": "web"}}, {"name": "b", "sizeGiB": 50}],
        }
    )
    assert settings.account.tags == {"env": "dev", "CostCenter": "42"}
    assert settings.network.tags == {"costCenter": "4711", "env": "dev", "team": "network"}
    assert [volume.tags for volume in settings.volumes] == [
        {"costCenter": "4711", "env": "dev", "app": "web"},
        {"costCenter": "4711", "env": "dev"},
    ]


MANY = {f"tag{number}": "" for number in range(49)}
EXISTING = {"name": "rg", "existing": True}


@pytest.mark.parametrize(
    ("change", "key", "said"),
    [
        ({"anf-smb:tags": {"a/b": "1"}}, "anf-smb:tags.a/b", "none of < > % & \\ ? /"),
        ({"anf-smb:tags": {"a.b<": "1"}}, 'anf-smb:tags["a.b<"]', "none of"),
        ({"anf-smb:tags": {"Azure-team": "1"}}, "anf-smb:tags.Azure-team", "azure, microsoft, windows"),
        ({"anf-smb:tags": {"n" * 513: "1"}}, f"anf-smb:tags.{'n' * 513}", "1 to 512 characters"),
        ({"anf-smb:tags": {"a": "v" * 257}}, "anf-smb:tags.a", "at most 256 characters"),
        ({"anf-smb:tags": {"costCenter": 4711}}, "anf-smb:tags.costCenter", "quote a number"),
        ({"anf-smb:tags": {"a": "1", "A": "2"}}, "anf-smb:tags.A", "case does not count"),
        ({"anf-smb:tags": MANY | {"x": "", "y": ""}}, "anf-smb:tags", "50 tags on a resource; these are 51"),
        (
            {"anf-smb:tags": MANY, "anf-smb:account": {"name": "anf", "tags": {"x": "", "y": "", "tag1": ""}}},
            "anf-smb:account.tags",
            "with those of anf-smb:tags\n  allowed: 50 tags on a resource; these are 51",
        ),
        (
            {"anf-smb:volumes": [{"name": "a", "sizeGiB": 100}, {"name": "b", "sizeGiB": 50, "tags": {"?": ""}}]},
            "anf-smb:volumes[1].tags.?",
            "choose another name",
        ),
        ({"anf-smb:resourceGroup": EXISTING | {"tags": {"a": ""}}}, "anf-smb:resourceGroup.tags", "what the stack"),
        (
            {"anf-smb:volumes": [{"name": "a", "existing": True, "tags": {"a": ""}}]},
            "anf-smb:volumes[0].tags",
            "only what the stack creates gets tags",
        ),
    ],
)
def test_tags_that_azure_refuses_are_an_error(change: dict[str, Any], key: str, said: str) -> None:
    assert said in errors(change)[key]


def test_a_component_refuses_them_too() -> None:
    for tags in ({"a?": ""}, {"a": "v" * 257}, {"a": "", "A": ""}, {f"t{number}": "" for number in range(51)}):
        with pytest.raises(rules.InvalidArgsError, match="ResourceGroup: tags: "):
            run(lambda tags=tags: ResourceGroup("anf", {"name": "rg", "tags": tags}))

"""Snapshot policies: valid schedules, errors for invalid ones, and the resources that the program creates."""

from collections.abc import Callable
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components import rules
from components.rules import snapshots as snapshot_rules
from components.snapshot_policy import SnapshotPolicy
from tests.unit.stack_config import errors, load
from tests.unit.test_program import names
from tests.unit.unit_mocks import SNAPSHOT_POLICY, VOLUME, Cloud, run, run_static

HOURLY: Final = {"snapshotsToKeep": 24, "minute": 5}
DAILY: Final = {"snapshotsToKeep": 7, "hour": 1, "minute": 15}
WEEKLY: Final = {"snapshotsToKeep": 4, "day": "Monday,Thursday", "hour": 2, "minute": 25}
MONTHLY: Final = {"snapshotsToKeep": 12, "daysOfMonth": "1,15", "hour": 3, "minute": 35}
NIGHTLY: Final = {"name": "nightly", "dailySchedule": DAILY}
SHARE: Final = {"name": "smb", "sizeGiB": 100}
EXISTING: Final[dict[str, Any]] = {
    "resourceGroup": {"name": "rg", "existing": True},
    "account": {"name": "acc", "existing": True},
    "activeDirectory": None,
    "activeDirectoryPassword": None,
}


@pytest.mark.parametrize(
    ("rule", "value", "allowed"),
    [
        (snapshot_rules.SNAPSHOTS_TO_KEEP, 1, True),
        (snapshot_rules.SNAPSHOTS_TO_KEEP, 255, True),
        (snapshot_rules.SNAPSHOTS_TO_KEEP, 0, False),
        (snapshot_rules.SNAPSHOTS_TO_KEEP, 256, False),
        (snapshot_rules.MINUTE, 0, True),
        (snapshot_rules.MINUTE, 59, True),
        (snapshot_rules.MINUTE, 60, False),
        (snapshot_rules.HOUR, 0, True),
        (snapshot_rules.HOUR, 23, True),
        (snapshot_rules.HOUR, 24, False),
        (snapshot_rules.DAYS_OF_WEEK, "Sunday", True),
        (snapshot_rules.DAYS_OF_WEEK, "Monday,Thursday", True),
        (snapshot_rules.DAYS_OF_WEEK, "Mon", False),
        (snapshot_rules.DAYS_OF_WEEK, "sunday", False),
        (snapshot_rules.DAYS_OF_WEEK, "Monday, Thursday", False),
        (snapshot_rules.DAYS_OF_WEEK, "Monday,Monday", False),
        (snapshot_rules.DAYS_OF_WEEK, "", False),
        (snapshot_rules.DAYS_OF_MONTH, "1", True),
        (snapshot_rules.DAYS_OF_MONTH, "1,15,31", True),
        (snapshot_rules.DAYS_OF_MONTH, "0", False),
        (snapshot_rules.DAYS_OF_MONTH, "32", False),
        (snapshot_rules.DAYS_OF_MONTH, "01", False),
        (snapshot_rules.POLICY_NAME, "nightly", True),
        (snapshot_rules.POLICY_NAME, "-nightly", False),
    ],
)
def test_what_a_schedule_may_say(rule: rules.Rule[Any], value: object, allowed: bool) -> None:
    assert rule.holds(value) is allowed


@settings(deadline=None)  # a busy machine is no reason to fail
@given(counts=st.lists(st.integers(1, 255), min_size=1, max_size=4))
def test_all_schedules_share_the_snapshots_of_a_volume(counts: list[int]) -> None:
    assert (snapshot_rules.too_many_snapshots(counts) is None) == (sum(counts) <= 255)


WRONG: Final[list[tuple[str, list[Any], str, str]]] = [
    # what, the policies, the key as the user wrote it, what the error says
    ("no schedule", [{"name": "nightly"}], "anf-smb:snapshotPolicies[0]", "one or more of hourlySchedule"),
    (
        "no count",
        [{"name": "nightly", "dailySchedule": {"hour": 1, "minute": 0}}],
        "anf-smb:snapshotPolicies[0].dailySchedule.snapshotsToKeep",
        "dailySchedule.snapshotsToKeep: 7",
    ),
    (
        "a misspelled schedule",
        [NIGHTLY | {"weeklySchedul": WEEKLY}],
        "anf-smb:snapshotPolicies[0].weeklySchedul",
        "did you mean anf-smb:snapshotPolicies[0].weeklySchedule?",
    ),
    (
        "an hour each hour",
        [{"name": "nightly", "hourlySchedule": DAILY}],
        "anf-smb:snapshotPolicies[0].hourlySchedule.hour",
        "minute, snapshotsToKeep",
    ),
    (
        "minute",
        [{"name": "nightly", "hourlySchedule": HOURLY | {"minute": 60}}],
        "anf-smb:snapshotPolicies[0].hourlySchedule.minute",
        "0 to 59 minutes past the hour",
    ),
    (
        "weekday",
        [{"name": "nightly", "weeklySchedule": WEEKLY | {"day": "Sonntag"}}],
        "anf-smb:snapshotPolicies[0].weeklySchedule.day",
        "such as Sunday or Monday,Thursday",
    ),
    (
        "a day that is a number",
        [{"name": "nightly", "monthlySchedule": MONTHLY | {"daysOfMonth": 1}}],
        "anf-smb:snapshotPolicies[0].monthlySchedule.daysOfMonth",
        "quote a number",
    ),
    (
        "too many",
        [NIGHTLY | {"hourlySchedule": HOURLY | {"snapshotsToKeep": 249}}],
        "anf-smb:snapshotPolicies[0]",
        "these add up to 256",
    ),
    (
        "same name",
        [NIGHTLY, NIGHTLY | {"name": "Nightly"}],
        "anf-smb:snapshotPolicies[1].name",
        "is the same as that of anf-smb:snapshotPolicies[0]",
    ),
    (
        "existing in a new account",
        [{"name": "nightly", "existing": True}],
        "anf-smb:snapshotPolicies[0].existing",
        "anf-smb:account.existing is true",
    ),
    (
        "existing with a schedule",
        [NIGHTLY | {"existing": True}],
        "anf-smb:snapshotPolicies[0].dailySchedule",
        "keeps its own",
    ),
    (
        "existing, switched off",
        [{"name": "nightly", "existing": True, "enabled": False}],
        "anf-smb:snapshotPolicies[0].enabled",
        "keeps its own",
    ),
]


@pytest.mark.parametrize(("policies", "key", "said"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_an_error_in_a_policy_is_reported_with_its_key(policies: list[Any], key: str, said: str) -> None:
    found = errors({"anf-smb:snapshotPolicies": policies})
    assert key in found, found
    assert said in found[key]


def test_a_volume_names_a_policy_of_the_stack() -> None:
    change = {"anf-smb:volumes": [SHARE | {"snapshotPolicy": "hourly"}]}
    assert "such as anf-smb:snapshotPolicies: [{name: daily" in errors(change)["anf-smb:snapshotPolicies"]
    found = errors(change | {"anf-smb:snapshotPolicies": [NIGHTLY]})
    assert "one of anf-smb:snapshotPolicies: nightly" in found["anf-smb:volumes[0].snapshotPolicy"]


def test_all_that_is_wrong_with_policies_is_said_at_once_and_a_broken_one_is_not_missed_too() -> None:
    found = errors(
        {
            "anf-smb:snapshotPolicies": [
                {"name": "-", "dailySchedule": DAILY | {"hour": 24}},
                {"name": "nightly"},
            ],
            "anf-smb:volumes": [SHARE | {"snapshotPolicy": "-"}],
        }
    )
    assert set(found) == {
        "anf-smb:snapshotPolicies[0].name",
        "anf-smb:snapshotPolicies[0].dailySchedule.hour",
        "anf-smb:snapshotPolicies[1]",
    }


def test_a_stack_has_no_policy_unless_it_says_so() -> None:
    stack = load({"anf-smb:snapshotPolicies": None})
    assert stack.snapshot_policies == []
    assert stack.volumes[0].snapshot_policy is None
    assert "dataProtection" not in run_static(snapshotPolicies=None).one(VOLUME).inputs


def test_the_program_makes_the_policy_and_then_the_volume_that_has_it() -> None:
    made = run_static(
        snapshotPolicies=[
            NIGHTLY
            | {"hourlySchedule": HOURLY, "weeklySchedule": WEEKLY, "monthlySchedule": MONTHLY, "enabled": False},
        ],
        volumes=[SHARE | {"snapshotPolicy": "nightly"}, {"name": "scratch", "sizeGiB": 50}],
    )
    policy = made.one(SNAPSHOT_POLICY, "nightly-policy")
    assert {
        "snapshotPolicyName": "nightly",
        "accountName": "anf-dev",
        "enabled": False,
    }.items() <= policy.inputs.items()
    assert (policy.inputs["hourlySchedule"], policy.inputs["dailySchedule"]) == (HOURLY, DAILY)
    assert (policy.inputs["weeklySchedule"], policy.inputs["monthlySchedule"]) == (WEEKLY, MONTHLY)
    assert not policy.request.protect
    assert "anf-account" in names(made, policy)
    volume = made.one(VOLUME, "smb-volume")
    assert volume.inputs["dataProtection"]["snapshot"]["snapshotPolicyId"].endswith("/nightly-policy")
    assert "nightly-policy" in names(made, volume)
    assert "dataProtection" not in made.one(VOLUME, "scratch-volume").inputs


def test_a_policy_that_exists_is_looked_up_and_left_alone() -> None:
    changes: dict[str, Any] = EXISTING | {
        "snapshotPolicies": [{"name": "nightly", "existing": True}],
        "volumes": [SHARE | {"snapshotPolicy": "nightly"}],
    }
    made = run_static(**changes)
    assert made.all(SNAPSHOT_POLICY) == []
    assert made.one(VOLUME).inputs["dataProtection"]["snapshot"]["snapshotPolicyId"].endswith("/acc/nightly")
    with pytest.raises(Exception, match="existing snapshot policy"):
        run_static(cloud=Cloud(missing="azure-native:netapp:getSnapshotPolicy"), preview=True, **changes)


def policy_with(schedules: dict[str, Any]) -> Callable[[], SnapshotPolicy]:
    args: Any = {"account": {"resource_group_name": "rg", "name": "account"}, "name": "nightly", **schedules}
    return lambda: SnapshotPolicy("nightly", args)


@pytest.mark.parametrize(
    ("schedules", "said"),
    [
        ({}, "is needed"),
        ({"hourly_schedule": {"snapshots_to_keep": 300, "minute": 60}}, r"snapshots_to_keep: 300.*minute: 60"),
        (
            {
                "hourly_schedule": {"snapshots_to_keep": 200, "minute": 0},
                "daily_schedule": {"snapshots_to_keep": 100, "hour": 1, "minute": 0},
            },
            "these add up to 300",
        ),
    ],
)
def test_the_component_refuses_schedules_that_azure_would(schedules: dict[str, Any], said: str) -> None:
    with pytest.raises(rules.InvalidArgsError, match=said):
        run(policy_with(schedules))

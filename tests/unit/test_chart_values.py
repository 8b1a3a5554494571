"""Values of charts that break the product are refused by the components too, in any program."""

from typing import Any

import pytest

from components.rules import InvalidArgsError, check_values
from components.rules import trident as trident_rules
from components.rules.smb_driver import breaking_values


@pytest.mark.parametrize(
    "values",
    [
        {"windows": {"enabled": False}},
        {"windows": {"enabled": None}},
        {"windows": "true"},
        {"driver": {"name": "smb.example"}},
    ],
)
def test_the_smb_driver_runs_on_windows_nodes_by_the_name_that_the_volumes_have(values: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgsError, match=r"SmbCsiDriver: values.* allowed: "):
        check_values("SmbCsiDriver", breaking_values(values))


@pytest.mark.parametrize(
    "values",
    [{}, {"windows": {"enabled": True, "dsName": "x"}}, {"linux": {"enabled": False}}, {"driver": {"labels": {}}}],
)
def test_other_values_of_the_smb_driver_are_the_users(values: dict[str, Any]) -> None:
    check_values("SmbCsiDriver", breaking_values(values))


@pytest.mark.parametrize("authentication", ["workloadIdentity", "managedIdentity", "clientSecret"])
def test_trident_runs_on_windows_nodes_and_signs_in_to_azure(authentication: str) -> None:
    for values in ({"windows": False}, {"cloudIdentity": "x"}):
        with pytest.raises(InvalidArgsError, match=r"Trident: values.* allowed: "):
            check_values("Trident", trident_rules.breaking_values(values, authentication))
    other_cloud = [*trident_rules.breaking_values({"cloudProvider": "AWS"}, authentication)]
    assert [each.path for each in other_cloud] == ([] if authentication == "clientSecret" else ["cloudProvider"])
    assert [*trident_rules.breaking_values({"tridentDebug": True, "cloudProvider": "Azure"}, authentication)] == []

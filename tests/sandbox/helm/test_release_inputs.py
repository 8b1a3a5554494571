"""What Check makes of a program's inputs, and what Diff finds between them and the state."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sandbox.providers.kubernetes.handler import Change, ResourceError, State
from sandbox.providers.values import UNKNOWN, Properties
from tests.sandbox.helm.releases import CONFIG_MAP, Program

ASSET = {"4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17"}


def test_every_option_has_its_zero_and_the_defaults_are_the_plugins(
    offline_program: Program, chart: Callable[..., str]
) -> None:
    path = chart(CONFIG_MAP)
    values = offline_program.checked({"chart": path, "compat": "true"}).values
    assert re.fullmatch(r"web-[0-9a-f]{8}", values.pop("name"))
    assert values.pop("chart") == path
    assert values.pop("version") == "1.2.3"
    assert values.pop("namespace") == "default"
    assert values.pop("timeout") == 300
    assert values.pop("values") == {}
    texts = {key for key, value in values.items() if value == ""}
    assert texts == {"description", "keyring", "postrender"}
    assert {value for key, value in values.items() if key not in texts} == {False}
    assert "compat" not in values
    assert "repositoryOpts" not in values


def test_a_name_once_given_is_kept(offline_program: Program, chart: Callable[..., str]) -> None:
    release = {"chart": chart(CONFIG_MAP)}
    named = offline_program.checked(release)
    again = offline_program.checked(release, Properties({**named.values, "name": "first-name"}))
    assert again.values["name"] == "first-name"


def test_without_waiting_there_is_no_timeout(offline_program: Program, chart: Callable[..., str]) -> None:
    assert offline_program.checked({"chart": chart(CONFIG_MAP), "skipAwait": True}).values["timeout"] == 0


def test_files_of_values_stand_below_the_values(
    offline_program: Program, chart: Callable[..., str], tmp_path: Path
) -> None:
    (tmp_path / "site.yaml").write_text("windows: {enabled: true, a: 1}\nonly: here\n")
    checked = offline_program.checked(
        {
            "chart": chart(CONFIG_MAP),
            "valueYamlFiles": [
                {**ASSET, "path": str(tmp_path / "site.yaml")},
                {**ASSET, "text": "windows: {a: 2, b: null}"},
            ],
            "values": {"windows": {"a": 3}},
        }
    )
    assert checked.values["values"] == {"windows": {"enabled": True, "a": 3, "b": None}, "only": "here"}
    assert "valueYamlFiles" not in checked.values


def test_a_secret_file_makes_all_values_secret(offline_program: Program, chart: Callable[..., str]) -> None:
    release = {"chart": chart(CONFIG_MAP), "valueYamlFiles": [{**ASSET, "text": "password: hunter22"}]}
    checked = offline_program.checked(release, secrets=[("valueYamlFiles", 0)])
    assert ("values",) in checked.secrets


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"timeout": "300"}, "'Timeout' expected type 'int', got unconvertible type 'string'"),
        ({"skipAwait": "yes"}, "'SkipAwait' expected type 'bool', got unconvertible type 'string'"),
        ({"values": ["a"]}, r"'Values' expected type 'map', got unconvertible type '\[\]interface {}'"),
        ({"valueYamlFiles": ["a.yaml"]}, "unsupported type for 'valueYamlFiles' arg: string"),
        ({"valueYamlFiles": [{**ASSET, "path": "no-such.yaml"}]}, "failed to open asset file 'no-such.yaml'"),
        ({"valueYamlFiles": [{**ASSET, "text": "a: [password"}]}, "valueYamlFiles: yaml: line 1"),
    ],
)
def test_inputs_of_the_wrong_type(offline_program: Program, wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ResourceError, match=message) as error:
        offline_program.check({"chart": "any", **wrong})
    assert "password" not in str(error.value)


def test_unknown_inputs_stay_unknown_and_the_chart_waits(offline_program: Program) -> None:
    checked = offline_program.checked({"chart": "no-such", "namespace": UNKNOWN, "values": {"a": {"b": UNKNOWN}}})
    assert checked.values["namespace"] is UNKNOWN
    assert checked.values["values"] == {"a": {"b": UNKNOWN}}


def difference(
    program: Program, state: dict[str, Any], inputs: dict[str, Any], wanted: dict[str, Any]
) -> dict[str, Change]:
    made = State("default/web", Properties({**state, "__inputs": inputs}))
    return dict(program.diff(Properties(inputs), made, Properties(wanted)).details)


@pytest.mark.parametrize(
    ("was", "wanted", "changes"),
    [
        ({}, {"a": 1}, {"values.a": Change.ADD}),
        ({"a": 1}, {}, {"values.a": Change.DELETE}),
        ({"a": 1}, {"a": 1.0}, {}),
        ({"a": 1}, {"a": True}, {"values.a": Change.UPDATE}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 3}}, {"values.a.b": Change.UPDATE, "values.a.c": Change.DELETE}),
        ({"a": [1, 2]}, {"a": [1, 3, 4]}, {"values.a[1]": Change.UPDATE, "values.a[2]": Change.ADD}),
        ({"a": [{"b": 1}]}, {"a": [{}]}, {"values.a[0].b": Change.DELETE}),
        ({"a": 1}, {"a": UNKNOWN}, {"values.a": Change.UPDATE}),
        ({}, {"a": UNKNOWN}, {"values.a": Change.ADD}),
        ({"a": 1}, {"a": None}, {"values.a": Change.DELETE}),
        ({"a": None}, {"a": None}, {}),
        ({}, {"kubernetes.io/os": "x"}, {'values["kubernetes.io/os"]': Change.ADD}),
    ],
)
def test_values_are_compared_one_by_one(
    offline_program: Program, was: dict[str, Any], wanted: dict[str, Any], changes: dict[str, Change]
) -> None:
    assert difference(offline_program, {"values": was}, {"values": was}, {"values": wanted}) == changes


def test_values_that_only_the_cluster_has_are_left_alone(offline_program: Program) -> None:
    state = {"values": {"a": 1, "other": 2}, "status": {"status": "deployed"}, "resourceNames": {}}
    assert difference(offline_program, state, {"values": {"a": 1}}, {"values": {"a": 1}}) == {}


def test_only_another_name_or_namespace_needs_a_new_release(offline_program: Program) -> None:
    before = {"name": "a", "namespace": "b", "chart": "c", "version": "1", "timeout": 1}
    after = {"name": "A", "namespace": "B", "chart": "C", "version": "2", "timeout": 2}
    assert difference(offline_program, before, before, after) == {
        "name": Change.UPDATE_REPLACE,
        "namespace": Change.UPDATE_REPLACE,
        "chart": Change.UPDATE,
        "version": Change.UPDATE,
        "timeout": Change.UPDATE,
    }

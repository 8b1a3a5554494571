"""Property values of the engine survive the way to plain JSON and back, secrets and unknowns included."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime.rpc import (
    UNKNOWN as SDK_UNKNOWN,  # pyright: ignore[reportPrivateImportUsage]
)

from sandbox.plugins.azure_native.values import UNKNOWN, Properties, contains_unknown, read, write

_json: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), _json, max_size=5))
def test_json_comes_back_as_it_was(values: dict[str, Any]) -> None:
    assert read(write(values)).values == values


@pytest.mark.parametrize("password", ["x", UNKNOWN])
def test_secrets_come_back_as_secrets(password: Any) -> None:
    properties = Properties({"user": "svc", "ad": [{"password": password}]}, frozenset({("ad", 0, "password")}))
    assert read(write(properties.values, properties.secrets)) == properties


def test_a_secret_is_wrapped_in_the_engines_own_form() -> None:
    wrapped = write({"password": "x"}, {("password",)}).fields["password"].struct_value.fields
    assert wrapped["4dabf18193072939515e22adb298388d"].string_value == "1b47061264138c4ac30d75fd1eb44270"
    assert wrapped["value"].string_value == "x"


def test_unknowns_are_the_sdks_and_are_found_at_any_depth() -> None:
    assert write({"id": UNKNOWN}).fields["id"].string_value == SDK_UNKNOWN
    assert contains_unknown({"a": [{"b": UNKNOWN}]})
    assert not contains_unknown({"a": [{"b": "known"}]})


def test_what_is_no_property_value_is_refused_with_its_place() -> None:
    with pytest.raises(TypeError, match=r"a\.0: a set is no property value"):
        write({"a": [set[str]()]})

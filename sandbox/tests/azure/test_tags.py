"""Tags of a resource: a PUT replaces them, and names, values and numbers that Azure does not take are refused."""

from typing import Any

import pytest

from tests.azure.names import ACCOUNT
from tests.azure.world import World, account_body


def tagged(tags: Any) -> dict[str, Any]:
    return {**account_body(), "tags": tags}


def test_a_put_replaces_the_tags(world: World) -> None:
    world.group()
    world.put(ACCOUNT, tagged({"costCenter": "4711", "a.b": ""}))
    assert world.get(ACCOUNT).tags == {"costCenter": "4711", "a.b": ""}
    world.put(ACCOUNT, tagged({"team": "storage"}))
    assert world.get(ACCOUNT).tags == {"team": "storage"}
    world.put(ACCOUNT, account_body())
    assert world.get(ACCOUNT).tags is None


@pytest.mark.parametrize(
    ("tags", "code"),
    [
        ({"a/b": ""}, "InvalidTagNameCharacters"),
        ({"a\n": ""}, "InvalidTagNameCharacters"),
        ({"": ""}, "InvalidTagNameLength"),
        ({"n" * 513: ""}, "InvalidTagNameLength"),
        ({"Microsoft.x": ""}, "ReservedTagName"),
        ({"a": "v" * 257}, "InvalidTagValueLength"),
        ({"a": 1}, "InvalidRequestContent"),
        ({f"tag{number}": "" for number in range(51)}, "TooManyTags"),
        ({"a": "", "A": ""}, "DuplicateTagNames"),
    ],
)
def test_tags_that_azure_does_not_take_are_refused(world: World, tags: dict[str, Any], code: str) -> None:
    world.group()
    assert world.refusal(ACCOUNT, tagged(tags)).code == code
    world.put(ACCOUNT, tagged({"n" * 512: "v" * 256}))

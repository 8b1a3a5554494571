"""Look-ups of Azure's resources by their names: a preview asks once, an `up` each time."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pulumi
import pytest
from pulumi.runtime.settings import SETTINGS

from components.support.lookup import find

GROUP: Final = {"resourceGroupName": "rg"}
ACCOUNT: Final = {**GROUP, "accountName": "anf"}
POOL: Final = {**ACCOUNT, "poolName": "pool"}
OTHER: Final = {"resourceGroupName": "other", "accountName": "anf"}
OF_GROUP, OF_ACCOUNT, OF_POOL = "getResourceGroup", "getAccount", "getPool"


class Azure:
    """Azure with one group, or what it answers to every question."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, preview: bool, answer: str = "") -> None:
        self.asked: list[str] = []
        self._answer = answer
        monkeypatch.setattr(SETTINGS, "dry_run", preview)
        monkeypatch.setattr(SETTINGS, "monitor", type("Monitor", (), {})())
        monkeypatch.setattr(pulumi.runtime, "invoke_async", self._invoke)

    async def _invoke(self, function: str, names: Mapping[str, str], _: pulumi.InvokeOptions) -> Any:
        self.asked.append(function)
        if self._answer or names != GROUP:
            raise Exception(self._answer or "Status=404")
        return {"id": "/subscriptions/x/resourceGroups/rg"}


def found(*questions: tuple[str, Mapping[str, str]], options: pulumi.InvokeOptions | None = None) -> Sequence[bool]:
    async def ask() -> Sequence[bool]:
        return [await find(*question, options or pulumi.InvokeOptions()) is not None for question in questions]

    return asyncio.run(ask())


def test_a_preview_asks_once_and_for_nothing_within_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    azure = Azure(monkeypatch, preview=True)
    questions = [(OF_GROUP, GROUP), (OF_ACCOUNT, ACCOUNT), (OF_POOL, POOL)]
    assert found(*questions, *questions) == [True, False, False] * 2
    assert azure.asked == [OF_GROUP, OF_ACCOUNT]


def test_what_is_missing_says_nothing_of_other_names(monkeypatch: pytest.MonkeyPatch) -> None:
    azure = Azure(monkeypatch, preview=True)
    found((OF_ACCOUNT, ACCOUNT), (OF_ACCOUNT, OTHER), (OF_GROUP, GROUP))
    assert azure.asked == [OF_ACCOUNT, OF_ACCOUNT, OF_GROUP]


def test_another_provider_may_be_of_another_subscription(monkeypatch: pytest.MonkeyPatch) -> None:
    azure = Azure(monkeypatch, preview=True)

    class Provider(pulumi.ProviderResource):
        def __init__(self) -> None:
            """Register nothing."""

    found((OF_ACCOUNT, ACCOUNT))
    found((OF_POOL, POOL), options=pulumi.InvokeOptions(provider=Provider()))
    assert azure.asked == [OF_ACCOUNT, OF_POOL]


def test_an_up_asks_each_time_as_it_creates_in_between(monkeypatch: pytest.MonkeyPatch) -> None:
    azure = Azure(monkeypatch, preview=False)
    assert found((OF_ACCOUNT, ACCOUNT), (OF_POOL, POOL), (OF_POOL, POOL)) == [False] * 3
    assert azure.asked == [OF_ACCOUNT, OF_POOL, OF_POOL]


def test_another_preview_asks_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        azure = Azure(monkeypatch, preview=True)
        found((OF_ACCOUNT, ACCOUNT))
        assert azure.asked == [OF_ACCOUNT]


def test_a_refused_look_up_is_neither_found_nor_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    azure = Azure(monkeypatch, preview=True, answer="Status=403")
    for _ in range(2):
        with pytest.raises(Exception, match="Status=403"):
            found((OF_ACCOUNT, ACCOUNT))
    assert azure.asked == [OF_ACCOUNT] * 2

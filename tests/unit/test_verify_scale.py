"""verify of many shares: few requests to the API server, checks at the same time, and progress."""

import io
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from tests.unit.at_once import most_at_once
from tests.unit.verify_objects import FQDN, GIB, POOL
from tests.unit.verify_world import Stack
from verify import runner
from verify.check import Check, Result
from verify.clients.cluster import ApiError, Cluster, Json
from verify.plan import checks_of
from verify.progress import Progress
from verify.runner import Runner


def many_shares(count: int) -> Stack:
    """Return a healthy stack whose share `smb` is there under as many names."""
    stack = Stack()
    share, objects = stack.outputs["volumes"].pop("smb"), stack.cluster.objects
    claim, pod, volume = (
        objects.pop(f"/api/v1/{path}")
        for path in (
            "namespaces/smb-static/persistentvolumeclaims/anf-pvc-smb",
            "namespaces/smb-static/pods/iis-pod",
            "persistentvolumes/anf-pv-smb",
        )
    )
    for number in range(count):
        name = f"smb-{number}"
        stack.outputs["volumes"][name] = share | {
            "creationToken": name,
            "uncPath": rf"\\{FQDN}\{name}",
            "volumeId": f"{POOL}/volumes/{name}",
            "claimName": f"claim-{name}",
            "podName": f"pod-{name}",
        }
        for item, collection, new in (
            (claim, "/api/v1/namespaces/smb-static/persistentvolumeclaims", f"claim-{name}"),
            (pod, "/api/v1/namespaces/smb-static/pods", f"pod-{name}"),
            (volume, "/api/v1/persistentvolumes", f"pv-{name}"),
        ):
            text = json.dumps(item).replace("anf-pvc-smb", f"claim-{name}").replace("anf-pv-smb", f"pv-{name}")
            made = json.loads(text.replace(rf"{FQDN}\\smb", rf"{FQDN}\\{name}").replace('/smb"', f'/{name}"'))
            made["metadata"] |= {"name": new, "uid": f"uid-{new}"}
            if "csi" in made["spec"]:
                made["spec"]["csi"]["volumeHandle"] = name
                made["spec"]["claimRef"]["uid"] = f"uid-claim-{name}"
            stack.cluster.put(collection, made)
    template = stack.azure.volumes.pop(f"{POOL}/volumes/smb")
    for name in stack.outputs["volumes"]:
        identity = f"{POOL}/volumes/{name}"
        stack.azure.volumes[identity] = replace(template, id=identity, creation_token=name)
    stack.azure.pools[POOL] = replace(stack.azure.pools[POOL], size=100 * 1024 * GIB)
    return stack


@pytest.mark.parametrize("count", [1, 60])
def test_the_requests_to_the_api_server_are_as_many_for_any_number_of_shares(count: int) -> None:
    stack = many_shares(count)
    world = stack.world
    results = Runner(checks_of(world), world).run()
    assert [(each.check.name, each.seen) for each in results if not each.holds] == []
    asked = [path for _, path in stack.cluster.requests]
    assert len(asked) == len(set(asked))
    assert not [path for path in asked if "smb-0" in path]


def test_eight_checks_run_at_the_same_time() -> None:
    def arrive(count: Callable[[], None]) -> None:
        def look() -> str:
            count()
            return "seen"

        checks = [Check(f"check-{number}", "", "", look) for number in range(50)]
        assert all(each.holds for each in Runner(checks, Stack().world).run())

    assert most_at_once(arrive, runner.AT_ONCE) == runner.AT_ONCE == 8


class Pages:
    """An API server that gives a list in pages of two."""

    server = "https://aks-dev.example"

    def __init__(self, count: int, *, expires: bool = False) -> None:
        self.names = [str(number) for number in range(count)]
        self.expires = expires
        self.asked: list[str] = []

    def request(self, method: str, path: str, body: Json | None, accept: str) -> Json:
        self.asked.append(path.partition("?")[2])
        if "limit=" not in path:
            return {"items": [{"metadata": {"name": name}} for name in self.names]}
        token = int(path.partition("continue=")[2] or 0)
        if token and self.expires:
            raise ApiError(410, "The provided continue parameter is too old")
        after = {"continue": str(token + 2)} if token + 2 < len(self.names) else {}
        return {"metadata": after, "items": [{"metadata": {"name": name}} for name in self.names[token : token + 2]]}

    def execute(self, namespace: str, pod: str, container: str, command: list[str], seconds: float) -> tuple[int, str]:
        raise NotImplementedError


@pytest.mark.parametrize("expires", [False, True])
def test_a_long_list_is_read_page_by_page_and_whole(expires: bool) -> None:
    server = Pages(5, expires=expires)
    cluster = Cluster(server)
    assert [each["metadata"]["name"] for each in cluster.select("/api/v1/nodes")] == server.names
    assert [cluster.member("/api/v1/nodes", name) is not None for name in ("4", "5")] == [True, False]
    following = ["limit=500&continue=2"]
    assert server.asked == [
        "limit=500",
        *(["limit=500&continue=2", ""] if expires else [*following, "limit=500&continue=4"]),
    ]


def test_who_may_not_list_claims_reads_them_one_by_one() -> None:
    stack = Stack()
    request = stack.cluster.request

    def refuse(method: str, path: str, body: Json | None, accept: str) -> Json:
        if path.partition("?")[0].endswith("/persistentvolumeclaims"):
            raise ApiError(403, 'persistentvolumeclaims is forbidden: User "me" cannot list resource')
        return request(method, path, body, accept)

    stack.cluster.request = refuse
    world = stack.world
    assert all(each.holds for each in Runner(checks_of(world), world).run())


def progress_of(checks: list[Check], **options: Any) -> tuple[Progress, io.StringIO]:
    printed = io.StringIO()
    return Progress(
        checks, Console(file=printed, soft_wrap=True, highlight=False, **options), log_seconds=0.01
    ), printed


def results(count: int) -> Iterator[Result]:
    world = Stack().world
    checks = [Check(f"check-{number}", "", f"title {number}", lambda: "seen") for number in range(count)]
    yield from Runner(checks, world).run()


def test_a_log_gets_a_line_with_the_checks_that_run_now_and_then() -> None:
    done = list(results(5))
    progress, printed = progress_of([each.check for each in done])
    with progress:
        progress.add(done[1])
        deadline = time.monotonic() + 20
        while "1 of 5" not in printed.getvalue():
            assert time.monotonic() < deadline, f"a line '1 of 5' was awaited, not {printed.getvalue()!r}"
            time.sleep(0.005)
    assert "1 of 5: title 0, title 2, title 3 (0 s)\n" in printed.getvalue()


def test_a_terminal_shows_one_line_that_changes() -> None:
    done = list(results(5))
    progress, printed = progress_of([each.check for each in done], force_terminal=True, width=100)
    with progress:
        for each in done[:4]:
            progress.add(each)
        deadline = time.monotonic() + 20
        while "4 of 5: title 4" not in printed.getvalue():
            assert time.monotonic() < deadline, f"'4 of 5: title 4' was awaited, not {printed.getvalue()!r}"
            time.sleep(0.005)
        assert "\n" not in printed.getvalue()


def test_a_run_that_ends_soon_writes_no_line_into_a_log() -> None:
    done = list(results(2))
    printed = io.StringIO()
    with Progress([each.check for each in done], Console(file=printed)) as progress:
        for each in done:
            progress.add(each)
    assert printed.getvalue() == ""

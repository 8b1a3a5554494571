"""A kubelet says which image its node cannot pull: judged by its name, and played on a real control plane."""

from collections.abc import Callable

import pytest

from sandbox.kube.objects import Json, condition, uid
from sandbox.nodes.kubelet.images import refusal
from tests.nodes.world import IIS, StaticShare, eventually

MICROSOFTS = "mcr.microsoft.com/windows/servercore/iis"


def node(build: int | None = 26100) -> Json:
    labels = {} if build is None else {"node.kubernetes.io/windows-build": f"10.0.{build}"}
    return {"metadata": {"name": "akswin000000", "labels": labels}}


@pytest.mark.parametrize(
    ("image", "build", "words"),
    [
        (f"{MICROSOFTS}:windowsservercore-ltsc2019", 26100, "no match for platform in manifest: not found"),
        (f"{MICROSOFTS}:windowsservercore-ltsc2025", 20348, "no match for platform in manifest: not found"),
        ("contoso.azurecr.io/web:2.1-ltsc2019", 20348, "no match for platform in manifest: not found"),
        (f"{MICROSOFTS}:windowsservrcore", 26100, f'resolve reference "{MICROSOFTS}:windowsservrcore": {MICROSOFTS}:'),
        ("registry.invalid/web:1", 26100, 'Head "https://registry.invalid/v2/web/manifests/1": dial tcp: lookup'),
    ],
)
def test_an_image_that_a_node_cannot_pull(image: str, build: int, words: str):
    assert words in (refusal(image, node(build)) or "")


@pytest.mark.parametrize(
    ("image", "build"),
    [
        (IIS, 26100),
        (f"{MICROSOFTS}:windowsservercore-ltsc2022", 26100),
        (f"{MICROSOFTS}:windowsservercore-ltsc2019", 17763),
        (f"{MICROSOFTS}:windowsservercore-ltsc2019", None),
        ("nginx", None),
        ("localhost:5000/web", 20348),
        ("contoso.azurecr.io/web@sha256:0123", 20348),
    ],
)
def test_an_image_that_a_node_can_pull(image: str, build: int | None):
    assert refusal(image, node(build)) is None


def test_a_pod_waits_for_its_image_and_starts_when_it_has_another(static_share: Callable[..., StaticShare]):
    share = static_share()
    share.create()
    share.await_ready()
    image = f"{MICROSOFTS}:windowsservercore-ltsc2019"
    share.create_pod("old", image=image)

    def waiting(reason: str) -> Json | None:
        statuses: list[Json] = share.pod("old")["status"].get("containerStatuses", [])
        return next((w for each in statuses if (w := each["state"].get("waiting", {})).get("reason") == reason), None)

    error = f'failed to pull and unpack image "{image}": no match for platform in manifest: not found'
    found = eventually(lambda: waiting("ImagePullBackOff"), "the kubelet backs off")
    said = f"rpc error: code = NotFound desc = {error}"
    assert found["message"] == f'Back-off pulling image "{image}": ErrImagePull: {said}'
    pod = share.pod("old")
    assert condition(pod, "PodReadyToStartContainers")
    assert pod["status"]["phase"] == "Pending"
    events = share.sandbox.api.get(f"/api/v1/namespaces/{share.namespace}/events")["items"]
    told = {(each["reason"], each["message"]) for each in events if each["involvedObject"]["uid"] == uid(pod)}
    assert {
        ("Pulling", f'Pulling image "{image}"'),
        ("Failed", f'Failed to pull image "{image}": {said}'),
        ("Failed", "Error: ErrImagePull"),
        ("BackOff", f'Back-off pulling image "{image}"'),
    } <= told
    path = f"/api/v1/namespaces/{share.namespace}/pods/old"
    share.sandbox.api.merge_strategic(path, {"spec": {"containers": [{"name": "web", "image": IIS}]}})
    share.await_ready("old")

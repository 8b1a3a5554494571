"""NodeStageVolume of Trident's node plugin against the emulator's volumes and directory, in its words."""

from dataclasses import replace

import pytest

from sandbox.kube.objects import Json
from sandbox.nodes.kubelet.csi_driver import RpcError, StageRequest
from sandbox.nodes.kubelet.mounts import SharePath, Staged
from sandbox.nodes.smb.servers import SmbServers
from sandbox.nodes.smb.trident_csi import TridentCsi
from tests.nodes.world import FQDN, Azure

SMB = SharePath(FQDN, "smb")
CONTEXT = {"protocol": "file", "filesystemType": "smb", "smbServer": FQDN, "smbPath": "\\smb"}
REQUEST = StageRequest(
    handle="pvc-1",
    attributes={"protocol": "file", "internalName": "pvc-1"},
    secrets={"username": "CONTOSO\\svc-web", "password": "correct"},
    mount_options=(),
    operating_system="windows",
    host_process=False,
    publish_context=CONTEXT,
)
EMPTY = "rpc error: code = Internal desc = empty username or password is not allowed"


@pytest.fixture
def driver(azure: Azure) -> TridentCsi:
    return TridentCsi(SmbServers(azure.store))


def failure(driver: TridentCsi, request: StageRequest) -> str:
    with pytest.raises(RpcError) as raised:
        driver.stage(request)
    return str(raised.value)


def with_secret(**values: str) -> StageRequest:
    return replace(REQUEST, secrets=values)


@pytest.mark.parametrize("domain", ["CONTOSO", "contoso.com"])
def test_a_share_mounts_with_domain_and_user(driver: TridentCsi, domain: str):
    assert driver.stage(with_secret(username=f"{domain}\\svc-web", password="correct")).source == SMB


BREAKS = {
    "user without domain": (with_secret(username="svc-web", password="correct"), 1326),
    "the key domain is not read": (with_secret(username="svc-web", password="correct", domain="CONTOSO"), 1326),
    "another domain": (with_secret(username="FABRIKAM\\svc-web", password="correct"), 1326),
    "wrong password": (with_secret(username="CONTOSO\\svc-web", password="wrong"), 1326),
    "unknown server": (replace(REQUEST, publish_context={**CONTEXT, "smbServer": "anf-0000.contoso.com"}), 53),
    "unknown share": (replace(REQUEST, publish_context={**CONTEXT, "smbPath": "\\pvc-2"}), 67),
    "another user's session": (replace(REQUEST, connected={SharePath(FQDN, "pvc-2"): "CONTOSO\\svc-batch"}), 1219),
    "no share": (replace(REQUEST, publish_context={**CONTEXT, "smbPath": ""}), 87),
}


@pytest.mark.parametrize(("broken", "number"), BREAKS.values(), ids=BREAKS.keys())
def test_a_failed_mapping_is_csi_proxys(driver: TridentCsi, broken: StageRequest, number: int):
    said = failure(driver, broken)
    assert said.startswith(
        "rpc error: code = Internal desc = smb mapping failed with error: rpc error: code = Unknown desc = "
        'NewSmbGlobalMapping failed. output: "New-SmbGlobalMapping : '
    )
    assert f"Windows System Error {number},New-SmbGlobalMapping" in said
    assert said.endswith('", err: exit status 1')
    assert "correct" not in said.replace("is incorrect", "")


REFUSALS = {
    "no secret": (replace(REQUEST, secrets={}), EMPTY),
    "no password": (with_secret(username="CONTOSO\\svc-web"), EMPTY),
    "no username": (with_secret(password="correct"), EMPTY),
    "an empty username": (with_secret(username="", password="correct"), EMPTY),
    # Unlike csi-driver-smb, which reads keys in any case.
    "keys in another case": (with_secret(Username="CONTOSO\\svc-web", Password="correct"), EMPTY),
    "linux": (
        replace(REQUEST, operating_system="linux"),
        "rpc error: code = Unknown desc = mounting smb volume is not supported on linux",
    ),
    "no attachment": (
        replace(REQUEST, publish_context={}),
        "rpc error: code = InvalidArgument desc = unknown protocol",
    ),
    "NFS": (
        replace(REQUEST, publish_context={"protocol": "file"}),
        "rpc error: code = Internal desc = the sandbox's nodes mount no NFS volumes: use nasType smb",
    ),
}


@pytest.mark.parametrize(("request_", "words"), REFUSALS.values(), ids=REFUSALS.keys())
def test_some_requests_are_refused_before_any_mapping(driver: TridentCsi, request_: StageRequest, words: str):
    assert failure(driver, request_) == words


def test_a_node_that_has_the_share_mapped_asks_for_no_password_again_but_for_some(driver: TridentCsi):
    mapped = replace(REQUEST, connected={SMB: "CONTOSO\\svc-web"}, secrets={"username": "x", "password": "wrong"})
    assert driver.stage(mapped) == Staged(SMB, "CONTOSO\\svc-web")
    assert failure(driver, replace(mapped, secrets={})) == EMPTY


def pod(app: str, daemon_set: str) -> Json:
    owner = {"kind": "DaemonSet", "name": daemon_set}
    return {"metadata": {"labels": {"app": app}, "ownerReferences": [owner]}}


def test_the_plugin_of_windows_nodes_is_its_own_daemon_set(driver: TridentCsi):
    windows = pod("node.csi.trident.netapp.io", "trident-node-windows")
    assert driver.is_node_plugin(windows, "windows")
    assert not driver.is_node_plugin(windows, "linux")
    assert not driver.is_node_plugin(pod("controller.csi.trident.netapp.io", "trident-controller"), "windows")

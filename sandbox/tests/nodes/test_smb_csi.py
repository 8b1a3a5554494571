"""NodeStageVolume of csi-driver-smb against the emulator's volumes and directory: each broken link, in its words."""

from dataclasses import replace

import pytest

from sandbox.nodes.kubelet.csi_driver import RpcError, StageRequest
from sandbox.nodes.kubelet.mounts import SharePath
from sandbox.nodes.smb.csi import SmbCsi
from sandbox.nodes.smb.servers import EmulatedServers
from tests.nodes.world import FQDN, Azure

SOURCE = f"\\\\{FQDN}\\smb"
SMB = SharePath(FQDN, "smb")
WINDOWS = StageRequest(
    handle="anf-64d9#smb",
    attributes={"source": SOURCE},
    secrets={"username": "svc-web", "password": "correct", "domain": "CONTOSO"},
    mount_options=("dir_mode=0777", "vers=3.0"),
    operating_system="windows",
    host_process=True,
)
LINUX = replace(WINDOWS, operating_system="linux", host_process=False, attributes={"source": f"//{FQDN}/smb"})


@pytest.fixture
def driver(azure: Azure) -> SmbCsi:
    return SmbCsi(EmulatedServers(azure.store))


def failure(driver: SmbCsi, request: StageRequest) -> str:
    with pytest.raises(RpcError) as raised:
        driver.stage(request)
    return str(raised.value)


def with_secret(request: StageRequest, **values: str) -> StageRequest:
    return replace(request, secrets=values)


def with_source(request: StageRequest, source: str) -> StageRequest:
    return replace(request, attributes={"source": source})


@pytest.mark.parametrize("request_", [WINDOWS, LINUX, replace(WINDOWS, host_process=False)])
def test_a_share_mounts_when_every_link_holds(driver: SmbCsi, request_: StageRequest):
    assert driver.stage(request_) == SMB


LOGON = "The user name or password is incorrect."
WINDOWS_BREAKS = {
    "user without domain": (
        with_secret(WINDOWS, username="svc-web", password="correct"),
        1326,
        "The user name or password is incorrect.",
    ),
    "another domain": (
        with_secret(WINDOWS, username="FABRIKAM\\svc-web", password="correct"),
        1326,
        "The user name or password is incorrect.",
    ),
    "wrong password": (
        with_secret(WINDOWS, username="CONTOSO\\svc-web", password="wrong"),
        1326,
        "The user name or password is incorrect.",
    ),
    "no username": (
        with_secret(WINDOWS, password="correct", domain="CONTOSO"),
        1326,
        "The user name or password is incorrect.",
    ),
    "unknown server": (with_source(WINDOWS, "\\\\anf-0000.contoso.com\\smb"), 53, "The network path was not found."),
    "its address": (with_source(WINDOWS, "\\\\10.40.1.4\\smb"), 53, "The network path was not found."),
    "unknown share": (with_source(WINDOWS, f"\\\\{FQDN}\\other"), 67, "The network name cannot be found."),
    "another case": (with_source(WINDOWS, f"\\\\{FQDN}\\SMB"), 67, "The network name cannot be found."),
    "trailing slash": (with_source(WINDOWS, SOURCE + "\\"), 87, "The parameter is incorrect."),
    "no UNC path": (with_source(WINDOWS, f"{FQDN}/smb"), 87, "The parameter is incorrect."),
}


@pytest.mark.parametrize(("broken", "number", "words"), WINDOWS_BREAKS.values(), ids=WINDOWS_BREAKS.keys())
def test_windows_says_which_link_is_broken(driver: SmbCsi, broken: StageRequest, number: int, words: str):
    said = failure(driver, broken)
    assert said.startswith("rpc error: code = Internal desc = volume(anf-64d9#smb) mount ")
    assert f"New-SmbGlobalMapping : {words}" in said
    assert f"Windows System Error {number},New-SmbGlobalMapping" in said


def test_a_windows_failure_is_worded_as_users_know_it(driver: SmbCsi):
    """kubernetes-csi/csi-driver-smb issue 294, with today's staging path."""
    said = failure(driver, with_source(replace(WINDOWS, host_process=False), "\\\\nowhere\\share"))
    assert said.endswith(
        r"failed with error: rpc error: code = Unknown desc = NewSmbGlobalMapping failed. output: "
        r'"New-SmbGlobalMapping : The network path was not found. \r\nAt line:1 char:190\r\n'
        r"+ ... ser, $PWord;New-SmbGlobalMapping -RemotePath $Env:smbremotepath -Cred ...\r\n"
        r"+                 ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~\r\n"
        r"    + CategoryInfo          : NotSpecified: (MSFT_SmbGlobalMapping:ROOT/Microsoft/...mbGlobalMapping) "
        r"[New-SmbGlobalMa \r\n   pping], CimException\r\n"
        r'    + FullyQualifiedErrorId : Windows System Error 53,New-SmbGlobalMapping\r\n \r\n", err: exit status 1'
    )


def test_csi_proxy_forgives_one_trailing_slash(driver: SmbCsi):
    assert driver.stage(with_source(replace(WINDOWS, host_process=False), f"//{FQDN}/smb/")) == SMB


def test_a_missing_source_is_refused(driver: SmbCsi):
    said = failure(driver, replace(WINDOWS, attributes={"folder": "x"}))
    assert said == ("rpc error: code = InvalidArgument desc = source field is missing, current context: map[folder:x]")


def test_an_empty_password_makes_no_credential_on_windows(driver: SmbCsi):
    said = failure(driver, with_secret(WINDOWS, username="CONTOSO\\svc-web"))
    assert "Cannot bind argument to parameter 'String' because it is an empty string." in said


def test_guest_access_is_none_on_windows(driver: SmbCsi):
    said = failure(driver, replace(WINDOWS, mount_options=("guest",)))
    assert said.endswith("empty mountOptions(len: 0) or sensitiveMountOptions(len: 0) is not allowed")


LINUX_BREAKS = {
    "no domain": (with_secret(LINUX, username="svc-web", password="correct"), "mount error(13): Permission denied"),
    "wrong password": (
        with_secret(LINUX, username="svc-web", password="x", domain="CONTOSO"),
        "mount error(13): Permission denied",
    ),
    "unknown share": (with_source(LINUX, f"//{FQDN}/other"), "mount error(2): No such file or directory"),
    "unknown server": (
        with_source(LINUX, "//nowhere/smb"),
        "mount error: could not resolve address for nowhere: Unknown error",
    ),
}


@pytest.mark.parametrize(("broken", "words"), LINUX_BREAKS.values(), ids=LINUX_BREAKS.keys())
def test_linux_says_which_link_is_broken(driver: SmbCsi, broken: StageRequest, words: str):
    said = failure(driver, broken)
    assert f"\nOutput: {words}\n" in said
    assert "Mounting arguments: -t cifs -o dir_mode=0777,vers=3.0," in said
    assert "<masked>" in said


def test_a_volume_that_is_being_made_is_no_share_yet(driver: SmbCsi, azure: Azure):
    azure.volume("smb2", state="Creating")
    assert "The network name cannot be found." in failure(driver, with_source(WINDOWS, f"\\\\{FQDN}\\smb2"))


def test_a_volume_whose_update_failed_is_no_share(driver: SmbCsi, azure: Azure):
    azure.volume("smb")
    azure.store.query("UPDATE resources SET state = 'Failed'")
    assert "The network name cannot be found." in failure(driver, WINDOWS)


def test_an_nfs_volume_is_no_share(driver: SmbCsi, azure: Azure):
    azure.volume("nfs", protocol="NFSv3")
    assert "The network name cannot be found." in failure(driver, with_source(WINDOWS, f"\\\\{FQDN}\\nfs"))


def test_a_windows_node_that_has_the_share_mapped_asks_for_no_credentials_again(driver: SmbCsi):
    connected = frozenset({SMB})
    wrong = with_secret(replace(WINDOWS, connected=connected), username="CONTOSO\\svc-web", password="wrong")
    assert driver.stage(wrong) == SMB
    linux = with_secret(replace(LINUX, connected=connected), username="svc-web", password="wrong", domain="CONTOSO")
    assert "Permission denied" in failure(driver, linux)


def test_a_rotated_password_is_needed_for_new_mounts(driver: SmbCsi, azure: Azure):
    azure.user("svc-web", "rotated")
    assert "The user name or password is incorrect." in failure(driver, WINDOWS)
    assert driver.stage(with_secret(WINDOWS, username="CONTOSO\\svc-web", password="rotated")) == SMB

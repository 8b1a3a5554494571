"""NodeStageVolume of csi-driver-smb against the emulator's volumes and directory: each broken link, in its words."""

import json
from dataclasses import replace

import pytest

from sandbox.azure.directory import AccountState, Directory
from sandbox.nodes.kubelet.csi_driver import RpcError, StageRequest
from sandbox.nodes.kubelet.mounts import SharePath, Staged
from sandbox.nodes.smb.csi import SmbCsi, linux_credentials, windows_credentials
from sandbox.nodes.smb.mount_errors import MountFailedError
from sandbox.nodes.smb.servers import SmbServers, parse_linux, parse_windows
from tests.nodes.world import FQDN, Azure

SOURCE = f"\\\\{FQDN}\\smb"
SMB = SharePath(FQDN, "smb")
SITE = SharePath(FQDN, "smb", "site/a")
WINDOWS = StageRequest(
    handle="anf-64d9#smb",
    attributes={"source": SOURCE},
    secrets={"username": "svc-web", "password": "correct", "domain": "CONTOSO"},
    mount_options=("dir_mode=0777", "vers=3.0"),
    operating_system="windows",
    host_process=True,
)
PROXIED = replace(WINDOWS, host_process=False)
LINUX = replace(PROXIED, operating_system="linux", attributes={"source": f"//{FQDN}/smb"})


@pytest.fixture
def driver(azure: Azure) -> SmbCsi:
    return SmbCsi(SmbServers(azure.store))


def failure(driver: SmbCsi, request: StageRequest) -> str:
    with pytest.raises(RpcError) as raised:
        driver.stage(request)
    return str(raised.value)


def with_secret(request: StageRequest, **values: str) -> StageRequest:
    return replace(request, secrets=values)


def with_source(request: StageRequest, source: str, **attributes: str) -> StageRequest:
    return replace(request, attributes={"source": source, **attributes})


@pytest.mark.parametrize("request_", [WINDOWS, LINUX, PROXIED])
@pytest.mark.parametrize("domain", ["CONTOSO", "contoso", "contoso.com", "Contoso.COM"])
def test_a_share_mounts_when_every_link_holds(driver: SmbCsi, request_: StageRequest, domain: str):
    assert driver.stage(with_secret(request_, username="svc-web", password="correct", domain=domain)).source == SMB


def test_a_folder_of_the_share_mounts(driver: SmbCsi):
    assert driver.stage(with_source(LINUX, f"//{FQDN}/smb/", subDir="site/a")).source == SITE


def test_an_inline_volume_mounts_with_the_secret_that_its_attribute_names(driver: SmbCsi):
    inline = replace(
        WINDOWS,
        attributes={"source": SOURCE, "secretName": "creds", "csi.storage.k8s.io/pod.namespace": "web"},
        secrets={},
        secret_of_pod={"creds": WINDOWS.secrets}.get,
    )
    assert driver.stage(inline).source == SMB
    said = failure(driver, replace(inline, attributes={"source": SOURCE}))
    assert said.endswith("could not get secret(): resource name may not be empty")
    said = failure(driver, replace(inline, secret_of_pod={}.get))
    assert 'from secret creds in namespace web: could not get secret(creds): secrets "creds" not found' in said


NAME_UNKNOWN = (53, "The network path was not found.")
SHARE_UNKNOWN = (67, "The network name cannot be found.")
INCORRECT = (87, "The parameter is incorrect.")
LOGON = (1326, "The user name or password is incorrect.")
WINDOWS_BREAKS = {
    "user without domain": (with_secret(WINDOWS, username="svc-web", password="correct"), LOGON),
    "another domain": (with_secret(WINDOWS, username="FABRIKAM\\svc-web", password="correct"), LOGON),
    "wrong password": (with_secret(WINDOWS, username="CONTOSO\\svc-web", password="wrong"), LOGON),
    "no username": (with_secret(WINDOWS, password="correct", domain="CONTOSO"), LOGON),
    "unknown server": (with_source(WINDOWS, "\\\\anf-0000.contoso.com\\smb"), NAME_UNKNOWN),
    "its address": (with_source(WINDOWS, "\\\\10.40.1.4\\smb"), NAME_UNKNOWN),
    "unknown share": (with_source(WINDOWS, f"\\\\{FQDN}\\other"), SHARE_UNKNOWN),
    "another case": (with_source(WINDOWS, f"\\\\{FQDN}\\SMB"), SHARE_UNKNOWN),
    "trailing slash": (with_source(WINDOWS, SOURCE + "\\"), INCORRECT),
    "no UNC path": (with_source(WINDOWS, f"{FQDN}/smb"), INCORRECT),
}


@pytest.mark.parametrize(("broken", "said"), WINDOWS_BREAKS.values(), ids=WINDOWS_BREAKS.keys())
def test_windows_says_which_link_is_broken(driver: SmbCsi, broken: StageRequest, said: tuple[int, str]):
    number, words = said
    message = failure(driver, broken)
    assert message.startswith("rpc error: code = Internal desc = volume(anf-64d9#smb) mount ")
    assert f"New-SmbGlobalMapping : {words}" in message
    assert f"Windows System Error {number},New-SmbGlobalMapping" in message


def test_a_windows_failure_is_worded_as_users_know_it(driver: SmbCsi):
    """kubernetes-csi/csi-driver-smb issue 294, with today's staging path."""
    said = failure(driver, with_source(PROXIED, "\\\\nowhere\\share"))
    folder = "d5096400ef57b7f27664435433fe26565d99926be04f14970c4251d99b69516b"
    staged = rf"\var\lib\kubelet\plugins\kubernetes.io\csi\smb.csi.k8s.io\{folder}\globalmount"
    quoted = staged.replace("\\", "\\\\")
    assert said == (
        rf'rpc error: code = Internal desc = volume(anf-64d9#smb) mount "\\\\nowhere\\share" on "{quoted}" failed with '
        rf"NewSmbGlobalMapping(\\nowhere\share, c:{staged}) failed with error: "
        r"rpc error: code = Unknown desc = NewSmbGlobalMapping failed. output: "
        r'"New-SmbGlobalMapping : The network path was not found. \r\nAt line:1 char:190\r\n'
        r"+ ... ser, $PWord;New-SmbGlobalMapping -RemotePath $Env:smbremotepath -Cred ...\r\n"
        r"+                 ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~\r\n"
        r"    + CategoryInfo          : NotSpecified: (MSFT_SmbGlobalMapping:ROOT/Microsoft/...mbGlobalMapping) "
        r"[New-SmbGlobalMa \r\n   pping], CimException\r\n"
        r'    + FullyQualifiedErrorId : Windows System Error 53,New-SmbGlobalMapping\r\n \r\n", err: exit status 1'
    )


def test_csi_proxy_forgives_one_trailing_slash(driver: SmbCsi):
    assert driver.stage(with_source(PROXIED, f"//{FQDN}/smb/")).source == SMB


REFUSALS = {
    "no source": (
        replace(WINDOWS, attributes={"folder": "x"}),
        "rpc error: code = InvalidArgument desc = source field is missing, current context: map[folder:x]",
    ),
    "no password": (
        with_secret(WINDOWS, username="CONTOSO\\svc-web"),
        "Cannot bind argument to parameter 'String' because it is an empty string.",
    ),
    "guest": (
        replace(WINDOWS, mount_options=("guest",)),
        "empty mountOptions(len: 0) or sensitiveMountOptions(len: 0) is not allowed",
    ),
    **{
        source: (
            with_source(LINUX, source),
            f"invalid source path {json.dumps(source)}: path contains directory traversal sequence",
        )
        for source in ("//server/share/../other", "\\\\server\\share\\..", "//../share")
    },
}


@pytest.mark.parametrize(("broken", "words"), REFUSALS.values(), ids=REFUSALS.keys())
def test_the_driver_refuses(driver: SmbCsi, broken: StageRequest, words: str):
    assert words in failure(driver, broken)


NO_LOGON = "mount error(13): Permission denied"
LINUX_BREAKS = {
    "no domain": (with_secret(LINUX, username="svc-web", password="correct"), NO_LOGON),
    "wrong password": (with_secret(LINUX, username="svc-web", password="x", domain="CONTOSO"), NO_LOGON),
    "unknown share": (with_source(LINUX, f"//{FQDN}/other"), "mount error(2): No such file or directory"),
    "no UNC path": (with_source(LINUX, "smb"), "mount error(22): Invalid argument"),
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


def test_without_the_directorys_dns_no_server_is_found(azure: Azure):
    assert NAME_UNKNOWN[1] in failure(SmbCsi(SmbServers(azure.store, dns_fails=lambda: True)), WINDOWS)


@pytest.mark.parametrize(("state", "protocol"), [("Creating", "CIFS"), ("Succeeded", "NFSv3")])
def test_a_volume_that_is_not_ready_or_speaks_nfs_is_no_share(driver: SmbCsi, azure: Azure, state: str, protocol: str):
    azure.volume("other", state=state, protocol=protocol)
    assert SHARE_UNKNOWN[1] in failure(driver, with_source(WINDOWS, f"\\\\{FQDN}\\other"))


def test_a_volume_whose_update_failed_is_no_share(driver: SmbCsi, azure: Azure):
    azure.store.query("UPDATE resources SET state = 'Failed'")
    assert SHARE_UNKNOWN[1] in failure(driver, WINDOWS)


def test_a_windows_node_that_has_the_share_mapped_asks_for_no_credentials_again(driver: SmbCsi):
    connected = {SMB: "CONTOSO\\svc-web"}
    wrong = with_secret(replace(WINDOWS, connected=connected), username="CONTOSO\\svc-web", password="wrong")
    assert driver.stage(wrong) == Staged(SMB, "CONTOSO\\svc-web")
    linux = with_secret(replace(LINUX, connected=connected), username="svc-web", password="wrong", domain="CONTOSO")
    assert "Permission denied" in failure(driver, linux)


OTHER_SHARE = {SharePath(FQDN.upper(), "other"): "contoso\\SVC-web"}


def test_a_windows_node_has_one_session_with_a_server(driver: SmbCsi, azure: Azure):
    """kubernetes-csi/csi-driver-smb issue 219."""
    azure.user("svc-batch", "correct")
    batch = with_secret(WINDOWS, username="svc-batch", password="correct", domain="CONTOSO")
    assert driver.stage(batch).user == "CONTOSO\\svc-batch"
    said = failure(driver, replace(batch, connected=OTHER_SHARE))
    assert (
        r'"New-SmbGlobalMapping : Multiple connections to a server or shared resource by the same user, using more '
        r"than one user \r\nname, are not allowed. "
        r"Disconnect all previous connections to the server or shared resource and "
        r"try again. \r\nAt line:1 char:190\r\n"
    ) in said
    assert "Windows System Error 1219,New-SmbGlobalMapping" in said
    another_server = {SharePath("anf-0000.contoso.com", "other"): "CONTOSO\\svc-web"}
    assert driver.stage(replace(batch, connected=another_server)).source == SMB
    assert driver.stage(with_secret(replace(LINUX, connected=OTHER_SHARE), **batch.secrets)).source == SMB


def test_a_further_share_joins_its_users_session_whatever_the_password(driver: SmbCsi):
    wrong = with_secret(replace(WINDOWS, connected=OTHER_SHARE), username="CONTOSO\\svc-web", password="wrong")
    assert driver.stage(wrong) == Staged(SMB, "contoso\\SVC-web")
    assert SHARE_UNKNOWN[1] in failure(driver, with_source(wrong, f"\\\\{FQDN}\\missing"))


def test_a_rotated_password_is_needed_for_new_mounts(driver: SmbCsi, azure: Azure):
    azure.user("svc-web", "rotated")
    assert LOGON[1] in failure(driver, WINDOWS)
    assert driver.stage(with_secret(WINDOWS, username="CONTOSO\\svc-web", password="rotated")).source == SMB


@pytest.mark.parametrize(
    ("state", "number", "words"),
    [
        (AccountState.LOCKED, 1909, "The referenced account is currently locked out and may not be logged on to."),
        (AccountState.EXPIRED, 1793, "The user's account has expired."),
        (AccountState.PASSWORD_EXPIRED, 1330, "The password for this account has expired."),
        (AccountState.MUST_CHANGE, 1907, "The user's password must be changed before signing in."),
        (AccountState.DISABLED, 1331, "This user can't sign in because this account is currently disabled."),
    ],
)
def test_an_account_that_cannot_sign_in_has_an_error_of_its_own(
    driver: SmbCsi, azure: Azure, state: AccountState, number: int, words: str
):
    users = Directory(azure.store)
    users.set_state("contoso.com", "svc-web", state)
    said = failure(driver, WINDOWS)
    assert f"New-SmbGlobalMapping : {words}" in said
    assert f"Windows System Error {number},New-SmbGlobalMapping" in said
    assert NO_LOGON in failure(driver, LINUX)
    users.set_state("contoso.com", "svc-web", AccountState.USABLE)
    assert driver.stage(WINDOWS).source == SMB


@pytest.mark.parametrize(
    ("secret", "windows", "linux"),
    [
        ({"username": "svc-web", "domain": "CONTOSO"}, ("CONTOSO", "svc-web"), ("CONTOSO", "svc-web")),
        ({"UserName": " svc-web ", "Domain": "CONTOSO"}, ("CONTOSO", "svc-web"), ("CONTOSO", "svc-web")),
        ({"username": "CONTOSO\\svc-web"}, ("CONTOSO", "svc-web"), ("CONTOSO", "svc-web")),
        ({"username": "CONTOSO\\svc-web", "domain": "OTHER"}, ("CONTOSO", "svc-web"), ("OTHER", "svc-web")),
        ({"username": "CONTOSO/svc-web"}, ("AZURE", "CONTOSO/svc-web"), ("CONTOSO", "svc-web")),
        ({"username": "svc-web"}, ("AZURE", "svc-web"), ("", "svc-web")),
        ({"username": "svc-web", "domain": "  "}, ("AZURE", "svc-web"), ("", "svc-web")),
        ({"username": "svc-web@contoso.com"}, ("AZURE", "svc-web@contoso.com"), ("", "svc-web@contoso.com")),
        ({}, ("AZURE", ""), ("", "")),
    ],
)
def test_a_logon_is_made_of_the_secret_as_each_system_does(
    secret: dict[str, str], windows: tuple[str, str], linux: tuple[str, str]
):
    for logon, (domain, user) in ((windows_credentials, windows), (linux_credentials, linux)):
        credentials = logon({**secret, "PASSWORD": "hush"})
        assert (credentials.domain, credentials.username, credentials.password) == (domain, user, "hush")
        assert "hush" not in repr(credentials)


@pytest.mark.parametrize(
    ("source", "windows", "linux"),
    [
        (str(SITE), SITE, SITE),
        (f"//{FQDN}/smb/site/a", SITE, SITE),
        (f"\\\\{FQDN}\\smb\\", None, SMB),
        (f"//{FQDN}/smb/", None, SMB),
        *((other, None, None) for other in (f"{FQDN}\\smb", f"\\{FQDN}\\smb", f"\\\\{FQDN}", "//", "\\\\\\smb", "smb")),
    ],
)
def test_a_share_is_named_by_either_kind_of_slashes(source: str, windows: SharePath | None, linux: SharePath | None):
    for parse, path in ((parse_windows, windows), (parse_linux, linux)):
        if path:
            assert parse(source) == path
        else:
            with pytest.raises(MountFailedError, match="The parameter is incorrect"):
                parse(source)

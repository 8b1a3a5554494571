"""Each error of a mount has its trouble, in each form in which it is printed; the runbook is found by its number."""

import re

import pytest

from tests.unit.mount_messages import MOUNT, SYMPTOMS, forms, named
from verify import runbook
from verify.catalogue import CATALOGUE
from verify.links.mounting import logon, network
from verify.trouble import Trouble

WINDOWS = {
    5: "share-access-denied",
    50: "smb-not-supported",
    53: "fqdn-not-resolved",
    59: "server-unreachable",
    64: "server-unreachable",
    65: "network-access-denied",
    67: "share-not-found",
    86: "logon-failed",
    87: "mount-parameter-refused",
    121: "server-unreachable",
    1203: "node-network-service-stopped",
    1219: "another-user-on-node",
    1222: "node-network-service-stopped",
    1231: "server-unreachable",
    1311: "no-logon-server",
    1312: "username-refused",
    1326: "logon-failed",
    1327: "logon-restricted",
    1328: "logon-restricted",
    1329: "logon-restricted",
    1330: "password-expired",
    1331: "account-disabled",
    1355: "no-logon-server",
    1385: "logon-restricted",
    1396: "target-name-wrong",
    1398: "clocks-differ",
    1793: "account-expired",
    1907: "password-expired",
    1909: "account-locked",
    2138: "node-network-service-stopped",
    2202: "username-refused",
}
LINUX = {
    2: "share-not-found",
    5: "mount-input-output",
    13: "logon-failed",
    22: "mount-parameter-refused",
    95: "smb-not-supported",
    101: "server-unreachable",
    110: "server-unreachable",
    111: "server-unreachable",
    112: "server-unreachable",
    113: "server-unreachable",
    115: "server-unreachable",
}


@pytest.mark.parametrize("number", WINDOWS)
def test_each_windows_error_is_named_in_each_form(number: int) -> None:
    for form, message in forms(number, SYMPTOMS[number]).items():
        assert named(message) == WINDOWS[number], form


def test_the_tables_have_the_numbers_that_are_tested() -> None:
    assert set(SYMPTOMS) == set(WINDOWS)
    linux = "".join(trouble.symptom for trouble in (*logon.TROUBLES, *network.TROUBLES))
    assert {int(number) for number in re.findall(r"mount error\((\d+)\)", linux)} == set(LINUX)


@pytest.mark.parametrize("number", LINUX)
def test_each_linux_error_is_named(number: int) -> None:
    arguments = (
        "Mounting arguments: -t cifs -o vers=3.0,<masked> //anf-64d9.contoso.com/smb /var/lib/kubelet/globalmount"
    )
    said = (
        f"mount failed: exit status 32\nMounting command: mount\n{arguments}\nOutput: mount error({number}): …\nRefer"
    )
    assert named(f"{MOUNT}{said} to the mount.cifs(8) manual page") == LINUX[number]


@pytest.mark.parametrize(
    ("message", "trouble"),
    [
        (
            r'desc = "transport: Error while dialing open \\\\.\\pipe\\csi-proxy-filesystem-v1beta1"',
            "csi-proxy-missing",
        ),
        (r"open \\.\pipe\csi-proxy-smb-v1: The system cannot find the file specified.", "csi-proxy-missing"),
        ('NewSmbGlobalMapping failed. output: "", err: exit status 0xc0000142', "node-starts-no-process"),
        ("mount error: could not resolve address for anf-64d9.contoso.com: Unknown error", "fqdn-not-resolved"),
        ("context deadline exceeded", "mount-timed-out"),
        ("rpc error: code = Aborted desc = An operation with the given Volume ID v already exists", "mount-timed-out"),
        ("rpc error: code = Unknown desc = mounting smb volume is not supported on linux", "smb-on-linux-node"),
        ("something that nobody has seen", "mount-failed"),
        ("Caught exception Multiple connections to a server or shared resource by the same user", "mount-failed"),
    ],
)
def test_the_other_errors_of_a_mount(message: str, trouble: str) -> None:
    assert named(f"{MOUNT}{message}") == trouble


MATCHING = [trouble for troubles in CATALOGUE.values() for trouble in troubles if trouble.pattern]


@pytest.mark.parametrize("trouble", MATCHING, ids=[trouble.name for trouble in MATCHING])
def test_a_pattern_matches_a_text_of_its_own_symptom(trouble: Trouble) -> None:
    quoted = re.findall(r"`([^`]+)`", trouble.symptom)
    # A source of another form gets Windows' error too; then the link of the source has said so before the mount.
    elsewhere = ["The parameter is incorrect"] if trouble.name == "source-malformed" else []
    missed = [text for text in quoted if not any(trouble.matches(text.replace("…", each)) for each in ('"x"', "1"))]
    assert missed == elsewhere


def rows(words: str) -> list[str]:
    page = runbook.tables()
    return [
        line for line in page.splitlines() if line.startswith("| ") and re.search(rf"\b{re.escape(words)}(?!\d)", line)
    ]


@pytest.mark.parametrize("number", WINDOWS)
def test_the_runbook_is_found_by_number(number: int) -> None:
    (row,) = rows(f"Windows System Error {number}")
    assert row.endswith(f"| `{WINDOWS[number]}` |")
    if number > 1000:
        assert rows(str(number)) == [row]


@pytest.mark.parametrize("number", LINUX)
def test_the_runbook_is_found_by_linux_mount_error(number: int) -> None:
    (row,) = rows(f"mount error({number})")
    assert row.endswith(f"| `{LINUX[number]}` |")

"""How the mount programs read an SMB volume's source."""

import pytest

from sandbox.nodes.kubelet.mounts import SharePath
from sandbox.nodes.smb.source import SourceError, check_traversal, join_folder, parse_linux, parse_windows

SMB = SharePath("anf-64d9.contoso.com", "smb")
SITE = SharePath("anf-64d9.contoso.com", "smb", "site/a")


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ("\\\\anf-64d9.contoso.com\\smb", SMB),
        ("//anf-64d9.contoso.com/smb", SMB),
        ("//anf-64d9.contoso.com/smb/site/a", SITE),
        ("\\\\anf-64d9.contoso.com\\smb\\site\\a", SITE),
    ],
)
def test_both_kinds_of_slashes_name_a_share(source: str, path: SharePath):
    assert parse_windows(source) == path
    assert parse_linux(source) == path


@pytest.mark.parametrize(
    "source",
    ["anf-64d9.contoso.com\\smb", "\\anf-64d9.contoso.com\\smb", "\\\\anf-64d9.contoso.com", "//", "\\\\\\smb", "smb"],
)
def test_anything_else_names_none(source: str):
    with pytest.raises(SourceError):
        parse_windows(source)
    with pytest.raises(SourceError):
        parse_linux(source)


@pytest.mark.parametrize("source", ["\\\\anf-64d9.contoso.com\\smb\\", "//anf-64d9.contoso.com/smb/"])
def test_a_trailing_slash_is_wrong_on_windows_alone(source: str):
    with pytest.raises(SourceError):
        parse_windows(source)
    assert parse_linux(source) == SMB


def test_a_folder_is_joined_to_the_share():
    assert join_folder("//server/share/", "site") == "//server/share/site"
    assert join_folder("//server/share", "") == "//server/share"


@pytest.mark.parametrize("source", ["//server/share/../other", "\\\\server\\share\\..", "//../share"])
def test_the_driver_refuses_to_climb(source: str):
    with pytest.raises(SourceError, match="directory traversal"):
        check_traversal(source)


def test_a_share_prints_as_its_unc_path():
    assert str(SITE) == "\\\\anf-64d9.contoso.com\\smb\\site\\a"

"""Which versions will do."""

import pytest
from semver import Version

from sandbox.tools.versions import good_enough, parse, within_one_minor


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ("v3.259.0", "3.259.0"),
        ("etcd Version: 3.7.3\nGit SHA: abc\nGo Version: go1.26.8", "3.7.3"),
        ("Kubernetes v1.37.2", "1.37.2"),
        ("Client Version: v1.32.4-dispatcher\nKustomize Version: v5.5.0", "1.32.4-dispatcher"),
        ("kwok version v0.8.0 go1.26.8 (linux/amd64)", "0.8.0"),
        ("v3.20.2+gabcdef0", "3.20.2"),
        ("3.260.0-alpha.1", "3.260.0-alpha.1"),
    ],
)
def test_a_program_tells_its_version(said: str, version: str) -> None:
    assert str(parse(said)) == version


@pytest.mark.parametrize("said", ["", "command not found", "version 3.7", "go1.26.8"])
def test_what_is_no_version_is_none(said: str) -> None:
    assert parse(said) is None


@pytest.mark.parametrize(
    ("found", "wanted", "good"),
    [
        ("3.259.0", "3.259.0", True),
        ("3.300.1", "3.259.0", True),
        ("3.258.9", "3.259.0", False),
        ("4.0.0", "3.20.2", False),
        ("2.99.0", "3.20.2", False),
        ("3.259.0-alpha.1", "3.259.0", False),
        ("0.8.4", "0.8.0", True),
        ("0.9.0", "0.8.0", False),
    ],
)
def test_the_same_major_version_and_not_older_is_good_enough(found: str, wanted: str, good: bool) -> None:
    assert good_enough(Version.parse(found), Version.parse(wanted)) is good


@pytest.mark.parametrize(
    ("client", "allowed"),
    [("1.36.0", True), ("1.37.9", True), ("1.38.0", True), ("1.35.9", False), ("1.39.0", False), ("2.37.2", False)],
)
def test_kubectl_may_be_one_minor_version_off_the_api_server(client: str, allowed: bool) -> None:
    assert within_one_minor(Version.parse(client), Version.parse("1.37.2")) is allowed

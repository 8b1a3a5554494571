"""`python -m sandbox az ARGS…`: which `az`, how it is set up, and what is added to what was typed."""

import os
from pathlib import Path

import pytest

from sandbox import azure_cli
from sandbox.errors import SandboxError
from sandbox.paths import SandboxPaths
from sandbox.progress import PlainProgress

SECRET = "not-for-lists-of-processes"
AZ = """#!/bin/sh
if [ "$1" = version ]; then echo '{"azure-cli": "2.999.0"}'; exit; fi
echo "$@" >> "$AZURE_CONFIG_DIR/calls"
[ "$1" = login ] && cat > "$AZURE_CONFIG_DIR/said"
[ "$1" != "$FAILS" ] || { echo "ERROR: no $1" >&2; exit 1; }
"""


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SandboxPaths:
    """A sandbox on a machine whose PATH has an `az` that writes down how it is called."""
    folder = tmp_path / "path"
    folder.mkdir()
    (folder / "az").write_text(AZ)
    (folder / "az").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return SandboxPaths(tmp_path / "sandbox")


def environment(paths: SandboxPaths, port: int = 1234, **more: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "AZURE_CONFIG_DIR": str(paths.azure_cli),
        "AZURE_AUTHORITY_HOST": f"https://127.0.0.1:{port}",
        "AZURE_CLIENT_ID": "client",
        "AZURE_CLIENT_SECRET": SECRET,
        "AZURE_TENANT_ID": "tenant",
        **more,
    }


def calls(paths: SandboxPaths) -> list[str]:
    return (paths.azure_cli / "calls").read_text().splitlines()


def test_its_cloud_is_registered_and_it_is_signed_in_once(paths: SandboxPaths, tmp_path: Path) -> None:
    for _ in range(2):
        assert azure_cli.prepare(paths, environment(paths), PlainProgress()) == tmp_path / "path" / "az"
    told = calls(paths)
    assert [line.split()[:2] for line in told] == [
        ["cloud", "register"],
        ["cloud", "set"],
        ["login", "--service-principal"],
    ]
    assert "--endpoint-resource-manager https://127.0.0.1:1234" in told[0]
    azure_cli.prepare(paths, environment(paths, port=4321), PlainProgress())
    assert len(calls(paths)) == 6, "another address of the sandbox's Azure is another cloud"


def test_the_secret_is_said_on_standard_input_alone(paths: SandboxPaths) -> None:
    azure_cli.prepare(paths, environment(paths), PlainProgress())
    assert (paths.azure_cli / "said").read_text() == SECRET
    assert SECRET not in "\n".join(calls(paths))


def test_an_interrupted_set_up_is_begun_anew(paths: SandboxPaths) -> None:
    with pytest.raises(SandboxError, match=r"`az login --service-principal` failed: ERROR: no login"):
        azure_cli.prepare(paths, environment(paths, FAILS="login"), PlainProgress())
    azure_cli.prepare(paths, environment(paths), PlainProgress())
    assert [line.split()[0] for line in calls(paths)] == ["cloud", "cloud", "login"] * 2


def test_az_in_the_sandboxs_environment_is_this_command_and_never_itself(
    paths: SandboxPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    azure_cli.prepare(paths, environment(paths), PlainProgress())
    assert (paths.tools / "az").read_text().endswith('-m sandbox az "$@"\n')
    monkeypatch.setenv("PATH", f"{paths.tools}{os.pathsep}{os.environ['PATH']}")
    (paths.azure_cli / "az").unlink()
    assert azure_cli.prepare(paths, environment(paths), PlainProgress()).parent != paths.tools


@pytest.mark.parametrize(
    ("typed", "added"),
    [
        (["aks", "get-credentials", "-n", "aks"], True),
        (["aks", "get-credentials", "-n", "aks", "--file", "mine"], False),
        (["aks", "get-credentials", "-n", "aks", "-f", "-"], False),
        (["aks", "show", "-n", "aks"], False),
    ],
)
def test_credentials_of_clusters_never_go_into_the_users_own_kubeconfig(
    typed: list[str], *, added: bool, paths: SandboxPaths
) -> None:
    own = ["--file", str(paths.merged_kubeconfig)]
    assert azure_cli.arguments(typed, paths) == [*typed, *(own if added else [])]

"""The sign-in to a cluster of Entra ID: kubelogin on PATH, and a login method that asks nobody."""

import json
from pathlib import Path
from typing import Any

import pytest

from components.rules import InvalidArgsError
from components.support.cluster_login import VARIABLE, check_login
from tests.unit.stack_config import errors

# As AKS gives it (az aks get-credentials --format exec).
ARGUMENTS = [
    *("get-token", "--environment", "AzurePublicCloud", "--server-id", "6dae42f8-4368-4678-94ff-3960e28e3630"),
    *("--client-id", "80faf920-1908-4b52-b5ef-a8e7bedfc67a", "--tenant-id", "22222222-2222-2222-2222-222222222222"),
]


def kubeconfig(*login: str, command: str = "kubelogin", **more: Any) -> str:
    """Return a kubeconfig whose context dev signs in by a command, and whose context local has a certificate."""
    execute = {"apiVersion": "client.authentication.k8s.io/v1beta1", "command": command, "args": [*ARGUMENTS, *login]}
    return json.dumps(
        {
            "contexts": [
                {"name": "dev", "context": {"cluster": "dev", "user": "clusterUser_rg-aks-dev_aks-dev"}},
                {"name": "local", "context": {"cluster": "dev", "user": "admin"}},
            ],
            "users": [
                {"name": "clusterUser_rg-aks-dev_aks-dev", "user": {"exec": execute | more}},
                {"name": "admin", "user": {"client-certificate-data": "…"}},
            ],
            "current-context": "dev",
        }
    )


@pytest.fixture
def kubelogin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    program = tmp_path / "kubelogin"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    return program


@pytest.mark.parametrize(
    ("login", "method"),
    [
        (("--login", "devicecode"), "devicecode"),
        (("--login=interactive",), "interactive"),
        (("-l", "devicecode"), "devicecode"),
        ((), "devicecode"),
    ],
)
def test_a_login_that_asks_is_refused(kubelogin: Path, login: tuple[str, ...], method: str) -> None:
    with pytest.raises(InvalidArgsError) as refused:
        check_login(kubeconfig(*login), None)
    assert f"signs in to Entra ID by {method}, which asks at a terminal" in str(refused.value)
    assert "Fix: export AAD_LOGIN_METHOD=azurecli, after az login" in str(refused.value)


def test_a_chosen_method_is_taken_as_it_is(kubelogin: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check_login(kubeconfig("--login", "azurecli"), None)
    check_login(kubeconfig("--login=workloadidentity"), None)
    check_login(kubeconfig(env=[{"name": VARIABLE, "value": "msi"}]), None)
    monkeypatch.setenv(VARIABLE, "devicecode")  # with a token in kubelogin's cache
    check_login(kubeconfig("--login", "devicecode"), None)


def test_kubelogin_is_needed(kubelogin: Path) -> None:
    kubelogin.unlink()
    with pytest.raises(InvalidArgsError, match=r"not on PATH\..* Fix: az aks install-cli"):
        check_login(kubeconfig("--login", "azurecli"), None)


@pytest.mark.parametrize("content", [None, "", "a: [", "[]", "{}", kubeconfig(command="aws"), kubeconfig()[:-1]])
def test_other_sign_ins_are_not_judged(kubelogin: Path, content: str | None) -> None:
    kubelogin.unlink()
    check_login(content, None)
    check_login(kubeconfig(), "local")


def test_a_stack_with_such_a_kubeconfig_registers_nothing(kubelogin: Path, tmp_path: Path) -> None:
    file = tmp_path / "kubeconfig"
    file.write_text(kubeconfig("--login", "devicecode"))
    found = errors({"anf-smb:cluster": {"kubeconfig": str(file)}})
    assert "signs in to Entra ID by devicecode" in found["anf-smb:cluster.kubeconfig"]
    found = errors({"anf-smb:cluster": {"kubeconfig": str(file), "context": "local"}})
    assert "anf-smb:cluster.kubeconfig" not in found  # it has no kubelogin

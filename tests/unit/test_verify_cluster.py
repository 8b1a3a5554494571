"""The stack's cluster for verify, and the only secret that verify reads."""

import dataclasses
import stat
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from tests.unit.verify_world import OUTPUTS
from verify.clients.azure import AzureClient
from verify.errors import VerifyError
from verify.stack.outputs import StackOutputs
from verify.stack.parts import ClusterReference
from verify.stack.reading import read
from verify.world import cluster_of

SERVER = "https://aks-dev.example:443"
KUBECONFIG: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Config",
    "clusters": [{"name": "aks", "cluster": {"server": SERVER}}],
    "users": [{"name": "me", "user": {"token": "t"}}],
    "contexts": [{"name": "aks", "context": {"cluster": "aks", "user": "me"}}],
    "current-context": "aks",
}


class Aks:
    """A fake Azure client with credentials of a cluster."""

    def cluster_credentials(self, group: str, name: str, subscription: str) -> dict[str, Any]:
        assert (group, name) == ("rg-aks-dev", "aks-dev")
        return KUBECONFIG


@pytest.fixture
def pulumi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Create a fake `pulumi` that records its arguments and prints a kubeconfig."""
    (tmp_path / "kubeconfig").write_text(yaml.safe_dump(KUBECONFIG))
    program = tmp_path / "pulumi"
    program.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\ncat {tmp_path}/kubeconfig\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    return tmp_path


def server(reference: ClusterReference, folder: Path | None = None, kubeconfig: str | None = None) -> str:
    outputs = dataclasses.replace(StackOutputs.parse("dev", OUTPUTS), cluster=reference)
    return cluster_of(outputs, cast(AzureClient, Aks()), folder, kubeconfig, None).server


def test_an_aks_cluster_gives_its_credentials() -> None:
    assert server(ClusterReference(aks_group="rg-aks-dev", aks_name="aks-dev")) == SERVER


def test_another_stacks_kubeconfig_is_the_one_secret_that_is_asked_for(pulumi: Path) -> None:
    assert server(ClusterReference(stack="org/aks/dev", output="kubeconfig"), pulumi) == SERVER
    (asked,) = (pulumi / "asked").read_text().splitlines()
    assert asked.startswith("stack output kubeconfig --show-secrets --stack org/aks/dev")
    with pytest.raises(VerifyError, match="not print JSON"):
        read("dev", pulumi)
    assert "--show-secrets" not in (pulumi / "asked").read_text().splitlines()[-1]


def test_a_kubeconfig_of_the_project_is_found_from_anywhere(pulumi: Path) -> None:
    assert server(ClusterReference(kubeconfig="kubeconfig", context="aks"), pulumi) == SERVER


def test_an_option_names_another_cluster(pulumi: Path) -> None:
    reference = ClusterReference(aks_group="rg-other", aks_name="other")
    assert server(reference, kubeconfig=str(pulumi / "kubeconfig")) == SERVER


def test_a_kubeconfig_that_is_not_there_is_named() -> None:
    with pytest.raises(VerifyError, match="nowhere/kubeconfig"):
        server(ClusterReference(kubeconfig="nowhere/kubeconfig"))

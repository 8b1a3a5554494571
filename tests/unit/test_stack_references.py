"""Outputs of other stacks: secrets stay secret; the error for a missing output names its stack and the fix."""

import importlib.util
import runpy
import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Any, Final, cast

import pulumi
import pytest
from pulumi.runtime.mocks import MockResourceArgs

from components.dynamic_share import DynamicShare, DynamicShareArgs
from components.support.lookup import LookupFailedError
from components.support.stack_output import stack_output
from tests.unit.unit_mocks import (
    CLAIM,
    KUBECONFIG,
    PROJECT,
    PROVIDER,
    SECRET,
    SECRET_VALUE,
    Cloud,
    Run,
    is_secret,
    run,
    run_static,
)

STACK: Final = "organization/cluster/dev"


class OtherStack(Cloud):
    """Return a stack with these outputs."""

    def __init__(self, outputs: Mapping[str, Any], secret: list[str] | None = None) -> None:
        super().__init__()
        self.outputs = outputs
        self.secret = secret or []

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        if args.typ == "pulumi:pulumi:StackReference":
            outputs = {name: self.as_sent(name, value) for name, value in self.outputs.items()}
            return args.name, {"name": args.name, "outputs": outputs, "secretOutputNames": self.secret}
        return super().new_resource(args)

    def as_sent(self, name: str, value: Any) -> Any:
        return {SECRET: SECRET_VALUE, "value": value} if name in self.secret else value


def share_stack_module() -> ModuleType:
    spec = importlib.util.spec_from_file_location("share_stack", PROJECT / "examples" / "consumer" / "share_stack.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def export_consumed(*needed: str) -> None:
    for name, value in share_stack_module().share_stack(STACK, *needed).items():
        pulumi.export(name, value)


def test_an_output_is_as_secret_as_it_is_there() -> None:
    cloud = OtherStack({"kubeconfig": KUBECONFIG, "name": "aks-dev"}, secret=["kubeconfig"])

    def program() -> None:
        for name in ("kubeconfig", "name"):
            pulumi.export(name, stack_output(STACK, name))

    for outputs in (
        run(program, cloud=cloud).outputs,
        run(lambda: export_consumed("kubeconfig", "name"), cloud=cloud).outputs,
    ):
        assert is_secret(outputs["kubeconfig"])
        assert outputs["name"] == "aks-dev"


def test_a_kubeconfig_that_is_no_secret_there_becomes_one_here() -> None:
    provider = run_static(cluster={"stack": STACK}, cloud=OtherStack({"kubeconfig": KUBECONFIG})).one(PROVIDER)
    assert is_secret(provider.inputs["kubeconfig"])


@pytest.mark.parametrize("preview", [True, False])
def test_a_missing_output_is_named_with_its_stack_and_the_mend(preview: bool) -> None:
    with pytest.raises(LookupFailedError) as raised:
        run_static(cluster={"stack": STACK, "output": "config"}, cloud=OtherStack({"a": "b"}), preview=preview)
    assert str(raised.value).startswith(f"Stack {STACK} has no output config. Fix: `pulumi up` there")


def test_the_consumer_tells_every_missing_output_at_once() -> None:
    with pytest.raises(pulumi.RunError) as raised:
        run(lambda: export_consumed("uncPath", "cluster", "storageClassName"), cloud=OtherStack({"cluster": {}}))
    assert str(raised.value).startswith(f"Stack {STACK} has no output uncPath, storageClassName. Fix: `pulumi up`")


@pytest.fixture
def sdk(monkeypatch: pytest.MonkeyPatch) -> None:
    """The component itself in the place of the SDK that `pulumi install` generates from it."""
    module: Any = ModuleType("pulumi_anf_smb")

    def share(name: str, *, opts: pulumi.ResourceOptions, **args: Any) -> DynamicShare:
        return DynamicShare(name, cast("DynamicShareArgs", args), opts)

    module.DynamicShare = share
    monkeypatch.setitem(sys.modules, "pulumi_anf_smb", module)


def run_consumer(cluster: Mapping[str, Any], **config: str) -> Run:
    """Run the whole example on a stack with all outputs that it needs."""
    needed = ("uncPath", "staticNamespace", "staticClaimName", "storageClassName")
    cloud = OtherStack({"cluster": cluster} | {name: name.lower() for name in needed})
    settings = {"shareStack": STACK, "replicas": "3", "protect": "true"} | config
    return run(
        lambda: runpy.run_path(str(PROJECT / "examples" / "consumer")),
        cloud=cloud,
        config={f"anf-smb:{key}": value for key, value in settings.items()},
    )


@pytest.mark.usefixtures("sdk")
def test_the_consumer_finds_the_cluster_of_the_shares_and_keeps_its_kubeconfig_secret() -> None:
    provider = run_consumer({"aks": {"resourceGroup": "rg-aks-dev", "name": "aks-dev"}}).one(PROVIDER).inputs
    assert is_secret(provider["kubeconfig"])
    assert provider["kubeconfig"]["value"] == KUBECONFIG


@pytest.mark.usefixtures("sdk")
def test_a_cluster_that_is_named_in_another_way_is_asked_for() -> None:
    with pytest.raises(pulumi.RunError, match="finds its cluster by context, which says nothing here"):
        run_consumer({"context": "aks-dev"})
    assert run_consumer({"context": "aks-dev"}, context="mine").one(PROVIDER).inputs["context"] == "mine"


@pytest.mark.usefixtures("sdk")
def test_the_claim_of_the_consumer_is_protected_and_uses_its_cluster() -> None:
    made = run_consumer({"aks": {"resourceGroup": "rg-aks-dev", "name": "aks-dev"}})
    claim = made.one(CLAIM)
    assert claim.request.protect
    assert claim.request.customTimeouts.create == "30m"
    assert claim.request.provider.startswith(made.one(PROVIDER).urn)
    assert claim.inputs["spec"]["resources"] == {"requests": {"storage": "100Gi"}}


def test_the_examples_want_the_versions_that_this_program_is_tested_with() -> None:
    tested = set((PROJECT / "requirements.txt").read_text().splitlines())
    for file in (PROJECT / "examples").glob("*/requirements.txt"):
        assert {line for line in file.read_text().splitlines() if not line.startswith("sdks/")} <= tested, file

"""The identity of a cluster: its API server's address and CA, from any kubeconfig; another cluster is refused."""

import base64
import json
from typing import Any

import pulumi
import pytest
from pulumi.output import UNKNOWN

from components.guest.cluster_identity import identity_of, is_other, remembered_cluster
from components.rules import InvalidArgsError
from tests.unit.unit_mocks import run

CA = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


def kubeconfig(server: str = "https://aks-dev-1a2b.hcp.koreacentral.azmk8s.io:443", ca: str | None = CA) -> str:
    """Return a kubeconfig with that cluster, and another one that is the current context."""
    cluster = {"server": server}
    if ca is not None:
        cluster["certificate-authority-data"] = base64.b64encode(ca.encode()).decode()
    return json.dumps(
        {
            "clusters": [
                {"name": "dev", "cluster": cluster},
                {"name": "other", "cluster": {"server": "https://other.example"}},
            ],
            "contexts": [
                {"name": "dev-admin", "context": {"cluster": "dev", "user": "admin"}},
                {"name": "other", "context": {"cluster": "other", "user": "me"}},
            ],
            "current-context": "other",
        }
    )


def test_the_identity_is_that_of_the_context() -> None:
    assert identity_of(kubeconfig(), None) == {"server": "other.example"}
    identity = identity_of(kubeconfig(), "dev-admin")
    assert identity["server"] == "aks-dev-1a2b.hcp.koreacentral.azmk8s.io:443"
    assert identity["certificateAuthority"].startswith("sha256:")
    assert "MIIB" not in str(identity)


def test_line_ends_of_the_ca_and_the_case_of_the_address_do_not_count() -> None:
    written_elsewhere = kubeconfig("https://AKS-dev-1a2b.hcp.koreacentral.azmk8s.io:443", CA.replace("\n", "\r\n"))
    assert identity_of(written_elsewhere, "dev-admin") == identity_of(kubeconfig(), "dev-admin")


@pytest.mark.parametrize(
    "content",
    [None, "", "[]", "a: [", "clusters: 1", json.dumps({"clusters": [], "contexts": []}), kubeconfig(ca=None)[:-1]],
)
def test_a_kubeconfig_without_the_context_has_no_identity(content: str | None) -> None:
    assert identity_of(content, "dev-admin") == {}


@pytest.mark.parametrize(
    ("changed", "other"),
    [
        (kubeconfig(), False),
        (kubeconfig(ca="a renewed CA"), False),
        (kubeconfig("https://10.1.2.3"), False),
        (kubeconfig(ca=None), False),
        (kubeconfig("https://10.1.2.3", "another CA"), True),
        (kubeconfig("https://10.1.2.3", None), True),
        ("", False),
    ],
    ids=["same", "CA renewed", "another address", "no CA", "both differ", "another address, no CA", "unknown"],
)
def test_a_cluster_is_another_one_when_neither_its_address_nor_its_ca_is_the_same(changed: str, other: bool) -> None:
    before, now = identity_of(kubeconfig(), "dev-admin"), identity_of(changed, "dev-admin")
    assert is_other(before, now) is other
    assert is_other(now, before) is other


def check(old: Any, new: Any) -> None:
    """Run the check as the engine does before it changes what the state remembers."""
    urn = "urn:pulumi:dev::anf-smb::pulumi:index:Stash::aks-identity"
    hooks: list[pulumi.ResourceHook] = []

    def program() -> None:
        made = remembered_cluster("aks", {})
        del made

    original = pulumi.ResourceHook.__init__

    def remember(hook: pulumi.ResourceHook, *args: Any, **kwargs: Any) -> None:
        original(hook, *args, **kwargs)
        hooks.append(hook)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pulumi.ResourceHook, "__init__", remember)
        run(program)
    hooks[0](
        pulumi.ResourceHookArgs(urn=urn, id="", name="", type="", old_inputs={"input": old}, new_inputs={"input": new})
    )


def test_the_refusal_names_key_value_what_is_allowed_and_the_ways_out() -> None:
    old = identity_of(kubeconfig(), "dev-admin")
    new = identity_of(kubeconfig("https://aks-dev-9f9f.hcp.koreacentral.azmk8s.io", "another CA"), "dev-admin")
    with pytest.raises(InvalidArgsError) as refused:
        check(old, new)
    text = str(refused.value)
    assert "its API server is aks-dev-9f9f.hcp.koreacentral.azmk8s.io" in text
    assert "the cluster of aks-dev-1a2b.hcp.koreacentral.azmk8s.io:443" in text
    assert "Allowed: the same cluster" in text
    assert "destroy --ignore-protect --target 'urn:pulumi:dev::anf-smb::pulumi:providers:kubernetes::aks'" in text


def test_what_is_not_known_yet_is_not_refused() -> None:
    check(identity_of(kubeconfig(), "dev-admin"), UNKNOWN)
    check({}, identity_of(kubeconfig(), "dev-admin"))

"""The dynamic way in a stack's configuration: valid values are accepted; errors have a key and a fix."""

from typing import Any

import pytest

from components.capacity_pool import PoolRef
from tests.unit.stack_config import DEV, errors, load

CLAIM = {"name": "smb-dynamic", "sizeGiB": 100}
GUID = "00000000-0000-0000-0000-000000000000"
OLD = {"version": "23.04.0", "authentication": "clientSecret", "clientId": GUID}


def trident(**changes: Any) -> dict[str, Any]:
    return {"anf-smb:trident": {"version": "100.2606.0"} | changes}


def claims(*listed: dict[str, Any]) -> dict[str, Any]:
    return {"anf-smb:dynamicClaims": [*listed]}


def test_what_a_stack_leaves_out_is_the_safest() -> None:
    settings = load({"anf-smb:trident": {"version": "100.2606.0"}})
    assert settings.installs_trident
    assert settings.has_backend
    assert settings.creates_identity
    assert settings.trident.authentication == "workloadIdentity"
    assert settings.trident.reclaim_policy == "Retain"


def test_trident_is_installed_for_claims_by_default() -> None:
    assert not load(claims()).installs_trident
    assert load(claims() | trident(enabled=True)).has_backend
    existing = load(trident(enabled=False))
    assert not existing.installs_trident
    assert not existing.creates_identity
    assert existing.has_backend


FAST = {"name": "fast", "serviceLevel": "Ultra", "sizeTiB": 1}
REF: PoolRef = {"resource_group_name": "rg", "account_name": "acc", "name": "p", "service_level": "Ultra"}
REFS = {"pool-dev": REF, "fast": REF}


def test_the_first_pool_has_the_documented_class_and_others_have_the_one_that_they_name() -> None:
    pools = [DEV["anf-smb:pools"][0], FAST | {"storageClass": "fast"}, FAST | {"name": "plain"}]
    settings = load({"anf-smb:pools": pools} | claims(CLAIM, CLAIM | {"name": "b", "storageClass": "fast"}))
    assert [settings.pool_of(claim) for claim in settings.dynamic_claims] == ["pool-dev", "fast"]
    backends = settings.backend_pools(REFS)
    assert {name: (each.get("storage_class_name"), each.get("keep_name")) for name, each in backends.items()} == {
        "pool-dev": ("anf-sc-smb", True),
        "fast": ("fast", False),
    }


def test_a_pool_with_a_class_needs_trident_without_any_claim() -> None:
    settings = load({"anf-smb:pools": [FAST | {"storageClass": "fast"}]} | claims())
    assert settings.installs_trident
    assert settings.has_backend


@pytest.mark.parametrize(
    ("stack", "of_the_stack"), [("dev", "dev"), ("Team.A_dev", "team-a-dev")], ids=["plain", "not a name in Kubernetes"]
)
def test_with_the_trident_of_another_stack_the_default_names_carry_the_stack(
    stack: str, of_the_stack: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pulumi.get_stack", lambda: stack)
    [default] = load(trident(enabled=False)).backend_pools(REFS).values()
    assert default.get("storage_class_name") == f"anf-sc-smb-{of_the_stack}"
    chosen = {"anf-smb:pools": [FAST | {"storageClass": "mine"}]}
    [named] = load(trident(enabled=False) | chosen).backend_pools(REFS).values()
    assert named.get("storage_class_name") == "mine"


def test_with_an_existing_account_identity_and_roles_carry_project_and_stack() -> None:
    existing = {
        "anf-smb:resourceGroup": {"name": "rg", "existing": True},
        "anf-smb:account": {"name": "acc", "existing": True},
        "anf-smb:activeDirectory": None,
    }
    settings, new = load(existing), load({})
    assert settings.trident_path_args.get("identity_name") == "acc-project-stack-trident"
    assert settings.trident_label == "rg/acc/project/stack"
    assert new.trident_path_args.get("identity_name") == "anf-dev-trident"
    assert new.trident_label == "rg-anf-dev/anf-dev"
    assert load(trident(identityName="mine")).trident_path_args.get("identity_name") == "mine"


def test_a_stack_of_claims_alone_needs_neither_volumes_nor_their_driver() -> None:
    settings = load({"anf-smb:volumes": None})
    assert not settings.installs_smb_driver
    assert set(settings.namespaces) == {"smb-dynamic"}
    assert load({}).installs_smb_driver


def test_credentials_are_in_one_namespace_and_written_as_trident_wants_them() -> None:
    settings = load(claims(CLAIM, CLAIM | {"name": "b", "namespace": "team"}))
    held = {name: args.get("credentials") is not None for name, args in settings.namespaces.items()}
    assert held == {"smb-static": True, "smb-dynamic": True, "team": False}
    joined = {name: args.get("joined_username") for name, args in settings.namespaces.items()}
    assert joined == {"smb-static": False, "smb-dynamic": True, "team": True}


def test_a_network_in_a_group_of_its_own_is_known() -> None:
    path = f"/subscriptions/{GUID}/resourceGroups/%s/providers/Microsoft.Network/virtualNetworks/v/subnets/s"
    own = {"virtualNetwork": "v1", "addressSpace": "10.0.0.0/16", "subnet": "s", "subnetPrefix": "10.0.1.0/26"}
    assert load({"anf-smb:network": own}).network_resource_group is None
    assert load({"anf-smb:network": {"subnetId": path % "RG-anf-dev"}}).network_resource_group is None
    assert load({"anf-smb:network": {"subnetId": path % "rg-net"}}).network_resource_group == "rg-net"
    in_network = {"virtualNetworkId": (path % "rg-net").rpartition("/subnets/")[0], "subnet": "s"}
    settings = load({"anf-smb:network": in_network | {"subnetPrefix": "10.40.1.0/26"}})
    assert settings.network_resource_group == "rg-net"


def test_the_documented_version_is_accepted_with_what_it_can_do() -> None:
    assert load({"anf-smb:trident": OLD}).backend_args.get("client_secret")


def test_trident_may_use_an_existing_identity() -> None:
    existing = load(trident(clientId=GUID) | {"anf-smb:cluster": {"context": "aks"}})
    assert not existing.creates_identity
    assert not load(trident(authentication="managedIdentity")).creates_identity


def test_wiping_out_keeps_the_operator_and_who_it_is_alone() -> None:
    settings = load(claims() | trident(enabled=True, wipeout=True))
    assert settings.installs_trident
    assert not settings.has_backend
    assert set(settings.namespaces) == {"smb-static"}


WRONG: list[tuple[str, dict[str, Any], str, str]] = [
    # what, the change, the key as the user wrote it, what the error says
    ("version", trident(version="26.06.0"), "anf-smb:trident.version", "from 24.02 on as 100.YYMM.patch"),
    ("version of long ago", trident(version="22.10.0"), "anf-smb:trident.version", "23.04.0 to 23.10.x"),
    ("authentication", trident(authentication="msi"), "anf-smb:trident.authentication", "managedIdentity"),
    (
        "identity with an old version",
        trident(version="23.10.0"),
        "anf-smb:trident.authentication",
        "the others need version 100.2402.0 or later",
    ),
    (
        "client secret without client",
        trident(authentication="clientSecret"),
        "anf-smb:trident.clientId",
        "app registration",
    ),
    (
        "client with managed identity",
        trident(authentication="managedIdentity", clientId=GUID),
        "anf-smb:trident.clientId",
        "the identity of the cluster's nodes",
    ),
    (
        "no issuer to trust",
        {"anf-smb:cluster": {"context": "aks"}},
        "anf-smb:trident.clientId",
        "anf-smb:cluster.aks",
    ),
    ("client id", trident(clientId="mine"), "anf-smb:trident.clientId", "a GUID"),
    ("reclaim policy", trident(reclaimPolicy="Recycle"), "anf-smb:trident.reclaimPolicy", "Retain, Delete"),
    (
        "tolerations that an old version has not",
        {"anf-smb:trident": OLD | {"values": {"tridentNodePluginTolerations": []}}},
        "anf-smb:trident.values.tridentNodePluginTolerations",
        "before 23.10",
    ),
    (
        "without Windows",
        trident(values={"windows": False}),
        "anf-smb:trident.values.windows",
        "true: only Windows",
    ),
    (
        "without a cloud",
        trident(values={"cloudProvider": ""}),
        "anf-smb:trident.values.cloudProvider",
        "authentication workloadIdentity needs it",
    ),
    (
        "another identity",
        trident(values={"cloudIdentity": "azure.workload.identity/client-id: x"}),
        "anf-smb:trident.values.cloudIdentity",
        "clientId names the identity",
    ),
    (
        "Flexible",
        {"anf-smb:pools": [DEV["anf-smb:pools"][0] | {"serviceLevel": "Flexible"}]},
        "anf-smb:pools[0].serviceLevel",
        "Standard, Premium, Ultra",
    ),
    (
        "manual QoS",
        {"anf-smb:pools": [DEV["anf-smb:pools"][0] | {"qosType": "Manual"}]}
        | {"anf-smb:volumes": None}
        | trident(version="100.2506.0"),
        "anf-smb:pools[0].qosType",
        "Auto: Trident before 25.10 creates volumes only in an Auto pool",
    ),
    (
        "throughput of claims with Auto",
        {"anf-smb:pools": [FAST | {"maxThroughputMibps": 16}]},
        "anf-smb:pools[0].maxThroughputMibps",
        "qosType is Manual",
    ),
    (
        "throughput of claims without a class",
        {"anf-smb:pools": [DEV["anf-smb:pools"][0], FAST | {"qosType": "Manual", "maxThroughputMibps": 16}]},
        "anf-smb:pools[1].maxThroughputMibps",
        "pools[1].storageClass",
    ),
    (
        "throughput of claims beyond the pool's",
        {"anf-smb:pools": [FAST | {"qosType": "Manual", "maxThroughputMibps": 200}], "anf-smb:volumes": None},
        "anf-smb:pools[0]",
        "128 MiB/s together",
    ),
    (
        "a class of no pool",
        claims(CLAIM | {"storageClass": "fast"}),
        "anf-smb:dynamicClaims[0].storageClass",
        "anf-sc-smb",
    ),
    (
        "two classes of one backend",
        {"anf-smb:pools": [FAST | {"storageClass": "fast"}, FAST | {"name": "b", "storageClass": "anf-sc-fast"}]},
        "anf-smb:pools[1].storageClass",
        "for the same backend",
    ),
    (
        "claims too large for their pool",
        {"anf-smb:pools": [DEV["anf-smb:pools"][0], FAST | {"storageClass": "fast"}]}
        | claims(CLAIM, CLAIM | {"name": "b", "sizeGiB": 1025, "storageClass": "fast"}),
        "anf-smb:pools[1].sizeTiB",
        "1025 GiB",
    ),
    (
        "roles for an identity of the stack's own",
        trident(principalId=GUID),
        "anf-smb:trident.principalId",
        "that the stack creates",
    ),
    (
        "roles that somebody else assigns",
        trident(principalId=GUID, enabled=False, roleAssignment=False),
        "anf-smb:trident.principalId",
        "one of the two",
    ),
    (
        "a user with its domain",
        {"anf-smb:smbUser": {"domain": "CONTOSO", "username": "CONTOSO\\u"}},
        "anf-smb:smbUser.username",
        "the user's name alone",
    ),
    ("a user without domain", {"anf-smb:smbUser": {"username": "u"}}, "anf-smb:smbUser.domain", "is missing"),
    ("too small", claims(CLAIM | {"sizeGiB": 49}), "anf-smb:dynamicClaims[0].sizeGiB", "50 to 102400 GiB"),
    (
        "too small for an old version",
        {"anf-smb:trident": OLD} | claims(CLAIM | {"sizeGiB": 99}),
        "anf-smb:dynamicClaims[0].sizeGiB",
        "100 GiB or more",
    ),
    (
        "larger than what the volumes leave",
        claims(CLAIM | {"sizeGiB": 925}),
        "anf-smb:pools[0].sizeTiB",
        "these add up to 1025 GiB",
    ),
    ("the same name", claims(CLAIM, CLAIM | {"claim": "b"}), "anf-smb:dynamicClaims[1].name", "no other claim"),
    (
        "the same claim",
        claims(CLAIM, {"name": "b", "sizeGiB": 50, "claim": "anf-pvc-smb-dynamic"}),
        "anf-smb:dynamicClaims[1].claim",
        "in its namespace",
    ),
    ("a name that makes no claim", claims(CLAIM | {"name": "Team"}), "anf-smb:dynamicClaims[0].claim", "anf-pvc-Team"),
    (
        "where volumes are",
        claims(CLAIM | {"namespace": "smb-static"}),
        "anf-smb:dynamicClaims[0].namespace",
        "differs between the two ways",
    ),
    (
        "credentials where volumes are",
        trident(credentialsNamespace="smb-static"),
        "anf-smb:trident.credentialsNamespace",
        "another namespace",
    ),
    ("wiped out with claims", trident(wipeout=True), "anf-smb:trident.wipeout", "with trident.enabled: true"),
    ("wiped out by nobody", claims() | trident(wipeout=True), "anf-smb:trident.wipeout", "enabled: true"),
    ("misspelled", trident(clientID=GUID), "anf-smb:trident.clientID", "did you mean anf-smb:trident.clientId?"),
]


@pytest.mark.parametrize(("change", "key", "said"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_an_error_is_reported_with_its_key_and_alone(change: dict[str, Any], key: str, said: str) -> None:
    found = errors(change)
    related = {other for other in found if other != key and "throughput" not in other and key not in other}
    assert said in found[key], found
    assert related == set()


def test_what_is_wrong_with_a_trident_that_is_not_used_is_not_said() -> None:
    load(claims() | trident(authentication="clientSecret") | {"anf-smb:tridentClientSecret": None})

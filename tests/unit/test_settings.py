"""A stack's configuration: valid values are accepted; all errors come at once, each with its key and fix."""

import json
import os
from pathlib import Path
from typing import Any

import pulumi
import pytest

from configuration.errors import SettingsError
from settings import Settings
from tests.unit.stack_config import DEV, errors, load
from tests.unit.unit_mocks import OWN_NETWORK

SUBNET_ID = (
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-net"
    "/providers/Microsoft.Network/virtualNetworks/vnet/subnets/anf"
)


def existing(settings: Settings) -> dict[str, bool]:
    """Return for each namespace whether it already exists."""
    return {name: args.get("existing", False) for name, args in settings.namespaces.items()}


def test_the_committed_stack_is_right_and_has_the_documented_names() -> None:
    settings = load()
    volume = settings.volumes[0]
    assert (volume.name, volume.size_gib, volume.share) == ("smb", 100, "smb")
    assert (volume.claim_name, volume.persistent_volume_name) == ("anf-pvc-smb", "anf-pv-smb")
    assert existing(settings) == {"smb-static": False, "smb-dynamic": False}
    assert settings.sample_pods == {"smb": "iis-pod"}
    [claim] = settings.dynamic_claims
    assert (claim.name, claim.size_gib, claim.claim_name) == ("smb-dynamic", 100, "anf-pvc-smb-dynamic")
    assert settings.dynamic_pods == {"smb-dynamic": "iis-pod"}
    assert settings.smb_driver.namespace == "kube-system"


def test_what_a_stack_leaves_out_has_safe_defaults() -> None:
    settings = load(dict.fromkeys(["anf-smb:protect", "anf-smb:sampleWorkload", "anf-smb:timeouts"]))
    assert settings.protect
    assert settings.timeouts.azure_minutes == 30


VOLUME = {"name": "smb", "sizeGiB": 100}
POOL = {"name": "pool-dev", "serviceLevel": "Standard", "sizeTiB": 1}
DIRECTORY = DEV["anf-smb:activeDirectory"]

WRONG: list[tuple[str, dict[str, Any], str, str]] = [
    # what, the change, the key as the user wrote it, what the error says
    ("too small", {"anf-smb:volumes": [VOLUME, {"name": "b", "sizeGiB": 20}]}, "anf-smb:volumes[1].sizeGiB", "is 20"),
    (
        "the range",
        {"anf-smb:volumes": [{"name": "b", "sizeGiB": 20}]},
        "anf-smb:volumes[0].sizeGiB",
        "50 to 102400 GiB",
    ),
    ("quoted number", {"anf-smb:pools": [POOL | {"sizeTiB": "1"}]}, "anf-smb:pools[0].sizeTiB", "without quotes"),
    ("fraction", {"anf-smb:pools": [POOL | {"sizeTiB": 1.5}]}, "anf-smb:pools[0].sizeTiB", "whole number"),
    ("version as number", {"anf-smb:smbDriver": {"version": 1.2}}, "anf-smb:smbDriver.version", "quote a number"),
    (
        "driver without Windows",
        {"anf-smb:smbDriver": {"version": "1.20.3", "values": {"windows": {"enabled": False}}}},
        "anf-smb:smbDriver.values.windows.enabled",
        "is false",
    ),
    (
        "driver of another name",
        {"anf-smb:smbDriver": {"version": "1.20.3", "values": {"driver": {"name": "smb.example"}}}},
        "anf-smb:smbDriver.values.driver.name",
        "smb.csi.k8s.io",
    ),
    ("version with v", {"anf-smb:smbDriver": {"version": "v1.20.3"}}, "anf-smb:smbDriver.version", "with a v"),
    ("list for a mapping", {"anf-smb:account": []}, "anf-smb:account", "is a list"),
    ("mapping for a list", {"anf-smb:pools": POOL}, "anf-smb:pools", "is a mapping"),
    ("no pool", {"anf-smb:pools": []}, "anf-smb:pools", "at least 1"),
    ("too many pools", {"anf-smb:pools": [POOL | {"name": f"p{i}"} for i in range(26)]}, "anf-smb:pools", "at most 25"),
    ("text for a mapping", {"anf-smb:account": "anf-dev"}, "anf-smb:account", "a mapping, such as"),
    ("mapping for a list", {"anf-smb:volumes": VOLUME}, "anf-smb:volumes", "a list, such as"),
    ("no JSON", {"anf-smb:volumes": "[{name: smb"}, "anf-smb:volumes", "a list, such as"),
    (
        "neither volumes nor claims",
        {"anf-smb:volumes": [], "anf-smb:dynamicClaims": []},
        "anf-smb:volumes",
        "or anf-smb:dynamicClaims",
    ),
    ("empty volume", {"anf-smb:volumes": [None]}, "anf-smb:volumes[0]", "is empty"),
    ("not a boolean", {"anf-smb:protect": "perhaps"}, "anf-smb:protect", "true or false"),
    ("missing section", {"anf-smb:pools": None}, "anf-smb:pools", "such as anf-smb:pools: [{name: pool-dev"),
    ("missing key", {"anf-smb:volumes": [{"name": "smb"}]}, "anf-smb:volumes[0].sizeGiB", "is missing"),
    ("missing region", {"azure-native:location": None}, "azure-native:location", "is missing"),
    ("wrong region", {"azure-native:location": "korea/central"}, "azure-native:location", "Azure region"),
    ("no GUID", {"azure-native:subscriptionId": "mine"}, "azure-native:subscriptionId", "a GUID"),
    ("misspelled section", {"anf-smb:volume": "[]"}, "anf-smb:volume", "did you mean anf-smb:volumes?"),
    (
        "misspelled key",
        {"anf-smb:volumes": [VOLUME | {"sizeGib": 3}]},
        "anf-smb:volumes[0].sizeGib",
        "did you mean anf-smb:volumes[0].sizeGiB?",
    ),
    (
        "misspelled key deep down",
        {"anf-smb:cluster": {"aks": {"resourcegroup": "rg", "name": "aks"}}},
        "anf-smb:cluster.aks.resourcegroup",
        "did you mean anf-smb:cluster.aks.resourceGroup?",
    ),
    (
        "Python's spelling",
        {"anf-smb:resourceGroup": {"name": "rg", "Existing": True}},
        "anf-smb:resourceGroup.Existing",
        "did you mean",
    ),
    (
        "four DNS servers",
        {"anf-smb:activeDirectory": DIRECTORY | {"dnsServers": ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"]}},
        "anf-smb:activeDirectory.dnsServers",
        "at most 3",
    ),
    (
        "IPv6",
        {"anf-smb:activeDirectory": DIRECTORY | {"dnsServers": ["10.0.0.1", "fd00::1"]}},
        "anf-smb:activeDirectory.dnsServers[1]",
        "an IPv4 address",
    ),
    (
        "domain",
        {"anf-smb:activeDirectory": DIRECTORY | {"domain": "contoso..com"}},
        "anf-smb:activeDirectory.domain",
        "DNS name",
    ),
    ("no version of the driver", {"anf-smb:smbDriver": {}}, "anf-smb:smbDriver.version", "is missing"),
    ("no version of Trident", {"anf-smb:trident": {}}, "anf-smb:trident.version", "is missing"),
    ("no directory", {"anf-smb:activeDirectory": None}, "anf-smb:activeDirectory", "is missing"),
    ("user with domain", {"anf-smb:smbUser": {"domain": "C", "username": "C\\u"}}, "anf-smb:smbUser.username", "alone"),
    ("two clusters", {"anf-smb:cluster": {"stack": "a/b/c", "context": "x"}}, "anf-smb:cluster", "stack and context"),
    ("no cluster", {"anf-smb:cluster": {}}, "anf-smb:cluster", "names no cluster"),
    ("empty context", {"anf-smb:cluster": {"context": ""}}, "anf-smb:cluster.context", "is empty"),
    (
        "output alone",
        {"anf-smb:cluster": {"context": "x", "output": "y"}},
        "anf-smb:cluster.output",
        "without `stack`",
    ),
    ("no such file", {"anf-smb:cluster": {"kubeconfig": "no/such"}}, "anf-smb:cluster.kubeconfig", "a readable file"),
    ("volumes too large", {"anf-smb:volumes": [VOLUME | {"sizeGiB": 1025}]}, "anf-smb:pools[0].sizeTiB", "1125 GiB"),
    (
        "level too high",
        {"anf-smb:volumes": [VOLUME | {"serviceLevel": "Ultra"}]},
        "anf-smb:volumes[0].serviceLevel",
        "no higher than the pool's",
    ),
    (
        "Flexible",
        {"anf-smb:pools": [POOL | {"serviceLevel": "Flexible"}]},
        "anf-smb:pools[0].serviceLevel",
        "Standard, Premium",
    ),
    (
        "throughput with Auto",
        {"anf-smb:volumes": [VOLUME | {"throughputMibps": 16}]},
        "anf-smb:volumes[0].throughputMibps",
        "is Manual",
    ),
    (
        "Manual without throughput",
        {"anf-smb:pools": [POOL | {"qosType": "Manual"}]},
        "anf-smb:volumes[0].throughputMibps",
        "is missing",
    ),
    (
        "too much throughput",
        {
            "anf-smb:pools": [POOL | {"qosType": "Manual"}],
            "anf-smb:volumes": [VOLUME | {"throughputMibps": 17}],
        },
        "anf-smb:pools[0]",
        "16 MiB/s together",
    ),
    ("same name", {"anf-smb:volumes": [VOLUME, VOLUME | {"name": "SMB"}]}, "anf-smb:volumes[1].name", "volumes[0]"),
    (
        "same share",
        {"anf-smb:volumes": [VOLUME, {"name": "b", "sizeGiB": 50, "creationToken": "smb"}]},
        "anf-smb:volumes[1].creationToken",
        "is the same as that of anf-smb:volumes[0]",
    ),
    (
        "same claim",
        {"anf-smb:volumes": [VOLUME, {"name": "b", "sizeGiB": 50, "claim": "anf-pvc-smb"}]},
        "anf-smb:volumes[1].claim",
        "in its namespace",
    ),
    (
        "same PersistentVolume",
        {"anf-smb:volumes": [VOLUME, {"name": "b", "sizeGiB": 50, "persistentVolume": "anf-pv-smb"}]},
        "anf-smb:volumes[1].persistentVolume",
        "no other volume has",
    ),
    (
        "a name that makes no share",
        {"anf-smb:volumes": [{"name": "team_a", "sizeGiB": 50}]},
        "anf-smb:volumes[0].creationToken",
        'is "team_a" by default',
    ),
    (
        "a name that makes no claim",
        {"anf-smb:volumes": [{"name": "Team", "sizeGiB": 50}]},
        "anf-smb:volumes[0].claim",
        'is "anf-pvc-Team" by default',
    ),
    (
        "existing account",
        {"anf-smb:account": {"name": "a", "existing": True}},
        "anf-smb:account.existing",
        "anf-smb:resourceGroup.existing is true",
    ),
    (
        "existing pool",
        {"anf-smb:pools": [{"name": "p", "existing": True}]},
        "anf-smb:pools[0].existing",
        "anf-smb:account.existing is true",
    ),
    (
        "existing pool's size",
        {"anf-smb:pools": [POOL | {"existing": True}]},
        "anf-smb:pools[0].sizeTiB",
        "keeps its own",
    ),
    (
        "existing volume's size",
        {"anf-smb:volumes": [VOLUME | {"existing": True}]},
        "anf-smb:volumes[0].sizeGiB",
        "an existing volume keeps its own",
    ),
    (
        "existing volume's encryption",
        {"anf-smb:volumes": [{"name": "b", "existing": True, "smbEncryption": True}]},
        "anf-smb:volumes[0].smbEncryption",
        "an existing volume keeps its own",
    ),
    ("volume without size", {"anf-smb:volumes": [{"name": "b"}]}, "anf-smb:volumes[0].sizeGiB", "is missing"),
    ("pool without size", {"anf-smb:pools": [{"name": "p"}]}, "anf-smb:pools[0].sizeTiB", "is missing"),
    ("timeout", {"anf-smb:timeouts": {"azureMinutes": 0}}, "anf-smb:timeouts.azureMinutes", "1 to 1440 minutes"),
]


@pytest.mark.parametrize(("change", "key", "said"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_an_error_is_reported_with_its_key(change: dict[str, Any], key: str, said: str) -> None:
    found = errors(change)
    assert key in found, found
    assert said in found[key]


def test_all_errors_are_reported_at_once() -> None:
    found = errors(
        {
            "azure-native:location": None,
            "anf-smb:polls": "{}",
            "anf-smb:account": {"name": "-"},
            "anf-smb:volumes": [VOLUME, {"name": "bin", "sizeGiB": 10}, VOLUME | {"sizeGiB": 2000}],
            "anf-smb:smbUser": None,
            "anf-smb:smbPassword": None,
            "anf-smb:activeDirectoryPassword": "x" * 65,
            "anf-smb:network": OWN_NETWORK | {"subnetPrefix": "10.41.0.0/26"},
        }
    )
    assert set(found) == {
        "azure-native:location",
        "anf-smb:polls",
        "anf-smb:pools[0].sizeTiB",
        "anf-smb:account.name",
        "anf-smb:volumes[1].name",
        "anf-smb:volumes[1].sizeGiB",
        "anf-smb:volumes[2].name",
        "anf-smb:volumes[2].creationToken",
        "anf-smb:volumes[2].claim",
        "anf-smb:volumes[2].persistentVolume",
        "anf-smb:smbUser",
        "anf-smb:smbPassword",
        "anf-smb:activeDirectoryPassword",
        "anf-smb:network.subnetPrefix",
    }


def test_an_invalid_section_is_not_reported_as_missing() -> None:
    assert set(errors({"anf-smb:activeDirectory": DIRECTORY | {"domain": "x."}})) == {"anf-smb:activeDirectory.domain"}


def test_the_error_counts_and_names_the_stack_and_prints_without_a_traceback() -> None:
    with pytest.raises(SettingsError) as raised:
        load({"anf-smb:pools": None, "anf-smb:account": None})
    assert isinstance(raised.value, pulumi.RunError)
    assert "has 2 errors; nothing was registered." in str(raised.value)
    assert "fix: pulumi config set --path 'anf-smb:pools'" in str(raised.value)


def test_existing_parts_need_neither_directory_nor_its_password() -> None:
    settings = load(
        {
            "anf-smb:resourceGroup": {"name": "rg", "existing": True},
            "anf-smb:account": {"name": "acc", "existing": True},
            "anf-smb:pools": [{"name": "pool", "existing": True}],
            "anf-smb:network": {"subnetId": SUBNET_ID},
            "anf-smb:activeDirectory": None,
            "anf-smb:activeDirectoryPassword": None,
        }
    )
    assert settings.account_args.get("active_directory") is None
    assert settings.pools[0].existing


TWO_POOLS = [POOL, {"name": "fast", "serviceLevel": "Ultra", "sizeTiB": 1, "qosType": "Manual"}]


def test_each_pool_is_judged_with_its_own_volumes_and_all_errors_come_at_once() -> None:
    volumes = [
        {"name": "a", "sizeGiB": 1100},
        {"name": "b", "sizeGiB": 900, "pool": "fast", "serviceLevel": "Ultra", "throughputMibps": 200},
        {"name": "c", "sizeGiB": 900, "pool": "fast"},
        {"name": "d", "sizeGiB": 50, "pool": "slow"},
    ]
    found = errors({"anf-smb:pools": [*TWO_POOLS, POOL, {"name": "x"}], "anf-smb:volumes": volumes})
    assert set(found) == {
        "anf-smb:pools[0].sizeTiB",
        "anf-smb:pools[1].sizeTiB",
        "anf-smb:pools[1]",
        "anf-smb:pools[2].name",
        "anf-smb:pools[3].serviceLevel",
        "anf-smb:pools[3].sizeTiB",
        "anf-smb:volumes[2].throughputMibps",
        "anf-smb:volumes[3].pool",
    }
    assert "1200 GiB" in found["anf-smb:pools[0].sizeTiB"]  # with the claim of stack dev
    assert "1800 GiB" in found["anf-smb:pools[1].sizeTiB"]
    assert "fast" in found["anf-smb:volumes[3].pool"]


def test_a_volume_is_in_the_pool_that_it_names_and_else_in_the_first() -> None:
    settings = load(
        {
            "anf-smb:pools": TWO_POOLS,
            "anf-smb:volumes": [VOLUME, VOLUME | {"name": "b", "pool": "fast", "throughputMibps": 1}],
        }
    )
    assert [settings.pool_of(volume) for volume in settings.volumes] == ["pool-dev", "fast"]


def test_a_pool_has_no_more_volumes_than_azure_allows() -> None:
    volumes = [{"name": f"v{index}", "sizeGiB": 50} for index in range(501)]
    found = errors({"anf-smb:pools": [POOL | {"sizeTiB": 100}], "anf-smb:volumes": volumes})
    assert set(found) == {"anf-smb:pools[0]"}
    assert "500" in found["anf-smb:pools[0]"]


def test_the_key_of_a_single_pool_is_refused_by_one_error_with_the_new_spelling() -> None:
    found = errors({"anf-smb:pools": None, "anf-smb:pool": POOL})
    assert set(found) == {"anf-smb:pool"}
    assert "anf-smb:pools: [{name: pool-dev, serviceLevel: Standard, sizeTiB: 1}]" in found["anf-smb:pool"]
    assert "pulumi config set --path 'anf-smb:pools[0].sizeTiB' 1" in found["anf-smb:pool"]
    assert "pulumi config rm anf-smb:pool" in found["anf-smb:pool"]
    assert "pa55" not in errors({"anf-smb:pools": None, "anf-smb:pool": {"pasword": "pa55"}})["anf-smb:pool"]


def test_an_existing_account_is_not_joined_to_another_directory() -> None:
    found = errors(
        {"anf-smb:resourceGroup": {"name": "rg", "existing": True}, "anf-smb:account": {"name": "a", "existing": True}}
    )
    assert set(found) == {"anf-smb:activeDirectory"}
    assert "keeps its own directory" in found["anf-smb:activeDirectory"]


def test_existing_namespaces_are_not_created() -> None:
    settings = load(
        {
            "anf-smb:existingNamespaces": ["web"],
            "anf-smb:volumes": [
                VOLUME | {"namespace": "web"},
                {"name": "b", "sizeGiB": 50, "namespace": "default"},
                {"name": "c", "sizeGiB": 50, "namespace": "new"},
            ],
        }
    )
    assert existing(settings) == {"web": True, "default": True, "new": False, "smb-dynamic": False}


def test_pods_of_one_namespace_have_different_names() -> None:
    settings = load(
        {
            "anf-smb:volumes": [
                VOLUME,
                {"name": "Data_1", "sizeGiB": 50, "creationToken": "data", "claim": "data", "persistentVolume": "data"},
            ]
        }
    )
    assert [*settings.sample_pods.values()] == ["iis-pod", "iis-pod-data"]


@pytest.mark.parametrize(
    "cluster", [{"context": "aks"}, {"stack": "org/aks/dev"}, {"aks": {"resourceGroup": "r", "name": "n"}}]
)
def test_any_one_way_to_name_the_cluster_will_do(cluster: dict[str, Any]) -> None:
    changes = {"anf-smb:cluster": cluster, "anf-smb:dynamicClaims": None}
    assert load(changes).cluster.model_dump(by_alias=True, exclude_none=True) == cluster


def test_a_sign_in_of_the_stack_file_does_not_count_for_a_cluster_of_another_subscription() -> None:
    aks = {"resourceGroup": "rg", "name": "aks", "subscriptionId": "99999999-9999-9999-9999-999999999999"}
    found = errors({"azure-native:clientId": "someone", "anf-smb:cluster": {"aks": aks}})
    assert set(found) == {"azure-native:clientId"}
    assert "anf-smb:cluster.aks.subscriptionId names a cluster" in found["azure-native:clientId"]
    own = aks | {"subscriptionId": DEV["azure-native:subscriptionId"]}
    assert load({"azure-native:clientId": "someone", "anf-smb:cluster": {"aks": own}})


def test_a_context_alone_is_looked_up_in_the_kubeconfigs_that_kubectl_uses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("other", "aks"):
        cluster = {"name": name, "cluster": {"server": f"https://{name}.example"}}
        context = {"name": name, "context": {"cluster": name}}
        (tmp_path / name).write_text(json.dumps({"clusters": [cluster], "contexts": [context]}))
    monkeypatch.setenv("KUBECONFIG", os.pathsep.join(str(tmp_path / name) for name in ("missing", "other", "aks")))
    changes = {"anf-smb:cluster": {"context": "aks"}, "anf-smb:dynamicClaims": None}
    args = load(changes).cluster.args
    assert args.get("kubeconfig") is None
    assert args.get("own_kubeconfig") == (tmp_path / "aks").read_text()


def test_a_kubeconfig_is_read_from_its_file(tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text("apiVersion: v1\n")
    cluster = {"kubeconfig": str(file), "context": "aks"}
    args = load({"anf-smb:cluster": cluster, "anf-smb:dynamicClaims": None}).cluster.args
    assert args.get("kubeconfig") == "apiVersion: v1\n"
    assert args.get("context") == "aks"

"""Every `az` line that users are told, but for `az netappfiles`, runs as printed and answers what the text promises.

The genuine Azure CLI runs them on the sandbox's Azure.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from components.trident_role import role_definitions
from sandbox.testing import SUBSCRIPTION, AzureCli, AzureClients, SandboxPaths, azure_alone
from tests.az_lines import Line, arguments, command, every_az_line, nothing

REGION = "koreacentral"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-aks"
VNET, HUB = (f"{GROUP}/providers/Microsoft.Network/virtualNetworks/{name}" for name in ("vnet", "hub"))
SUBNET = f"{VNET}/subnets/anf"
CLUSTER = {"--resource-group": "rg-aks", "--name": "aks", "-g": "rg-aks", "--cluster-name": "aks"}
ALERT = {
    "scopes": [VNET],
    "severity": 1,
    "evaluationFrequency": "PT5M",
    "windowSize": "PT15M",
    "criteria": {
        "odata.type": "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
        "allOf": [
            {"name": "attacked", "metricName": "IfUnderDDoSAttack", "timeAggregation": "Maximum"}
            | {"operator": "GreaterThan", "threshold": 0}
        ],
    },
}
NOT_HERE = {
    "az aks install-cli": "downloads kubectl and kubelogin",
    "az aks rotate-certs": "is named as a cause, nobody is told to run it",
}
"""Lines that the sandbox does not carry out, each with the reason. The CLI must know them."""


def lines(azure: AzureClients, folder: Path) -> dict[str, Line]:
    """Return what is known of each command."""
    secrets = azure.environment
    client, secret = secrets["AZURE_CLIENT_ID"], secrets["AZURE_CLIENT_SECRET"]
    sign_in = ["--service-principal", "-u", client, "-p", secret, "--tenant", secrets["AZURE_TENANT_ID"]]
    [role, _] = role_definitions("anf-smb", SUBSCRIPTION, ["rg-aks"])
    peering = f"{VNET}/virtualNetworkPeerings"
    return {
        "az ad sp show": Line({"--id": client}, lambda principal: principal["appId"] == client),
        "az aks get-credentials": Line(CLUSTER | {"--file": str(folder / "kubeconfig")}, nothing),
        "az aks nodepool add": Line(CLUSTER, lambda pool: (pool["name"], pool["osType"]) == ("win", "Windows")),
        "az aks nodepool scale": Line(
            CLUSTER | {"--name": "win", "--node-count": "5"}, lambda pool: (pool["name"], pool["count"]) == ("win", 5)
        ),
        "az aks show": Line(CLUSTER, nothing),
        "az aks update": Line(
            CLUSTER,
            lambda cluster: (
                cluster["oidcIssuerProfile"]["enabled"] and cluster["securityProfile"]["workloadIdentity"]["enabled"]
            ),
        ),
        "az group list": Line({}, lambda groups: "rg-aks" in [group["name"] for group in groups]),
        "az login": Line({}, lambda subscriptions: subscriptions[0]["id"] == SUBSCRIPTION, sign_in),
        "az monitor metrics alert list": Line(
            {"--resource-group": "rg-aks"}, lambda alerts: [alert["name"] for alert in alerts] == ["attacked"]
        ),
        "az network vnet peering delete": Line({"--ids": f"{peering}/gone"}, nothing),
        "az network vnet peering update": Line(
            {"--ids": f"{peering}/to-hub"}, lambda updated: updated["allowVirtualNetworkAccess"]
        ),
        "az network vnet subnet show": Line({"--ids": SUBNET}, lambda delegations: isinstance(delegations, list)),
        "az network vnet subnet update": Line(
            {"--ids": SUBNET, "--delegations": "Microsoft.Netapp/volumes"},
            lambda subnet: subnet["delegations"][0]["serviceName"] == "Microsoft.Netapp/volumes",
        ),
        "az network vnet update": Line(
            {"--ids": VNET, "--dns-servers": "10.40.0.4"},
            lambda network: network["dhcpOptions"]["dnsServers"] == ["10.40.0.4"],
        ),
        "az provider register": Line({}, nothing, ["--wait"]),
        "az resource show": Line({"--ids": VNET}, lambda resource: resource["name"] == "vnet"),
        "az role assignment create": Line(
            {"--assignee": "user@sandbox.onmicrosoft.com", "--scope": VNET},
            lambda assignment: (assignment["scope"], assignment["principalType"]) == (VNET, "User"),
        ),
        "az role definition create": Line(
            {"--role-definition": json.dumps(role)}, lambda created: created["roleName"] == role["Name"]
        ),
        "az role definition list": Line({}, lambda roles: all(each["roleType"] == "CustomRole" for each in roles)),
    }


PRINTED = {
    (command(line), len(line.split())): (line, place)
    for line, place in every_az_line().items()
    if line.split()[1] != "netappfiles"
}


@pytest.fixture(scope="module")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AzureClients]:
    """Return an Azure with what the lines name; its clusters have a kubeconfig, and no control plane."""
    with azure_alone(SandboxPaths(tmp_path_factory.mktemp("sandbox"))) as azure:
        estate = azure.estate
        estate.network(VNET, ["10.60.0.0/16"], subnets={"anf": "10.60.1.0/26"})
        for name, hub, space in (("to-hub", HUB, "10.70.0.0/16"), ("gone", f"{HUB}-of-before", "10.80.0.0/16")):
            estate.network(hub, [space])
            body = {"properties": {"remoteVirtualNetwork": {"id": hub}}}
            estate.create(f"{VNET}/virtualNetworkPeerings/{name}", body, REGION)
        estate.create(f"{GROUP}/providers/Microsoft.Insights/metricAlerts/attacked", {"properties": ALERT}, "global")
        entry = {"clusters": [{"name": "own", "cluster": {"server": "https://127.0.0.1:1"}}]}
        user = {"users": [{"name": "own", "user": {"client-certificate-data": "eA==", "client-key-data": "eA=="}}]}
        azure.paths.kubeconfig.write_text(yaml.safe_dump({"apiVersion": "v1", "kind": "Config", **entry, **user}))
        yield azure


@pytest.fixture(scope="module")
def az(azure: AzureClients) -> AzureCli:
    return AzureCli(azure.paths)


@pytest.mark.parametrize(("line", "place"), sorted(PRINTED.values()))
def test_a_line_runs_as_printed(line: str, place: str, az: AzureCli, azure: AzureClients, tmp_path: Path) -> None:
    if command(line) in NOT_HERE:
        assert az.run(*line.split()[1:], "--help").returncode == 0
        return
    known = lines(azure, tmp_path).get(command(line))
    assert known is not None, f"no test knows {line} ({place})"
    if command(line) == "az aks nodepool add":  # for a cluster that has no Windows node
        az("aks", "nodepool", "delete", "--name", "win", "-g", "rg-aks", "--cluster-name", "aks")
    answer = az(*arguments(line, known.values), *known.more)
    assert known.answers(answer), f"{line} ({place}): {answer}"


def test_get_credentials_names_cluster_context_and_user_as_aks_does(az: AzureCli, tmp_path: Path) -> None:
    file = tmp_path / "kubeconfig"
    az("aks", "get-credentials", "--resource-group", "rg-aks", "--name", "aks", "--file", str(file))
    az("aks", "get-credentials", "--resource-group", "rg-aks", "--name", "aks", "--admin", "--file", str(file))
    merged = yaml.safe_load(file.read_text())
    assert {each["name"]: each["context"]["user"] for each in merged["contexts"]} == {
        "aks": "clusterUser_rg-aks_aks",
        "aks-admin": "clusterAdmin_rg-aks_aks",
    }
    assert merged["current-context"] == "aks-admin"
    assert [each["name"] for each in merged["clusters"]] == ["aks"]


def test_every_line_of_this_test_is_printed_somewhere(azure: AzureClients, tmp_path: Path) -> None:
    assert {*lines(azure, tmp_path), *NOT_HERE} == {name for name, _ in PRINTED}

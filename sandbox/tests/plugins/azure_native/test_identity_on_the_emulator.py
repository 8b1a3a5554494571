"""An identity for Trident, what it trusts and what it may do, against the sandbox's own Azure."""

from collections.abc import Iterator

import pytest
from pulumi.runtime.proto import provider_pb2

from tests.plugins.azure_native.arm_resources import GROUP, Deployed, deploy, failed
from tests.plugins.azure_native.plugin_process import Plugin

IDENTITY = "azure-native:managedidentity:UserAssignedIdentity"
FEDERATED = "azure-native:managedidentity:FederatedIdentityCredential"
ROLE = "azure-native:authorization:RoleDefinition"
ASSIGNMENT = "azure-native:authorization:RoleAssignment"


@pytest.fixture(scope="module")
def made(emulated: Plugin) -> Iterator[list[Deployed]]:
    """Group, identity, credential, role, assignment; gone again at the end, in the engine's order."""
    of_group = {"resourceGroupName": "rg-trident"}
    group = deploy(emulated, GROUP, "group", of_group)
    identity = deploy(emulated, IDENTITY, "trident", of_group)
    trusted = {
        "issuer": "https://kubernetes.default.svc.cluster.local",
        "subject": "system:serviceaccount:trident:trident-controller",
        "audiences": ["api://AzureADTokenExchange"],
    }
    of_identity = {**of_group, "resourceName": identity.outputs["name"]}
    federated = deploy(emulated, FEDERATED, "trident-controller", {**of_identity, **trusted})
    allowed = {
        "roleName": "Trident of rg-trident",
        "permissions": [{"actions": ["Microsoft.NetApp/netAppAccounts/capacityPools/*"], "notActions": []}],
        "assignableScopes": [group.id],
    }
    role = deploy(emulated, ROLE, "trident-role", {"scope": group.id, **allowed})
    given = {
        "roleDefinitionId": role.id,
        "principalId": identity.outputs["principalId"],
        "principalType": "ServicePrincipal",
    }
    assignment = deploy(emulated, ASSIGNMENT, "trident-assignment", {"scope": group.id, **given})
    chain = [group, identity, federated, role, assignment]
    yield chain
    for resource in reversed(chain):
        emulated.delete(resource.token, resource.id)
        assert emulated.read(resource.token, resource.id, resource.outputs, resource.inputs)[0] == ""


def test_the_chain_has_what_trident_is_configured_with(made: list[Deployed]) -> None:
    _, identity, federated, role, assignment = made
    assert {"clientId", "principalId", "tenantId"} <= identity.outputs.keys()
    assert federated.outputs["subject"] == "system:serviceaccount:trident:trident-controller"
    assert role.outputs["roleType"] == "CustomRole"
    assert assignment.outputs["roleDefinitionId"] == role.id
    assert "/resourceGroups/rg-trident/providers/Microsoft.Authorization/roleAssignments/" in assignment.id


def test_a_refresh_right_after_changes_nothing(emulated: Plugin, made: list[Deployed]) -> None:
    for resource in made:
        found = emulated.read(resource.token, resource.id, resource.outputs, resource.inputs)
        assert found == (resource.id, resource.outputs, resource.inputs)
        again = emulated.diff(resource.token, found[2], resource.inputs, found[1])
        assert again.changes == provider_pb2.DiffResponse.DIFF_NONE


def test_a_role_is_updated_in_place_and_kept_while_it_is_assigned(emulated: Plugin, made: list[Deployed]) -> None:
    role = made[3]
    outputs = emulated.update(ROLE, role.id, role.outputs, {**role.inputs, "description": "for Trident"})
    assert outputs["description"] == "for Trident"
    assert "existing role assignments" in failed(lambda: emulated.delete(ROLE, role.id))
    role.outputs = emulated.update(ROLE, role.id, outputs, role.inputs)


def test_azure_refuses_to_give_an_assignment_another_role(emulated: Plugin, made: list[Deployed]) -> None:
    assignment = made[4]
    reader = "/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7"
    changed = {**assignment.inputs, "roleDefinitionId": reader}
    message = failed(lambda: emulated.update(ASSIGNMENT, assignment.id, assignment.outputs, changed))
    assert "are not allowed to be updated" in message


def test_a_cluster_tells_its_identities(emulated: Plugin) -> None:
    found = emulated.invoke(
        "azure-native:containerservice:getManagedCluster", {"resourceGroupName": "rg-aks", "resourceName": "aks"}
    )
    assert found["azureApiVersion"] == "2025-09-01"
    assert found["oidcIssuerProfile"]["enabled"] is True
    assert found["identityProfile"]["kubeletidentity"]["objectId"]
    assert found["powerState"] == {"code": "Stopped"}  # there is no control plane beside this emulator
    assert "issuerURL" not in found["oidcIssuerProfile"]

"""Managed identities and what they trust, by the genuine client and the model's clock."""

import uuid
from typing import Any

import jwt
import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.identity import ManagedIdentityCredential
from azure.mgmt.msi import ManagedServiceIdentityClient
from azure.mgmt.msi.models import FederatedIdentityCredential, Identity

from sandbox.azure.entra.principals import KUBELET
from sandbox.azure.identity.identities import CREDENTIALS_PER_IDENTITY
from sandbox.testing.azure_clients import AzureClients
from tests.azure.names import GROUP, REGION, SUBSCRIPTION
from tests.azure.world import World

IDENTITY = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/trident"
ISSUER = "https://koreacentral.oic.prod-aks.azure.com/tenant/cluster/"


def client(emulator: AzureClients) -> Any:
    """The genuine client, untyped: its overloads do not match what its own models are."""
    return ManagedServiceIdentityClient(emulator.credential(), SUBSCRIPTION, **emulator.options)


def trust(subject: str = "system:serviceaccount:trident:trident-controller", **changes: Any) -> dict[str, Any]:
    properties = {"issuer": ISSUER, "subject": subject, "audiences": ["api://AzureADTokenExchange"]}
    return {"properties": properties | changes}


def test_the_life_of_an_identity_as_the_genuine_client_sees_it(emulator: AzureClients) -> None:
    group = "rg-identities"
    emulator.group(group)
    msi = client(emulator)
    made = msi.user_assigned_identities.create_or_update(group, "trident", Identity(location=REGION))
    assert made.tenant_id == emulator.environment["AZURE_TENANT_ID"]
    assert uuid.UUID(made.client_id) != uuid.UUID(made.principal_id)
    tagged = Identity(location=REGION, tags={"of": "anf"})
    again = msi.user_assigned_identities.create_or_update(group, "trident", tagged)
    assert (again.client_id, again.principal_id, again.tags) == (made.client_id, made.principal_id, {"of": "anf"})

    credential = FederatedIdentityCredential(**trust()["properties"])
    federated = msi.federated_identity_credentials
    federated.create_or_update(group, "trident", "aks", credential)
    assert [each.subject for each in federated.list(group, "trident")] == [credential.subject]
    federated.delete(group, "trident", "aks")
    with pytest.raises(ResourceNotFoundError):
        federated.get(group, "trident", "aks")

    federated.create_or_update(group, "trident", "aks", credential)
    msi.user_assigned_identities.delete(group, "trident")
    assert list(msi.user_assigned_identities.list_by_resource_group(group)) == []
    anew = msi.user_assigned_identities.create_or_update(group, "trident", Identity(location=REGION))
    assert {anew.client_id, anew.principal_id}.isdisjoint({made.client_id, made.principal_id})
    with pytest.raises(HttpResponseError, match="must have 3 to 128 characters"):
        msi.user_assigned_identities.create_or_update(group, "id", tagged)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"audiences": []}, "exactly one audience"),
        ({"audiences": ["a", "b"]}, "exactly one audience"),
        ({"issuer": "http://plain.example.com"}, "not a valid https URL"),
        ({"issuer": None}, "'issuer' is required"),
        ({"subject": ""}, "'subject' is required"),
        ({"subject": "s" * 601}, "longer than 600"),
    ],
)
def test_a_federated_credential_that_azure_would_refuse(world: World, changes: dict[str, Any], message: str) -> None:
    world.group()
    world.put(IDENTITY, {"location": REGION})
    assert message in world.refusal(f"{IDENTITY}/federatedIdentityCredentials/aks", trust(**changes)).message


def test_federated_credentials_of_one_identity_differ_are_limited_and_go_with_its_group(world: World) -> None:
    world.group()
    world.put(IDENTITY, {"location": REGION})
    at = f"{IDENTITY}/federatedIdentityCredentials"
    world.put(f"{at}/aks", trust())
    world.put(f"{at}/aks", trust(audiences=["api://other"]))
    refused = world.refusal(f"{at}/second", trust()).message
    assert refused == "Issuer and subject combination already exists for this Managed Identity."
    for number in range(1, CREDENTIALS_PER_IDENTITY):
        world.put(f"{at}/more-{number}", trust(f"subject-{number}"))
    assert "maximum number of 20" in world.refusal(f"{at}/too-many", trust("one more")).message
    world.delete(GROUP)
    world.group()
    assert not any(map(world.exists, (IDENTITY, f"{at}/aks")))


def test_a_node_gets_tokens_of_its_own_identity_and_of_no_other(
    emulator: AzureClients, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", emulator.base)

    def token(client_id: str | None) -> str:
        credential = ManagedIdentityCredential(client_id=client_id, connection_verify=emulator.bundle, retry_total=0)
        return credential.get_token("https://management.azure.com/.default").token

    for client_id in (None, KUBELET.client_id):
        assert jwt.decode(token(client_id), options={"verify_signature": False})["oid"] == KUBELET.object_id
    with pytest.raises(Exception, match="Identity not found"):
        token(str(uuid.uuid4()))


@pytest.mark.parametrize(
    ("headers", "query", "message"),
    [
        ({}, {"resource": "x", "api-version": "2018-02-01"}, "Required metadata header not specified"),
        ({"Metadata": "true"}, {"api-version": "2018-02-01"}, "Required audience parameter not specified"),
        ({"Metadata": "true"}, {"resource": "x"}, "'api-version' is missing"),
    ],
)
def test_a_node_asks_in_the_right_form(
    emulator: AzureClients, headers: dict[str, str], query: dict[str, str], message: str
) -> None:
    answer = emulator.anonymous.get("/metadata/identity/oauth2/token", headers=headers, params=query)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert message in answer.json()["error_description"]

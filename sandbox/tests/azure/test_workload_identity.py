"""Workload identity: tokens of a real API server in place of a client secret, by the genuine azure-identity."""

import json
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ClientAssertionCredential
from jwt.utils import base64url_encode
from kubernetes import client, config
from kubernetes.client.exceptions import ApiException

from sandbox.azure.aks.clusters import ClusterIssuer
from sandbox.azure.errors import AadError
from sandbox.azure.identity.federation import Federation
from sandbox.azure.ids import IDENTITIES
from sandbox.services import AZURE, Services
from sandbox.testing.azure_clients import AzureClients
from sandbox.tools import Toolchain
from tests.azure.names import GROUP as ANF_GROUP
from tests.azure.names import REGION, SUBSCRIPTION
from tests.azure.world import World
from tests.conftest import RunningControlPlane, running_control_plane

IDENTITY = {"api-version": "2023-01-31"}
CLUSTER = {"api-version": "2025-09-01"}
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-identity"
AUDIENCE = "api://AzureADTokenExchange"
SUBJECT = "system:serviceaccount:trident:trident-controller"


class ServiceAccounts:
    """Those of the API server that a kubeconfig names, and their tokens as a Pod finds them in a projected volume."""

    def __init__(self, kubeconfig: Path) -> None:
        self._core = client.CoreV1Api(config.new_client_from_config(str(kubeconfig)))

    def token(self, name: str = "trident-controller") -> str:
        """A TokenRequest of a service account, which is made if it is not there."""
        meta = client.V1ObjectMeta
        for make in (
            lambda: self._core.create_namespace(client.V1Namespace(metadata=meta(name="trident"))),
            lambda: self._core.create_namespaced_service_account(
                "trident", client.V1ServiceAccount(metadata=meta(name=name))
            ),
        ):
            try:
                make()
            except ApiException as error:
                if error.status != 409:
                    raise
        spec = client.V1TokenRequestSpec(audiences=[AUDIENCE], expiration_seconds=600)
        request = client.AuthenticationV1TokenRequest(spec=spec)
        made = self._core.create_namespaced_service_account_token(name, "trident", request)
        assert made.status
        return str(made.status.token)


@pytest.fixture(scope="module")
def control_plane(tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain) -> Iterator[RunningControlPlane]:
    with running_control_plane(tmp_path_factory.mktemp("control-plane"), toolchain) as running:
        yield running


@pytest.fixture(scope="module")
def azure(control_plane: RunningControlPlane) -> Iterator[AzureClients]:
    """An emulator beside the control plane whose tokens it takes."""
    service = Services(control_plane.paths, [AZURE])
    service.start()
    try:
        clients = AzureClients(control_plane.paths)
        clients.group("rg-identity")
        yield clients
    finally:
        service.stop()


@pytest.fixture(scope="module")
def accounts(control_plane: RunningControlPlane) -> ServiceAccounts:
    return ServiceAccounts(control_plane.kubeconfig)


@pytest.fixture(scope="module")
def cluster(azure: AzureClients) -> dict[str, Any]:
    path = f"{GROUP}/providers/Microsoft.ContainerService/managedClusters/aks"
    answer = azure.http.get(path, params=CLUSTER)
    answer.raise_for_status()
    return answer.json()["properties"]


def identity(azure: AzureClients, **trusted: Any) -> str:
    """A new identity that trusts this, if anything; returns its client id."""
    path = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-{uuid.uuid4().hex[:8]}"
    made = azure.http.put(path, params=IDENTITY, json={"location": REGION})
    made.raise_for_status()
    if trusted:
        at = f"{path}/federatedIdentityCredentials/trident"
        azure.http.put(at, params=IDENTITY, json={"properties": trusted}).raise_for_status()
        time.sleep(0.05)  # the directory's replication, in the profile `instant`
    return str(made.json()["properties"]["clientId"])


def trust(cluster: dict[str, Any], **changes: Any) -> dict[str, Any]:
    issuer = cluster["oidcIssuerProfile"]["issuerURL"]
    return {"issuer": issuer, "subject": SUBJECT, "audiences": [AUDIENCE]} | changes


def exchange(azure: AzureClients, client_id: str, assertion: str) -> str:
    credential = ClientAssertionCredential(
        azure.environment["AZURE_TENANT_ID"],
        client_id,
        lambda: assertion,
        authority=azure.base,
        disable_instance_discovery=True,
        connection_verify=azure.bundle,
        retry_total=0,
    )
    return credential.get_token(f"{azure.base}/.default").token


def unverified(token: str) -> dict[str, Any]:
    return jwt.decode(token, options={"verify_signature": False})


def test_a_token_of_the_trusted_service_account_becomes_one_of_the_identity(
    azure: AzureClients, accounts: ServiceAccounts, cluster: dict[str, Any]
) -> None:
    assert cluster["oidcIssuerProfile"]["issuerURL"].startswith("https://")
    assert cluster["powerState"] == {"code": "Running"}
    assert cluster["kubernetesVersion"].count(".") == 2
    nodes = cluster["identityProfile"]["kubeletidentity"]
    assert nodes["resourceId"].endswith("/userAssignedIdentities/aks-agentpool")
    assert nodes["clientId"] != nodes["objectId"]

    client_id = identity(azure, **trust(cluster))
    claims = unverified(exchange(azure, client_id, accounts.token()))
    assert claims["appid"] == client_id
    assert "/userAssignedIdentities/id-" in claims["xms_mirid"]


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"issuer": "https://koreacentral.oic.prod-aks.azure.com/"}, "AADSTS700211: .* presented assertion issuer '"),
        ({"subject": "system:serviceaccount:trident:other"}, f"AADSTS700213: .* subject '{SUBJECT}'"),
        ({"subject": SUBJECT.upper()}, "AADSTS7002138: .* not with case-sensitive comparison"),
        ({"audiences": ["api://other"]}, f"AADSTS700212: .* audience '{AUDIENCE}'"),
    ],
)
def test_a_token_that_the_identity_does_not_trust_is_refused_by_what_differs(
    azure: AzureClients, accounts: ServiceAccounts, cluster: dict[str, Any], changes: dict[str, Any], refusal: str
) -> None:
    client_id = identity(azure, **trust(cluster, **changes))
    with pytest.raises(ClientAuthenticationError, match=refusal):
        exchange(azure, client_id, accounts.token())


def test_an_identity_that_trusts_nobody_and_an_application_with_a_secret_take_no_assertion(
    azure: AzureClients, accounts: ServiceAccounts
) -> None:
    alone = identity(azure)
    for client_id in (alone, azure.environment["AZURE_CLIENT_ID"]):
        with pytest.raises(ClientAuthenticationError, match=r"AADSTS70025: .* no configured federated identity"):
            exchange(azure, client_id, accounts.token())
    with pytest.raises(ClientAuthenticationError, match="AADSTS7000215"):  # an identity has no secret
        azure.credential(client_id=alone, client_secret="None").get_token(f"{azure.base}/.default")


def test_claims_that_the_cluster_did_not_sign_are_refused(
    azure: AzureClients, accounts: ServiceAccounts, cluster: dict[str, Any]
) -> None:
    client_id = identity(azure, **trust(cluster))
    other = accounts.token(name="default")
    head, _, signature = other.split(".")
    forged = base64url_encode(json.dumps(unverified(other) | {"sub": SUBJECT}).encode()).decode()
    with pytest.raises(ClientAuthenticationError, match=r"AADSTS7000272: .* could not be found in the metadata"):
        exchange(azure, client_id, f"{head}.{forged}.{signature}")
    with pytest.raises(ClientAuthenticationError, match="AADSTS50027"):
        exchange(azure, client_id, "no.token.atall")


def test_a_token_is_good_for_its_time_only_and_while_the_control_plane_answers(
    control_plane: RunningControlPlane, accounts: ServiceAccounts, cluster: dict[str, Any], world: World
) -> None:
    world.group()
    trusting = world.put(f"{ANF_GROUP}/providers/{IDENTITIES}/trident", {"location": REGION})
    world.put(f"{trusting.id}/federatedIdentityCredentials/aks", {"properties": trust(cluster)})
    world.time += 1
    now = time.time()
    clock = now
    federation = Federation(world.model, ClusterIssuer(control_plane.kubeconfig), now=lambda: clock)
    federation.check("client", trusting, accounts.token())
    for hours in (-1, 2):
        clock = now + hours * 3600
        with pytest.raises(AadError, match="AADSTS700024: Client assertion is not within its valid time range"):
            federation.check("client", trusting, accounts.token())
    nowhere = Federation(world.model, ClusterIssuer(world.folder / "kubeconfig"), now=time.time)
    with pytest.raises(AadError, match="AADSTS50166: Request to External OIDC endpoint failed"):
        nowhere.check("client", trusting, accounts.token())

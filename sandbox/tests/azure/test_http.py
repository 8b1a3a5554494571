"""Azure Resource Manager over HTTP: tokens, API versions, headers, lists, what is not there."""

import base64
import time

import httpx
import jwt
import pytest
import yaml
from azure.core.exceptions import ClientAuthenticationError

from sandbox import faults
from sandbox.azure.entra import credentials
from sandbox.azure.entra.access_tokens import AccessTokens, SigningKey
from sandbox.azure.entra.principals import Principal
from sandbox.azure.store import Store
from sandbox.testing.azure_clients import AzureClients
from tests.azure.names import SUBSCRIPTION, TIB
from tests.azure.world import account_body, network_body, pool_body

ARM = {"api-version": "2024-03-01"}
ANF = {"api-version": "2024-09-01"}
AKS = "providers/Microsoft.ContainerService/managedClusters"
OTHER = "00000000-0000-0000-0000-00000000aaaa"
ACCOUNTS = "/providers/Microsoft.NetApp/netAppAccounts"
WRONG_SECRET = ("invalid_client", 7000215)


def code(answer: httpx.Response) -> str:
    assert answer.headers["x-ms-request-id"]
    assert answer.headers["x-ms-correlation-request-id"]
    return str(answer.json()["error"]["code"])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"client_secret": "wrong"}, "AADSTS7000215: Invalid client secret provided"),
        ({"client_id": "22222222-2222-2222-2222-222222222222"}, "AADSTS700016: Application with identifier"),
        ({"tenant_id": "22222222-2222-2222-2222-222222222222"}, "Unable to get authority configuration"),
    ],
)
def test_the_genuine_credential_is_refused_as_by_entra(
    emulator: AzureClients, changes: dict[str, str], message: str
) -> None:
    with pytest.raises((ClientAuthenticationError, ValueError), match=message):
        emulator.credential(**changes).get_token(f"{emulator.base}/.default")


LOGIN = {"grant_type": "client_credentials", "client_id": "x"}


@pytest.mark.parametrize(
    ("form", "status", "error", "number"),
    [
        ({}, 400, "invalid_request", 900144),
        (LOGIN | {"grant_type": "password"}, 400, "unsupported_grant_type", 70003),
        (LOGIN | {"scope": "openid"}, 400, "invalid_scope", 1002012),
        (LOGIN | {"client_id": credentials.TRIDENT_CLIENT, "client_secret": "x", "resource": "y"}, 401, *WRONG_SECRET),
    ],
)
def test_the_form_of_a_refused_token(
    emulator: AzureClients, form: dict[str, str], status: int, error: str, number: int
) -> None:
    tenant = emulator.environment["AZURE_TENANT_ID"]
    answer = emulator.anonymous.post(f"/{tenant}/oauth2/v2.0/token", data=form)
    body = answer.json()
    assert (answer.status_code, body["error"], body["error_codes"]) == (status, error, [number])
    assert body["error_description"].startswith(f"AADSTS{number}: ")
    assert {"timestamp", "trace_id", "correlation_id"} <= set(body)
    elsewhere = emulator.anonymous.get("/22222222-2222-2222-2222-222222222222/v2.0/.well-known/openid-configuration")
    assert (elsewhere.status_code, elsewhere.json()["error_codes"]) == (400, [90002])


def test_what_msal_adds_to_the_scope_is_taken(emulator: AzureClients) -> None:
    """MSAL for Go, with which the genuine Trident signs in, asks so for tokens without a user."""
    environment = emulator.environment
    form = {
        "grant_type": "client_credentials",
        "client_id": environment["AZURE_CLIENT_ID"],
        "client_secret": environment["AZURE_CLIENT_SECRET"],
        "scope": f"{emulator.base}/.default openid offline_access profile",
    }
    path = f"/{environment['AZURE_TENANT_ID']}/oauth2/v2.0/token"
    token = emulator.anonymous.post(path, data=form).raise_for_status().json()["access_token"]
    assert jwt.decode(token, options={"verify_signature": False})["aud"] == emulator.base


def test_a_token_says_who_has_it(emulator: AzureClients) -> None:
    decoded = jwt.decode(emulator.token, options={"verify_signature": False})
    owner = credentials.ensure(emulator.paths)
    assert (decoded["tid"], decoded["appid"], decoded["oid"]) == (owner.tenant_id, owner.client_id, owner.object_id)


def test_every_request_needs_a_valid_token(emulator: AzureClients) -> None:
    registered = credentials.ensure(emulator.paths)
    owner = Principal(registered.client_id, registered.object_id)
    yesterday = AccessTokens(SigningKey.ensure(emulator.paths), now=lambda: time.time() - 86400)
    head, claims, signature = emulator.token.split(".")
    today = AccessTokens(SigningKey.ensure(emulator.paths))
    cases = {
        None: "AuthenticationFailed",
        "Basic abc": "AuthenticationFailed",
        "Bearer abc": "InvalidAuthenticationToken",
        f"Bearer {head}.{claims}.{signature[:-8]}AAAAAAAA": "InvalidAuthenticationToken",
        f"Bearer {yesterday.issue(owner, f'{emulator.base}/')}": "ExpiredAuthenticationToken",
        f"Bearer {today.issue(owner, 'https://graph.microsoft.com/')}": "InvalidAuthenticationTokenAudience",
    }
    for authorization, expected in cases.items():
        headers = {"Authorization": authorization} if authorization else {}
        answer = emulator.anonymous.get("/subscriptions", params=ARM, headers=headers)
        assert (answer.status_code, code(answer)) == (401, expected)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer authorization_uri=")
    for audience in ("https://management.azure.com/", "https://management.core.windows.net/", emulator.base):
        headers = {"Authorization": f"Bearer {today.issue(owner, audience)}"}
        assert emulator.anonymous.get("/subscriptions", params=ARM, headers=headers).status_code == 200


def test_metadata_in_the_forms_that_clients_read(emulator: AzureClients) -> None:
    oldest, listed, newest = (
        emulator.anonymous.get("/metadata/endpoints", params={"api-version": version}).raise_for_status().json()
        for version in ("2015-01-01", "2019-05-01", "2022-09-01")
    )
    assert oldest["authentication"]["loginEndpoint"] == f"{emulator.base}/"
    assert newest["resourceManager"] == f"{emulator.base}/"
    assert newest["authentication"]["audiences"][0].startswith("https://management.")
    assert newest["microsoftGraphResourceId"]
    assert listed == [newest]
    assert emulator.anonymous.get("/metadata/endpoints").json()["error"]["code"] == "MissingApiVersionParameter"


@pytest.mark.parametrize(
    ("path", "version", "status", "expected"),
    [
        ("", None, 400, "MissingApiVersionParameter"),
        ("", "latest", 400, "InvalidApiVersionParameter"),
        ("", "2010-01-01", 400, "InvalidApiVersionParameter"),
        ("/resourceGroups/rg-none", "2024-03-01", 404, "ResourceGroupNotFound"),
        (f"/resourceGroups/rg-none{ACCOUNTS}/a", "2024-09-01", 404, "ResourceGroupNotFound"),
        (ACCOUNTS, "2010-01-01", 400, "NoRegisteredProviderFound"),
        (ACCOUNTS, "2024-02-30", 400, "NoRegisteredProviderFound"),
        (ACCOUNTS, "2024-09-01-beta", 400, "InvalidApiVersionParameter"),
        ("/providers/Microsoft.NetApp/elasticPools", "2024-09-01", 404, "InvalidResourceType"),
        ("/providers/Microsoft.Nothing/things", "2024-09-01", 404, "InvalidResourceNamespace"),
        ("/providers/Microsoft.NetApp/locations/eastus/operationResults/x", "2024-09-01", 404, "OperationNotFound"),
    ],
)
def test_what_is_not_there(emulator: AzureClients, path: str, version: str | None, status: int, expected: str) -> None:
    params = {"api-version": version} if version else {}
    answer = emulator.http.get(f"/subscriptions/{SUBSCRIPTION}{path}", params=params)
    assert (answer.status_code, code(answer)) == (status, expected)


@pytest.mark.parametrize("version", ["2017-08-15", "2024-09-01", "2025-02-03-preview", "2031-01-01"])
def test_every_api_version_from_the_first_on_is_answered(emulator: AzureClients, version: str) -> None:
    path = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.NetApp/netAppAccounts"
    assert emulator.http.get(path, params={"api-version": version}).status_code == 200
    too_early = emulator.http.get(path, params={"api-version": "2017-08-14"})
    assert too_early.json()["error"]["message"].startswith(
        "No registered resource provider found for location '' and API version '2017-08-14' for type 'netAppAccounts'. "
        "The supported api-versions are '2017-08-15, "
    )


def test_bad_requests_get_one_clear_error(emulator: AzureClients) -> None:
    group = emulator.group("rg-bad")
    account = f"{group}/providers/Microsoft.NetApp/netAppAccounts/bad"
    broken = emulator.http.put(account, params=ANF, content=b"{", headers={"Content-Type": "application/json"})
    assert (broken.status_code, code(broken)) == (400, "InvalidRequestContent")
    for body in ([], {"location": "koreacentral", "properties": []}, {"location": "koreacentral", "name": "other"}):
        assert code(emulator.http.put(account, params=ANF, json=body)) == "InvalidRequestContent"
    assert code(emulator.http.put(account, params=ANF, json={})) == "LocationRequired"
    nowhere = emulator.http.put(account, params=ANF, json={"location": "moon"})
    assert code(nowhere) == "LocationNotAvailableForResourceType"
    assert emulator.http.get("/subscriptions/mine", params=ARM).json()["error"]["code"] == "InvalidSubscriptionId"
    assert emulator.http.post(account, params=ANF, json={}).status_code == 405
    missing = emulator.http.get(account, params=ANF)
    assert (missing.status_code, code(missing)) == (404, "ResourceNotFound")
    assert "'Microsoft.NetApp/netAppAccounts/bad' under resource group 'rg-bad'" in missing.json()["error"]["message"]


def test_headers_of_asynchronous_operations(emulator: AzureClients) -> None:
    group = emulator.group("rg-async")
    account = f"{group}/providers/Microsoft.NetApp/netAppAccounts/async"
    made = emulator.http.put(account, params=ANF, json=account_body())
    assert made.status_code == 201
    assert made.headers["Retry-After"] == "1"
    assert "/locations/koreacentral/operationResults/" in made.headers["Azure-AsyncOperation"]
    assert made.headers["ETag"] == made.json()["etag"]
    status = emulator.follow(made.headers["Azure-AsyncOperation"])
    assert status.json()["status"] == "Succeeded"

    pool = f"{account}/capacityPools/p"
    made = emulator.http.put(pool, params=ANF, json=pool_body(1))
    assert "Location" not in made.headers
    assert emulator.follow(made.headers["Azure-AsyncOperation"]).json()["status"] == "Succeeded"
    grown = emulator.http.patch(pool, params=ANF, json={"properties": {"size": 2 * TIB}})
    assert emulator.follow(grown.headers["Location"]).json()["name"] == "async/p"

    gone = emulator.http.delete(pool, params=ANF)
    assert (gone.status_code, gone.content) == (202, b"")
    assert emulator.follow(gone.headers["Location"]).status_code == 200
    assert emulator.http.delete(pool, params=ANF).status_code == 204

    removed = emulator.http.delete(group, params=ARM)
    assert (removed.status_code, "Azure-AsyncOperation" in removed.headers) == (202, False)
    assert emulator.follow(removed.headers["Location"]).status_code == 200
    assert emulator.http.head(group, params=ARM).status_code == 404


def test_lists_and_registrations(emulator: AzureClients) -> None:
    group = emulator.group("rg-lists")
    subscription = f"/subscriptions/{SUBSCRIPTION}"
    vnet = f"{group}/providers/Microsoft.Network/virtualNetworks/vnet-lists"
    answer = emulator.http.put(vnet, params={"api-version": "2024-05-01"}, json=network_body("10.90.0.0/16"))
    emulator.follow(answer.headers["Azure-AsyncOperation"])

    def names(path: str, version: str) -> list[str]:
        answer = emulator.http.get(path, params={"api-version": version})
        answer.raise_for_status()
        return [each["name"] for each in answer.json()["value"]]

    assert "rg-lists" in names(f"{subscription}/resourcegroups", "2024-03-01")
    assert names(f"{group}/resources", "2024-03-01") == ["vnet-lists"]
    assert names(f"{vnet.upper()}/subnets", "2024-05-01") == []
    assert "vnet-lists" in names(f"{subscription}/providers/Microsoft.Network/virtualNetworks", "2024-05-01")
    assert "koreacentral" in names(f"{subscription}/locations", "2022-09-01")
    provider = emulator.http.get(f"{subscription}/providers/Microsoft.NetApp", params=ARM).json()
    assert provider["registrationState"] == "Registered"
    assert emulator.http.get(subscription, params=ARM).json()["state"] == "Enabled"


def test_any_named_cluster_answers_with_the_control_planes_kubeconfig(emulator: AzureClients) -> None:
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-aks-dev"
    cluster = f"{group}/{AKS}/aks"
    version = {"api-version": "2025-09-01"}
    assert emulator.http.get(cluster, params=version).json()["properties"]["provisioningState"] == "Succeeded"
    emulator.paths.kubeconfig.unlink(missing_ok=True)
    before = emulator.http.post(f"{cluster}/listClusterUserCredential", params=version)
    assert before.status_code == 404
    assert "control plane has not been started" in before.json()["error"]["message"]

    server, certificate = {"server": "https://127.0.0.1:6443"}, {"client-certificate-data": "eA=="}
    own = {"clusters": [{"name": "own", "cluster": server}], "users": [{"name": "own", "user": certificate}]}
    emulator.paths.kubeconfig.write_text(yaml.safe_dump({"apiVersion": "v1", "kind": "Config", **own}))
    for action, name in (("listClusterUserCredential", "clusterUser"), ("listClusterAdminCredential", "clusterAdmin")):
        [kubeconfig] = emulator.http.post(f"{cluster}/{action}", params=version).json()["kubeconfigs"]
        assert kubeconfig["name"] == name
        content, user = yaml.safe_load(base64.b64decode(kubeconfig["value"])), f"{name}_rg-aks-dev_aks"
        assert content["current-context"] == "aks"
        assert content["contexts"] == [{"name": "aks", "context": {"cluster": "aks", "user": user}}]
        assert content["clusters"] == [{"name": "aks", "cluster": server}]
        assert content["users"] == [{"name": user, "user": certificate}]


def test_a_clusters_nodes_stand_in_its_subnet_and_those_of_an_unknown_one_in_the_first_ones(
    emulator: AzureClients,
) -> None:
    group = f"/subscriptions/{OTHER}/resourceGroups/rg-aks"
    network, clusters = f"{group}/providers/Microsoft.Network/virtualNetworks/vnet", f"{group}/{AKS}"

    def subnets(name: str) -> list[str | None]:
        shown = emulator.http.get(f"{clusters}/{name}", params={"api-version": "2025-09-01"}).json()
        pools = shown["properties"]["agentPoolProfiles"]
        assert [(pool["name"], pool["osType"]) for pool in pools] == [("nodepool1", "Linux"), ("win", "Windows")]
        return [pool.get("vnetSubnetID") for pool in pools]

    assert subnets("one") == [None, None], "a network of AKS's own"
    emulator.estate.network(network, ["10.50.0.0/16"], subnets={"one": "10.50.0.0/24", "two": "10.50.1.0/24"})
    for name in ("one", "two"):
        emulator.estate.cluster(f"{clusters}/{name}", f"{network}/subnets/{name}")
    assert subnets("TWO") == [f"{network}/subnets/two"] * 2
    assert subnets("another") == [f"{network}/subnets/one"] * 2
    deleted = emulator.http.delete(f"{network}/subnets/one", params={"api-version": "2024-05-01"})
    assert "in use by" in deleted.json()["error"]["message"]
    assert "/resourceGroups/MC_rg-aks_one_koreacentral/" in deleted.json()["error"]["message"]


def test_faults_act_on_a_running_emulator(emulator: AzureClients) -> None:
    store = Store(emulator.paths.arm_database)
    group = emulator.group("rg-faults")
    account = f"{group}/providers/Microsoft.NetApp/netAppAccounts/faulty"
    faults.set_fault(store, faults.PRESETS["throttle"])
    throttled = emulator.http.put(account, params=ANF, json=account_body())
    assert (throttled.status_code, throttled.headers["Retry-After"]) == (429, "1")
    assert emulator.http.put(account, params=ANF, json=account_body()).status_code == 201
    assert faults.list_faults(store) == {}
    store.close()

"""The genuine `az` against the emulator."""

import pytest

from sandbox.azure.entra.credentials import SUBSCRIPTION, TENANT
from sandbox.testing.azure_cli import AzureCli
from sandbox.testing.azure_clients import AzureClients


@pytest.fixture(scope="module")
def az(emulator: AzureClients) -> AzureCli:
    return AzureCli(emulator.paths)


def test_it_is_signed_in_to_a_cloud_of_its_own(az: AzureCli, emulator: AzureClients) -> None:
    account = az("account", "show")
    assert (account["id"], account["tenantId"], account["environmentName"]) == (SUBSCRIPTION, TENANT, "sandbox")
    assert account["user"] == {"name": emulator.environment["AZURE_CLIENT_ID"], "type": "servicePrincipal"}


def test_who_signs_out_stays_so_until_the_documented_sign_in(az: AzureCli, emulator: AzureClients) -> None:
    secrets = emulator.environment
    az("logout")
    assert "Please run 'az login' to setup account." in az.refusal("account", "show")
    login = ["login", "--service-principal", "-u", secrets["AZURE_CLIENT_ID"], "--tenant", TENANT]
    assert "AADSTS7000215" in az.refusal(*login, "-p", "wrong")
    assert az(*login, "-p", secrets["AZURE_CLIENT_SECRET"])[0]["id"] == SUBSCRIPTION

"""Quota limits and usages of a region, as Microsoft's client reads them."""

from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError

from sandbox.testing.azure_clients import AzureClients
from tests.azure.names import REGION, SUBSCRIPTION

TIBS = "totalTiBsPerSubscription"


def test_limits_are_azures_defaults_with_what_is_used(emulator: AzureClients) -> None:
    client: Any = emulator.netapp.net_app_resource_quota_limits
    limits = {each.name: each.properties for each in client.list(REGION)}
    assert len(limits) == 9
    shown = client.get(REGION, TIBS)
    assert shown.id == f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.NetApp/locations/{REGION}/quotaLimits/{TIBS}"
    assert limits[shown.name].current == shown.properties.default == 25
    used: Any = emulator.netapp.net_app_resource_usages
    usages = {each.name.value: each.properties for each in used.list(REGION)}
    assert (usages[TIBS].limit, usages[TIBS].current_value) == (25, shown.properties.usage)
    assert "poolsPerAccount" not in usages


def test_an_unknown_quota_is_refused(emulator: AzureClients) -> None:
    client: Any = emulator.netapp.net_app_resource_quota_limits
    with pytest.raises(HttpResponseError, match="QuotaLimitNotFound"):
        client.get(REGION, "sharesPerDay")

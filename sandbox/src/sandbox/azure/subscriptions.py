"""Subscriptions, their locations and resource providers. Any GUID is a subscription of the sandbox's tenant."""

from typing import Any

from sandbox.azure.errors import ArmError
from sandbox.azure.ids import GUID
from sandbox.azure.regions import REGIONS
from sandbox.azure.registry import PROVIDERS, TYPES, provider_name


def check_subscription(subscription: str) -> str:
    """The subscription's id; an error if it is no GUID."""
    if not GUID.fullmatch(subscription):
        raise ArmError(
            400,
            "InvalidSubscriptionId",
            f"The provided subscription identifier '{subscription}' is malformed or invalid.",
        )
    return subscription.lower()


def subscription(subscription_id: str, tenant_id: str) -> dict[str, Any]:
    """One subscription."""
    return {
        "id": f"/subscriptions/{subscription_id}",
        "subscriptionId": subscription_id,
        "tenantId": tenant_id,
        "displayName": "Sandbox",
        "state": "Enabled",
        "authorizationSource": "RoleBased",
        "subscriptionPolicies": {"locationPlacementId": "Public_2014-09-01", "quotaId": "PayAsYouGo_2014-09-01"},
    }


def locations(subscription_id: str) -> list[dict[str, Any]]:
    """The regions of a subscription."""
    return [
        {
            "id": f"/subscriptions/{subscription_id}/locations/{name}",
            "name": name,
            "type": "Region",
            "displayName": display,
            "regionalDisplayName": display,
            "metadata": {"regionType": "Physical", "regionCategory": "Recommended"},
        }
        for name, display in REGIONS.items()
    ]


def provider(subscription_id: str, name: str) -> dict[str, Any]:
    """The registration of a resource provider."""
    name = provider_name(name)
    types = [rules for rules in TYPES.values() if rules.name.startswith(f"{name}/")]
    return {
        "id": f"/subscriptions/{subscription_id}/providers/{name}",
        "namespace": name,
        "registrationState": "Registered",
        "registrationPolicy": "RegistrationRequired",
        "resourceTypes": [
            {
                "resourceType": rules.name.partition("/")[2],
                "locations": list(REGIONS.values()),
                "apiVersions": list(rules.api_versions),
            }
            for rules in types
        ],
    }


def providers(subscription_id: str) -> list[dict[str, Any]]:
    """All registrations."""
    return [provider(subscription_id, name) for name in PROVIDERS]

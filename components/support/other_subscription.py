"""Providers for what lies in another subscription than that of a component's own provider."""

import os
from collections.abc import Callable

import pulumi
import pulumi_azure_native as azure_native

from components.rules.network import NetworkPath


def subscription_providers(
    name: str, owner: pulumi.ComponentResource, own: str | None
) -> Callable[[str], pulumi.ProviderResource | None]:
    """Return a function that returns the provider for a resource id; None for one in the component's own subscription.

    A provider of azure-native serves one subscription. One that a program creates does not have the configuration of
    the stack (azure-native:clientId and the like): it signs in by the environment (ARM_CLIENT_ID and the like) or by
    `az login`.

    Args:
        name: the beginning of the providers' names.
        owner: the component.
        own: the subscription of the component's provider. If it is not known, each subscription gets a provider.

    """
    made: dict[str, pulumi.ProviderResource] = {}

    def provider(resource_id: str) -> pulumi.ProviderResource | None:
        subscription = NetworkPath.of(resource_id).subscription_id.lower()
        if own and subscription == own.lower():
            return None
        if subscription not in made:
            made[subscription] = subscription_provider(f"{name}-{subscription}", subscription, owner)
        return made[subscription]

    return provider


def subscription_provider(
    name: str, subscription: pulumi.Input[str], owner: pulumi.ComponentResource | None = None
) -> pulumi.ProviderResource:
    """Return a provider for a subscription. It signs in by the environment or by `az login`."""
    return azure_native.Provider(
        name,
        subscription_id=subscription,
        # The SDK would say public, which counts more than the variable.
        environment=os.environ.get("ARM_ENVIRONMENT"),
        opts=pulumi.ResourceOptions(parent=owner),
    )

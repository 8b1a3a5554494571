"""The regions that offer a type of Azure resource: a preview refuses another one, as Azure would in `up`."""

from collections.abc import Sequence
from typing import Any, Final, cast

import pulumi
from pulumi_azure_native import authorization

from components import rules
from components.support.resource_manager import answer, resource_manager

_API: Final = "2022-12-01"


def refuse_other_regions(name: str, owner: pulumi.ComponentResource, provider: str, kind: str) -> pulumi.ResourceHook:
    """Return a hook that refuses a creation where the resource provider does not offer the type, in the preview.

    Whoever may not read the provider hears it from Azure alone, in `up`.

    Args:
        name: the hook's unique name.
        owner: the resource's component.
        provider: the resource provider, such as Microsoft.NetApp.
        kind: the type in it, such as netAppAccounts.

    """

    async def check(args: pulumi.ResourceHookArgs) -> None:
        region = (args.new_inputs or {}).get("location")
        if not (pulumi.runtime.is_dry_run() and isinstance(region, str)):
            return
        try:
            offered = await _offered(owner, provider, kind)
        except (OSError, ValueError, KeyError, IndexError) as error:
            pulumi.log.debug(f"The regions of {provider} are not known: {error}", owner)
            return
        if refusal := region_refusal(region, offered, f"{provider}/{kind}"):
            raise rules.InvalidArgsError(f"{rules.argument(type(owner).__name__, 'location')} {refusal}")

    return pulumi.ResourceHook(name, check, pulumi.ResourceHookOptions(on_dry_run=True))


def region_refusal(region: str, offered: Sequence[str], kind: str) -> str:
    """Return why a region is refused; empty if it is offered, or if nothing is known."""
    if not offered or _plain(region) in map(_plain, offered):
        return ""
    listed = ", ".join(sorted(map(_plain, offered)))
    return f"is {region!r}, where Azure does not offer {kind}; allowed: {listed}. Fix: choose one of these regions"


async def _offered(owner: pulumi.ComponentResource, provider: str, kind: str) -> list[str]:
    """Return the display names of the regions."""
    options = pulumi.InvokeOutputOptions(parent=owner)
    token = str(await authorization.get_client_token_output(opts=options).token.future())
    subscription = await authorization.get_client_config_output(opts=options).subscription_id.future()
    url = f"{resource_manager(token)}/subscriptions/{subscription}/providers/{provider}?api-version={_API}"
    _, found = await answer("GET", url, token)
    types = cast("list[dict[str, Any]]", found.get("resourceTypes", []))
    return next((each["locations"] for each in types if each["resourceType"].lower() == kind.lower()), [])


def _plain(region: str) -> str:
    """Return koreacentral for every spelling of Korea Central."""
    return region.replace(" ", "").lower()

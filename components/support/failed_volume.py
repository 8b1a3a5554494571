"""A volume whose creation Azure accepted and then gave up: it holds nothing, and stands in the way of the next try.

Azure refuses to change such a volume ("Volume was not found or was not created successfully"), and azure-native cannot
delete a resource from within a program. So this module asks Azure Resource Manager itself, as azure-native's client.
"""

import asyncio
from typing import Final

import pulumi
from pulumi_azure_native import authorization

from components.support.resource_manager import answer, resource_manager

_API: Final = "2024-09-01"
_REFUSED: Final = "Status=409"
"""A part of azure-native's error where Azure has accepted nothing; that of an operation's end has another status."""
_ENDED: Final = frozenset({"Succeeded", "Failed", "Canceled"})
_POLL_SECONDS: Final = 5.0


class FailedVolumes:
    """The failed volumes of one owner; their deletion has a limit in seconds."""

    def __init__(self, owner: pulumi.Resource, seconds: float) -> None:
        self._owner = owner
        self._seconds = seconds

    async def deleted(self, args: pulumi.ErrorHookArgs) -> bool:
        """Delete the volume of an error hook if it is there and Failed; return False if it could not be deleted.

        No other volume is touched: one that serves, or that is being created, is not Failed.
        """
        if not args.errors or _REFUSED in args.errors[0]:
            return True
        options = pulumi.InvokeOutputOptions(parent=self._owner)
        token = await authorization.get_client_token_output(opts=options).token.future()
        config = await authorization.get_client_config_output(opts=options).subscription_id.future()
        inputs = args.new_inputs or {}
        volume = (
            f"/subscriptions/{config}/resourceGroups/{inputs['resourceGroupName']}/providers/Microsoft.NetApp/"
            f"netAppAccounts/{inputs['accountName']}/capacityPools/{inputs['poolName']}/volumes/{inputs['volumeName']}"
        )
        try:
            async with asyncio.timeout(self._seconds):
                if await _delete_failed(volume, str(token)):
                    pulumi.log.info(f"{args.name} had failed in Azure, and is created anew", self._owner)
        except (OSError, ValueError, KeyError) as error:
            pulumi.log.error(
                f"The volume {volume} failed in Azure, and could not be deleted: {error or 'time is up'}. It holds "
                f"nothing. Fix: az netappfiles volume delete --ids {volume}, then `pulumi up --refresh`.",
                self._owner,
            )
            return False
        return True


async def _delete_failed(volume_id: str, token: str) -> bool:
    """Delete a volume that is Failed, and wait for its end. Raise OSError, ValueError or KeyError if that fails."""
    url = f"{resource_manager(token)}{volume_id}?api-version={_API}"
    _, found = await answer("GET", url, token)
    properties = found.get("properties", {})
    if properties.get("provisioningState") != "Failed" or properties.get("mountTargets"):
        return False
    headers, _ = await answer("DELETE", url, token)
    address, status = headers["Azure-AsyncOperation"], ""
    while address and status not in _ENDED:
        await asyncio.sleep(_POLL_SECONDS)
        _, operation = await answer("GET", address, token)
        status = operation["status"]
    if address and status != "Succeeded":
        raise OSError(f"its deletion ended as {status}")
    return True

"""The Azure cloud: public, sovereign, or from a metadata host, by the environment variables of azure-native."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from azure.core import AzureClouds, PipelineClient
from azure.core.exceptions import AzureError
from azure.core.rest import HttpRequest
from azure.identity import AzureAuthorityHosts
from azure.mgmt.core.tools import get_arm_endpoints

from verify.errors import UnreachableError, VerifyError

_METADATA: Final = "/metadata/endpoints?api-version=2022-09-01"
_SECONDS: Final = 10
_CLOUDS: Final = {
    "public": (AzureClouds.AZURE_PUBLIC_CLOUD, AzureAuthorityHosts.AZURE_PUBLIC_CLOUD),
    "usgovernment": (AzureClouds.AZURE_US_GOVERNMENT, AzureAuthorityHosts.AZURE_GOVERNMENT),
    "china": (AzureClouds.AZURE_CHINA_CLOUD, AzureAuthorityHosts.AZURE_CHINA),
}
_ALIASES: Final = {
    "azurecloud": "public",
    "azurepubliccloud": "public",
    "azureusgovernment": "usgovernment",
    "azureusgovernmentcloud": "usgovernment",
    "azurechinacloud": "china",
}


@dataclass(frozen=True)
class AzureCloud:
    """The endpoints of a cloud."""

    resource_manager: str
    scope: str
    """The scope of tokens for Azure Resource Manager."""
    authority: str
    knows_authority: bool = True
    """True if Microsoft's instance discovery knows the authority; it does not know a private one."""

    @classmethod
    def of_environment(cls, environment: Mapping[str, str] | None = None) -> "AzureCloud":
        """Return the cloud of ARM_METADATA_HOSTNAME or ARM_ENVIRONMENT and AZURE_AUTHORITY_HOST, by default public.

        Raises:
            VerifyError: ARM_ENVIRONMENT names no cloud.
            UnreachableError: the metadata host does not answer.

        """
        variables = os.environ if environment is None else environment
        authority = variables.get("AZURE_AUTHORITY_HOST", "")
        if host := variables.get("ARM_METADATA_HOSTNAME", ""):
            return cls._of_metadata(host, authority)
        named = (variables.get("ARM_ENVIRONMENT") or "public").lower()
        name = _ALIASES.get(named, named)
        if name not in _CLOUDS:
            raise VerifyError(f"ARM_ENVIRONMENT is '{named}'; allowed are {', '.join(_CLOUDS)}.")
        cloud, login = _CLOUDS[name]
        endpoints = get_arm_endpoints(cloud)
        return cls(endpoints["resource_manager"].rstrip("/"), endpoints["credential_scopes"][0], authority or login)

    @classmethod
    def _of_metadata(cls, host: str, authority: str) -> "AzureCloud":
        base = host if "://" in host else f"https://{host}"
        problem = f"Azure's metadata at {base} cannot be read"
        try:
            client: PipelineClient[Any, Any] = PipelineClient(base, retry_total=1)
            answer: Any = client.send_request(
                HttpRequest("GET", f"{base}{_METADATA}"), connection_timeout=5, read_timeout=_SECONDS
            )
            answer.raise_for_status()
            found: dict[str, Any] = answer.json()
            return cls(
                resource_manager=str(found["resourceManager"]).rstrip("/"),
                scope=f"{str(found['authentication']['audiences'][0]).rstrip('/')}/.default",
                authority=authority or str(found["authentication"]["loginEndpoint"]).rstrip("/"),
                knows_authority=False,
            )
        except AzureError as error:
            raise UnreachableError(f"{problem}: {first_line(error)}") from error
        except (ValueError, TypeError, KeyError, IndexError) as error:
            raise UnreachableError(f"{problem}: {type(error).__name__}: {error}") from error


def first_line(error: Exception) -> str:
    """Return the first line of an error message: those of Azure's clients have many lines."""
    text = str(getattr(error, "message", "") or error).strip() or type(error).__name__
    line = text.splitlines()[0]
    return line.rpartition(": ")[2].strip("')") if "HTTPSConnectionPool" in line else line

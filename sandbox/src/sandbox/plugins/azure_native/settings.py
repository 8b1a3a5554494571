"""The provider's configuration: its inputs, else the environment, as the genuine plugin reads them."""

import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sandbox.plugins.azure_native.operation import CloudError

_PREFIX: Final = "azure-native:config:"
_METADATA_API: Final = "2022-09-01"
_METADATA_SECONDS: Final = 10.0


@dataclass(frozen=True)
class Settings:
    """The provider's configuration."""

    subscription_id: str
    tenant_id: str
    client_id: str
    client_secret: str = field(repr=False)
    location: str | None
    """`azure-native:location`; it has no environment variable."""
    metadata_host: str
    """The host that tells the cloud's endpoints."""
    ca_bundle: str | None
    """A file of certificate authorities to trust instead of the system's."""

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> "Settings":
        def value(name: str, variable: str) -> str:
            key = _PREFIX + name
            return variables[key] if key in variables else os.environ.get(variable, "")

        return cls(
            subscription_id=value("subscriptionId", "ARM_SUBSCRIPTION_ID"),
            tenant_id=value("tenantId", "ARM_TENANT_ID"),
            client_id=value("clientId", "ARM_CLIENT_ID"),
            client_secret=value("clientSecret", "ARM_CLIENT_SECRET"),
            location=variables.get(f"{_PREFIX}location"),
            metadata_host=value("metadataHost", "ARM_METADATA_HOSTNAME"),
            ca_bundle=os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE") or None,
        )


@dataclass(frozen=True)
class Cloud:
    """Where a cloud's services are."""

    resource_manager: str
    audience: str
    login: str
    graph: str

    @classmethod
    def discover(cls, settings: Settings) -> "Cloud":
        import httpx

        host = settings.metadata_host
        endpoint = host if "://" in host else f"https://{host}"
        try:
            with httpx.Client(verify=trust(settings), timeout=_METADATA_SECONDS) as client:
                response = client.get(f"{endpoint}/metadata/endpoints", params={"api-version": _METADATA_API})
            response.raise_for_status()
            found: dict[str, Any] = response.json()
            return cls(
                resource_manager=found["resourceManager"].rstrip("/"),
                audience=found["authentication"]["audiences"][0],
                login=found["authentication"]["loginEndpoint"],
                graph=found.get("microsoftGraphResourceId", ""),
            )
        except httpx.HTTPError as error:
            reason = f"performing request: {error}"
        except (ValueError, TypeError, KeyError, IndexError) as error:
            reason = f"unmarshaling response: {type(error).__name__}: {error}"
        raise CloudError(f"failed to get Azure environment metadata from {endpoint}: {reason}")


def trust(settings: Settings) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=settings.ca_bundle)
    except (OSError, ssl.SSLError) as error:
        reason = f"the certificate authorities of REQUESTS_CA_BUNDLE or SSL_CERT_FILE cannot be read: {error}"
        raise CloudError(reason) from error

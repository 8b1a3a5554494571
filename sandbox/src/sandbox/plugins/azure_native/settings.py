"""The provider's configuration: its inputs, else the environment, as the genuine plugin reads them."""

import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sandbox.plugins.azure_native.operation import CloudError

_PULUMI_PARTNER: Final = "a90539d8-a7a6-5826-95c4-1fbef22d4b22"
_PREFIX: Final = "azure-native:config:"
_METADATA_API: Final = "2022-09-01"
_METADATA_SECONDS: Final = 10.0


@dataclass(frozen=True)
class Settings:
    """What Configure was given. The secrets in it never show in its repr."""

    values: Mapping[str, str]
    environment: Mapping[str, str]

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> "Settings":
        """From the `variables` of a ConfigureRequest and this process' environment."""
        return cls({key.removeprefix(_PREFIX): value for key, value in variables.items()}, dict(os.environ))

    def __repr__(self) -> str:
        return f"Settings({', '.join(sorted(self.values))})"

    def get(self, name: str, variable: str) -> str:
        """The input `name`, else the environment's `variable`, else nothing."""
        return self.values[name] if name in self.values else self.environment.get(variable, "")

    def on(self, name: str, variable: str) -> bool:
        """Whether a switch says `true`."""
        return self.get(name, variable) == "true"

    @property
    def subscription_id(self) -> str:
        """The subscription of all resources."""
        return self.get("subscriptionId", "ARM_SUBSCRIPTION_ID")

    @property
    def tenant_id(self) -> str:
        """The directory that the client belongs to."""
        return self.get("tenantId", "ARM_TENANT_ID")

    @property
    def client_id(self) -> str:
        """The service principal's application id."""
        return self.get("clientId", "ARM_CLIENT_ID")

    @property
    def client_secret(self) -> str:
        """The service principal's secret."""
        return self.get("clientSecret", "ARM_CLIENT_SECRET")

    @property
    def location(self) -> str | None:
        """`azure-native:location`; it has no environment variable."""
        return self.values.get("location")

    @property
    def metadata_host(self) -> str:
        """The host that tells the cloud's endpoints."""
        return self.get("metadataHost", "ARM_METADATA_HOSTNAME")

    @property
    def ca_bundle(self) -> str | None:
        """A file of certificate authorities to trust instead of the system's."""
        return self.environment.get("REQUESTS_CA_BUNDLE") or self.environment.get("SSL_CERT_FILE") or None

    @property
    def user_agent(self) -> str:
        """How requests introduce themselves."""
        from sandbox.plugins.azure_native import VERSION

        partner = self.get("partnerId", "ARM_PARTNER_ID")
        if not partner and not self.on("disablePulumiPartnerId", "ARM_DISABLE_PULUMI_PARTNER_ID"):
            partner = _PULUMI_PARTNER
        return f"pulumi-azure-native/{VERSION}" + (f" pid-{partner}" if partner else "")


@dataclass(frozen=True)
class Cloud:
    """Where a cloud's services are."""

    name: str
    resource_manager: str
    audience: str
    login: str
    graph: str

    @classmethod
    def discover(cls, settings: Settings) -> "Cloud":
        """Ask the metadata host."""
        import httpx

        host = settings.metadata_host
        endpoint = host if "://" in host else f"https://{host}"
        try:
            with httpx.Client(verify=trust(settings), timeout=_METADATA_SECONDS) as client:
                response = client.get(f"{endpoint}/metadata/endpoints", params={"api-version": _METADATA_API})
            response.raise_for_status()
            found: dict[str, Any] = response.json()
            return cls(
                name=found.get("name", ""),
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
    """The TLS context for all requests: the certificate authorities that the environment names, else the system's."""
    try:
        return ssl.create_default_context(cafile=settings.ca_bundle)
    except (OSError, ssl.SSLError) as error:
        reason = f"the certificate authorities of REQUESTS_CA_BUNDLE or SSL_CERT_FILE cannot be read: {error}"
        raise CloudError(reason) from error

"""What a managed identity trusts: tokens of one issuer, for one subject and one audience."""

import re
from typing import TYPE_CHECKING, Any, ClassVar, Final

from sandbox.azure.api_versions import MANAGED_IDENTITY_VERSIONS
from sandbox.azure.errors import ArmError
from sandbox.azure.identity.identities import IDENTITIES
from sandbox.azure.ids import ResourceId
from sandbox.azure.operations import Kind
from sandbox.azure.resource_type import Desired, Draft, ResourceType
from sandbox.azure.shapes import texts
from sandbox.azure.store import Resource

if TYPE_CHECKING:
    from sandbox.azure.model import Model

FEDERATED_CREDENTIALS: Final = f"{IDENTITIES}/federatedIdentityCredentials"
CREDENTIALS_PER_IDENTITY: Final = 20
"""learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations."""

_NAME: Final = re.compile(r"[a-zA-Z0-9][\w-]{2,119}", re.ASCII)
_URL: Final = re.compile(r"https://[^\s/?#]+[^\s?#]*")
_LONGEST: Final = 600


class FederatedIdentityCredentials(ResourceType):
    """Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials: written at once.

    Entra goes by a new one a little later (`counts`), as its directory is replicated.
    """

    name = FEDERATED_CREDENTIALS
    api_versions = MANAGED_IDENTITY_VERSIONS
    synchronous: ClassVar[frozenset[Kind]] = frozenset({"create", "update", "delete"})
    has_location = False
    shows_state = False

    def check_name(self, resource_id: ResourceId) -> None:
        """3 to 120 letters, digits, `-` and `_`; a letter or digit first."""
        if not _NAME.fullmatch(resource_id.name):
            raise ArmError(
                400,
                "InvalidResourceName",
                f"The resource name '{resource_id.name}' is invalid: it must have 3 to 120 characters, letters, "
                "digits, '-' and '_', and begin with a letter or digit.",
            )

    def create(self, model: "Model", resource_id: ResourceId, desired: Desired) -> Draft:
        """At most 20 for an identity, no two of one issuer and subject."""
        siblings = model.store.children(resource_id.parent.key)
        if len(siblings) >= CREDENTIALS_PER_IDENTITY:
            raise ArmError(
                400,
                "BadRequest",
                f"Too many Federated Identity Credentials. The identity '{resource_id.parent.name}' already has the "
                f"maximum number of {CREDENTIALS_PER_IDENTITY}.",
            )
        return self._draft(model, desired.properties, siblings)

    def update(self, model: "Model", resource: Resource, desired: Desired) -> Draft:
        """A PUT replaces all of it."""
        siblings = [s for s in model.store.children(resource.id.parent.key) if s.id.key != resource.id.key]
        return self._draft(model, desired.properties, siblings)

    def etag(self, now: float) -> None:
        """Federated credentials have none."""

    def _draft(self, model: "Model", properties: dict[str, Any], siblings: list[Resource]) -> Draft:
        issuer, subject = _text(properties, "issuer"), _text(properties, "subject")
        if not _URL.fullmatch(issuer):
            raise _invalid(f"The issuer '{issuer}' is not a valid https URL.")
        audiences = texts(properties.get("audiences"), "audiences")
        if len(audiences) != 1 or not 0 < len(audiences[0]) <= _LONGEST:
            raise _invalid("The property 'audiences' must contain exactly one audience of at most 600 characters.")
        for other in siblings:
            if (other.properties["issuer"], other.properties["subject"]) == (issuer, subject):
                raise ArmError(
                    409,
                    "Conflict",
                    "Issuer and subject combination already exists for this Managed Identity.",
                )
        kept = {"issuer": issuer, "subject": subject, "audiences": audiences}
        return Draft(kept, private={"written": model.now()})


def counts(model: "Model", credential: Resource) -> bool:
    """Whether Entra goes by this version of a credential by now."""
    return model.now() >= float(credential.private["written"]) + model.durations.of(FEDERATED_CREDENTIALS, "create")


def _text(properties: dict[str, Any], name: str) -> str:
    value = properties.get(name)
    if not isinstance(value, str) or not value:
        raise _invalid(f"The property '{name}' is required.")
    if len(value) > _LONGEST:
        raise _invalid(f"The property '{name}' must not be longer than {_LONGEST} characters.")
    return value


def _invalid(message: str) -> ArmError:
    return ArmError(400, "BadRequest", message)

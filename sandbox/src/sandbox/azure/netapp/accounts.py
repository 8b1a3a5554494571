"""NetApp accounts."""

from typing import TYPE_CHECKING, Any, Final

from sandbox.azure.ids import ResourceId
from sandbox.azure.model import Desired, Draft
from sandbox.azure.netapp import refusals
from sandbox.azure.netapp.active_directory import connection, in_use, refuse_second_in_region
from sandbox.azure.netapp.limits import ACCOUNTS_PER_REGION
from sandbox.azure.netapp.netapp_type import NetAppType
from sandbox.azure.shapes import mapping, mappings
from sandbox.azure.store import Resource

if TYPE_CHECKING:
    from sandbox.azure.model import Model

ACCOUNTS: Final = "Microsoft.NetApp/netAppAccounts"

_READ_ONLY: Final = ("disableShowmount", "multiAdStatus")
_KNOWN: Final = (
    *_READ_ONLY,
    "provisioningState",
    "activeDirectories",
    "encryption",
    "nfsV4IDDomain",
    "ldapConfiguration",
)
_KEY_SOURCES: Final = ("Microsoft.NetApp", "Microsoft.KeyVault")


class Accounts(NetAppType):
    """Microsoft.NetApp/netAppAccounts."""

    name = ACCOUNTS

    def check_name(self, resource_id: ResourceId) -> None:
        """1 to 128 letters, digits, hyphens and underscores."""
        refusals.check_name(resource_id, r"[a-zA-Z0-9][a-zA-Z0-9\-_]{0,127}")

    def create(self, model: "Model", resource_id: ResourceId, desired: Desired) -> Draft:
        """At most ten in a region of a subscription."""
        there = model.store.of_type(ACCOUNTS, resource_id.subscription)
        count = sum(account.location == desired.location for account in there)
        if count >= ACCOUNTS_PER_REGION:
            raise refusals.quota("netAppAccount", ACCOUNTS_PER_REGION, "subscription", count)
        return self._draft(model, resource_id, desired, None)

    def update(self, model: "Model", resource: Resource, desired: Desired) -> Draft:
        """A PUT without activeDirectories removes the connection; a PATCH without it leaves it."""
        return self._draft(model, resource.id, desired, resource)

    def show(self, model: "Model", resource: Resource) -> dict[str, Any]:
        """With the connection's status, which follows its volumes."""
        status = "InUse" if in_use(model, resource) else "Created"
        entries = [{**entry, "status": status} for entry in resource.properties["activeDirectories"]]
        shown = {name: value for name, value in resource.properties.items() if name != "activeDirectories"}
        return {**shown, **({"activeDirectories": entries} if entries else {})}

    def _draft(self, model: "Model", resource_id: ResourceId, desired: Desired, current: Resource | None) -> Draft:
        wanted = desired.properties
        refusals.check_known(wanted, _KNOWN)
        private: dict[str, Any] = current.private if current else {}
        entries: list[dict[str, Any]] = current.properties["activeDirectories"] if current else []
        if not desired.partial or "activeDirectories" in wanted:
            asked = mappings(wanted.get("activeDirectories"), "activeDirectories")
            if asked:
                refuse_second_in_region(model, current, resource_id.key, resource_id.subscription, desired.location)
            entries, private = connection(model, asked, current)
        encryption = current.properties["encryption"] if current and desired.partial else {"keySource": _KEY_SOURCES[0]}
        if given := mapping(wanted.get("encryption"), "encryption"):
            source = refusals.choice(given, "keySource", _KEY_SOURCES, _KEY_SOURCES[0])
            encryption = {**given, "keySource": source}
            if source == _KEY_SOURCES[1] and not given.get("keyVaultProperties"):
                raise refusals.missing("keyVaultProperties")
        properties: dict[str, Any] = {"activeDirectories": entries, "encryption": encryption, "disableShowmount": None}
        for name in ("nfsV4IDDomain", "ldapConfiguration"):
            value = wanted.get(name, current.properties.get(name) if current and desired.partial else None)
            if value is not None:
                properties[name] = value
        return Draft(properties, private, desired.envelope)

"""NetApp accounts."""

from typing import Any, Final

from azure.mgmt.netapp.models import AccountProperties

from sandbox.azure.ids import ResourceId
from sandbox.azure.model import Desired, Draft, Model
from sandbox.azure.netapp.active_directory import connection, in_use
from sandbox.azure.netapp.limits import ACCOUNTS_PER_REGION, check_count
from sandbox.azure.netapp.netapp_type import NetAppType
from sandbox.azure.netapp.properties import Properties, choice, missing
from sandbox.azure.shapes import mapping, mappings
from sandbox.azure.store import Resource
from sandbox.azure.type_names import ACCOUNTS

_PROPERTIES: Final = Properties(AccountProperties)
_KEY_SOURCES: Final = ("Microsoft.NetApp", "Microsoft.KeyVault")


class Accounts(NetAppType):
    """Microsoft.NetApp/netAppAccounts."""

    name = ACCOUNTS
    pattern = r"[a-zA-Z0-9][a-zA-Z0-9\-_]{0,127}"

    def create(self, model: Model, resource_id: ResourceId, desired: Desired) -> Draft:
        existing = model.store.of_type(ACCOUNTS, resource_id.subscription)
        count = sum(account.location == desired.location for account in existing)
        check_count("netAppAccount", ACCOUNTS_PER_REGION, "subscription", count)
        return self._draft(model, resource_id, desired, None)

    def update(self, model: Model, resource: Resource, desired: Desired) -> Draft:
        """Remove the connection by a PUT without activeDirectories; a PATCH without it leaves it."""
        return self._draft(model, resource.id, desired, resource)

    def show(self, model: Model, resource: Resource) -> dict[str, Any]:
        """Add the connection's status, which follows its volumes; without a connection leave the list out."""
        shown = dict(resource.properties)
        status = "InUse" if in_use(model, resource) else "Created"
        if entries := [{**entry, "status": status} for entry in shown.pop("activeDirectories")]:
            shown["activeDirectories"] = entries
        return shown

    def _draft(self, model: Model, resource_id: ResourceId, desired: Desired, current: Resource | None) -> Draft:
        wanted = desired.properties
        _PROPERTIES.check(wanted)
        kept = current.properties if current and desired.partial else {}
        private = current.private if current else {}
        properties: dict[str, Any] = {
            "activeDirectories": current.properties["activeDirectories"] if current else [],
            "encryption": kept.get("encryption", {"keySource": _KEY_SOURCES[0]}),
            "disableShowmount": None,
        }
        if not desired.partial or "activeDirectories" in wanted:
            asked = mappings(wanted.get("activeDirectories"), "activeDirectories")
            properties["activeDirectories"], private = connection(model, resource_id, desired.location, asked, current)
        if given := mapping(wanted.get("encryption"), "encryption"):
            source = choice(given, "keySource", _KEY_SOURCES, _KEY_SOURCES[0])
            if source == _KEY_SOURCES[1] and not given.get("keyVaultProperties"):
                raise missing("keyVaultProperties")
            properties["encryption"] = {**given, "keySource": source}
        for name in ("nfsV4IDDomain", "ldapConfiguration"):
            if (value := wanted.get(name, kept.get(name))) is not None:
                properties[name] = value
        return Draft(properties, private, desired.envelope)

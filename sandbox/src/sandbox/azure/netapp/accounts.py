"""NetApp accounts and their Active Directory connection: what it must say, what may change, its unreadable password."""

import re
import uuid
from ipaddress import IPv4Address
from typing import Any, Final

from azure.mgmt.netapp.models import AccountProperties, ActiveDirectory

from sandbox.azure.criteria import Criteria
from sandbox.azure.errors import ArmError
from sandbox.azure.ids import ACCOUNTS, VOLUMES, ResourceId
from sandbox.azure.model import Desired, Draft, Model
from sandbox.azure.netapp.limits import ACCOUNTS_PER_REGION, check_count
from sandbox.azure.netapp.netapp_type import NetAppType, volumes_in
from sandbox.azure.netapp.properties import Properties, choice, flag, invalid, missing, text, unchangeable
from sandbox.azure.operations import Kind
from sandbox.azure.shapes import mapping, mappings, texts
from sandbox.azure.store import Resource

_PROPERTIES: Final = Properties(AccountProperties)
_KEY_SOURCES: Final = ("Microsoft.NetApp", "Microsoft.KeyVault")
_CONNECTION: Final = Properties(ActiveDirectory)
_REQUIRED: Final = ("username", "domain", "dns", "smbServerName")
_MASKED: Final = ("password", "serverRootCACertificate")
_USER_LISTS: Final = ("administrators", "backupOperators", "securityOperators")
_MOST_PREFERRED_SERVERS: Final = 2
_MASK: Final = "****************"
_DOMAIN: Final = r"(?=.{1,255}$)[a-zA-Z0-9][a-zA-Z0-9-]*(\.[a-zA-Z0-9][a-zA-Z0-9-]*)*"

_ORGANIZATIONAL_UNIT: Final = "CN=Computers"
_ONE_DIRECTORY: Final = {"multiADStatus": "Disabled"}
"""The region takes one connection for all accounts, as by default."""

# Guess: The versions from 2024-05-01 on show of the password what 2024-09-01 does.
_NULL_FROM: Final = "2024-05-01"
_ABSENT_FROM: Final = "2025-06-01"

Entries = list[dict[str, Any]]


class Accounts(NetAppType):
    """Microsoft.NetApp/netAppAccounts."""

    name = ACCOUNTS
    pattern = r"[a-zA-Z0-9][a-zA-Z0-9\-_]{0,127}"

    def create(self, model: Model, resource_id: ResourceId, desired: Desired) -> Draft:
        existing = model.store.of_type(ACCOUNTS, Criteria(resource_id.subscription))
        count = sum(account.location == desired.location for account in existing)
        check_count("netAppAccount", ACCOUNTS_PER_REGION, "subscription", count)
        return self._draft(model, resource_id, desired, None)

    def update(self, model: Model, resource: Resource, desired: Desired) -> Draft:
        """Remove the connection by a PUT without activeDirectories; a PATCH without it leaves it."""
        return self._draft(model, resource.id, desired, resource)

    def at_once(self, kind: Kind, desired: Desired) -> bool:
        """Change tags alone at once."""
        return desired.partial and not desired.properties

    def completed(self, model: Model, resource: Resource, kind: Kind) -> None:
        """Fail where another account of the region has a connection."""
        other = _with_connection(model, resource)
        if kind == "delete" or not resource.properties["activeDirectories"] or other is None:
            return
        # Guess: An account whose creation fails for that remains, without a connection.
        resource.properties["activeDirectories"], resource.private = [], {}
        text = (
            f"Only one active directory allowed within the same region. Account {other.id.name} in resource group "
            f"{other.id.group} currently has an active directory connection string."
        )
        raise _too_many(text)

    def show(self, model: Model, resource: Resource) -> dict[str, Any]:
        """Add the connection's status, which follows its volumes; without a connection leave the list out."""
        shown: dict[str, Any] = {**resource.properties, **_ONE_DIRECTORY}
        status = "InUse" if in_use(model, resource) else "Created"
        if entries := [{**entry, "status": status} for entry in shown.pop("activeDirectories")]:
            shown["activeDirectories"] = entries
        return shown

    def show_new(self, model: Model, resource: Resource, asked: dict[str, Any]) -> dict[str, Any]:
        """Return what was sent, with the password masked."""
        shown = super().show_new(model, resource, asked) | _ONE_DIRECTORY
        if entries := mappings(shown.pop("activeDirectories", None), "activeDirectories"):
            shown["activeDirectories"] = [{**entry, **_masked(entry)} for entry in entries]
        return shown

    def in_version(self, properties: dict[str, Any], version: str) -> dict[str, Any]:
        """Show the mask of the password up to 2024-03-01, null in 2024-09-01, nothing from 2025-06-01 on."""
        entries = properties.get("activeDirectories")
        if not entries or version < _NULL_FROM:
            return properties
        kept = {} if version >= _ABSENT_FROM else {"password": None}
        without = [{name: value for name, value in entry.items() if name != "password"} | kept for entry in entries]
        return {**properties, "activeDirectories": without}

    def _draft(self, model: Model, resource_id: ResourceId, desired: Desired, current: Resource | None) -> Draft:
        wanted = {name: value for name, value in desired.properties.items() if name not in _ONE_DIRECTORY}
        _PROPERTIES.check(wanted)
        kept = current.properties if current and desired.partial else {}
        private = current.private if current else {}
        properties: dict[str, Any] = {
            "activeDirectories": current.properties["activeDirectories"] if current else [],
            "encryption": kept.get("encryption", {"keySource": _KEY_SOURCES[0]}),
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


def connection(
    model: Model, account_id: ResourceId, location: str, wanted: Entries, account: Resource | None
) -> tuple[Entries, dict[str, Any]]:
    """Return the connections that a request asks for, and what is kept of their passwords.

    An account has none or one. A request that names no activeDirectoryId changes the existing one. One that names it
    and has no password, or the mask that a GET shows, leaves the password as it is.
    """
    before = next(iter(account.properties["activeDirectories"]), None) if account else None
    if not wanted:
        if before and in_use(model, account):
            raise ArmError(409, "ActiveDirectoryCredentialsInUse", "Active Directory credentials are in use")
        return [], {}
    if len(wanted) > 1:
        # Guess: Two connections in one account are refused at once, with the code for those in two accounts.
        raise _too_many("Only one active directory allowed")
    [entry] = wanted
    known_id = before["activeDirectoryId"] if before else None
    if (asked_id := entry.get("activeDirectoryId")) not in {None, "", known_id}:
        raise ArmError(400, "ActiveDirectoryNotFound", f"ActiveDirectory with id: '{asked_id}' does not exist.")
    _check_entry(entry)
    keeps_password = bool(asked_id) and entry.get("password") in {None, "", _MASK}
    if not entry.get("password") and not keeps_password:
        raise missing("password")
    if before:
        _check_change(model, account, before, entry)
    shown = {name: value for name, value in entry.items() if name in _CONNECTION.settable and value is not None}
    shown["activeDirectoryId"] = known_id or str(uuid.uuid4())
    shown["organizationalUnit"] = entry.get("organizationalUnit") or _ORGANIZATIONAL_UNIT
    shown["ldapSearchScope"] = entry.get("ldapSearchScope") or {}
    shown |= {name: flag(entry, name, default=False) for name in _CONNECTION.flags}
    shown |= _masked(entry) | {"password": _MASK}
    shown["dns"] = ",".join(part.strip() for part in str(entry["dns"]).split(","))
    if keeps_password and account:
        return [shown], account.private
    proof = model.directory.proof(str(entry["domain"]), str(entry["username"]), str(entry["password"]))
    return [shown], {"joinProof": proof}


def in_use(model: Model, account: Resource | None) -> bool:
    """Return True if the account has an SMB volume, one that is being created or deleted included."""
    if account is None:
        return False
    protocols = model.store.texts_of_type(VOLUMES, "protocolTypes", volumes_in(account))
    return any("cifs" in each for each in protocols)


def _with_connection(model: Model, account: Resource) -> Resource | None:
    """Return another account of the region that has a connection."""
    accounts = model.store.of_type(ACCOUNTS, Criteria(account.id.subscription))
    others = [each for each in accounts if each.id.key != account.id.key and each.location == account.location]
    joined = (other for other in others if other.ready and model.as_seen(other).properties["activeDirectories"])
    return next(joined, None)


def _too_many(text: str) -> ArmError:
    return ArmError(400, "BadRequest", text, details=[ArmError(400, "TooManyActiveDirectories", text)])


def _masked(entry: dict[str, Any]) -> dict[str, str]:
    return {name: _MASK for name in _MASKED if entry.get(name)}


def _check_entry(entry: dict[str, Any]) -> None:
    _CONNECTION.check(entry)
    for name in _REQUIRED:
        if not entry.get(name):
            raise missing(name)
    if len(str(entry["smbServerName"])) > 10:
        raise ArmError(400, "SmbServerNameTooLong", "SMB server name may not be longer than 10 characters.")
    text(entry, "smbServerName", r"[0-9a-zA-Z-]{1,10}", "It may contain letters, digits and hyphens.")
    text(entry, "domain", _DOMAIN, "It must be the DNS name of a domain.")
    text(entry, "username", r".{1,255}", "It must be the name of a user.")
    if len(str(entry.get("password") or "")) > 64:
        raise ArmError(400, "InvalidValueReceivedFor", "The password must be a text of at most 64 characters.")
    if not _are_addresses(str(entry["dns"]), 3):
        raise invalid(entry["dns"], "dns", "It must be a comma separated list of at most 3 IPv4 addresses.")
    for name in _USER_LISTS:
        _check_users(name, texts(entry.get(name), name))
    preferred = str(entry.get("preferredServersForLdapClient") or "")
    if preferred and not _are_addresses(preferred, _MOST_PREFERRED_SERVERS):
        raise invalid(preferred, "preferredServersForLdapClient", "It must be one or two IPv4 addresses.")
    if flag(entry, "ldapOverTLS", default=False) and not entry.get("serverRootCACertificate"):
        raise ArmError(400, "NoServerRootCACertificate", "This Active Directory has no Server root CA Certificate")


def _check_change(model: Model, account: Resource | None, before: dict[str, Any], entry: dict[str, Any]) -> None:
    if str(entry["domain"]).lower() != before["domain"].lower():
        raise unchangeable("DomainName", "Domain name cannot be changed.")
    # A connection that an earlier version of the sandbox stored may have none.
    units = [each.get("organizationalUnit") or _ORGANIZATIONAL_UNIT for each in (entry, before)]
    if units[0] != units[1] and in_use(model, account):
        message = "Cannot modify Organizational Unit assignment if the credentials are in use"
        raise ArmError(409, "ActiveDirectoryCredentialsInUse", message)


def _check_users(name: str, users: list[str]) -> None:
    """Refuse what the specification excludes: names with a domain, and a name twice."""
    # Guess: the words for users of a directory connection that the specification excludes.
    if bad := next((user for user in users if not user.strip() or {*user} & {*"\\/@"}), None):
        raise invalid(bad, name, "It must be a user name without a domain.")
    if len({user.lower() for user in users}) < len(users):
        raise invalid(",".join(users), name, "Each user name can be there once.")


def _are_addresses(value: str, most: int) -> bool:
    addresses = [part.strip() for part in value.split(",")]
    return len(addresses) <= most and all(map(_is_address, addresses))


def _is_address(value: str) -> bool:
    try:
        return bool(re.fullmatch(r"[0-9.]+", value)) and bool(IPv4Address(value))
    except ValueError:
        return False

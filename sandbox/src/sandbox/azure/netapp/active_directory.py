"""The Active Directory connection of an account: what it must say, what may change, and its unreadable password."""

import re
import uuid
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any, Final

from sandbox.azure.errors import ArmError
from sandbox.azure.netapp.refusals import check_known, flag, invalid, missing, text, unchangeable
from sandbox.azure.store import Resource

if TYPE_CHECKING:
    from sandbox.azure.model import Model

MASK: Final = "****************"
"""What a GET shows for the password."""

_REQUIRED: Final = ("username", "password", "domain", "dns", "smbServerName")
_FLAGS: Final = ("aesEncryption", "ldapSigning", "ldapOverTLS", "allowLocalNfsUsersWithLdap", "encryptDCConnections")
_KNOWN: Final = (
    *_REQUIRED,
    *_FLAGS,
    "activeDirectoryId",
    "status",
    "statusDetails",
    "site",
    "organizationalUnit",
    "backupOperators",
    "administrators",
    "kdcIP",
    "adName",
    "serverRootCACertificate",
    "securityOperators",
    "ldapSearchScope",
    "preferredServersForLdapClient",
)
_MASKED: Final = ("password", "serverRootCACertificate")
_DOMAIN: Final = r"(?=.{1,255}$)[a-zA-Z0-9][a-zA-Z0-9-]*(\.[a-zA-Z0-9][a-zA-Z0-9-]*)+"


def connection(
    model: "Model", wanted: list[dict[str, Any]], current: Resource | None
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The connections of an account and what is kept of their passwords, from what a request says.

    An account has none or one. A request that names no activeDirectoryId changes the one that is there.
    """
    existing: list[dict[str, Any]] = current.properties["activeDirectories"] if current else []
    if len(wanted) > 1:
        raise _only_one()
    if not wanted:
        if existing and in_use(model, current):
            raise ArmError(409, "ActiveDirectoryCredentialsInUse", "Active Directory credentials are in use")
        return [], {}
    entry = wanted[0]
    before = existing[0] if existing else None
    known_id = before["activeDirectoryId"] if before else None
    if entry.get("activeDirectoryId") not in {None, "", known_id}:
        raise ArmError(
            400, "ActiveDirectoryNotFound", f"ActiveDirectory with id: '{entry['activeDirectoryId']}' does not exist."
        )
    _check(entry)
    if before:
        _check_change(model, current, before, entry)
    shown = {name: value for name, value in entry.items() if name not in {"status", "statusDetails"}}
    shown |= {
        "activeDirectoryId": known_id or str(uuid.uuid4()),
        "site": entry.get("site") or "Default-First-Site-Name",
    }
    shown |= {name: flag(entry, name, default=False) for name in _FLAGS}
    shown |= {name: MASK for name in _MASKED if entry.get(name)}
    shown["dns"] = ",".join(part.strip() for part in str(entry["dns"]).split(","))
    proof = model.directory.proof(str(entry["domain"]), str(entry["username"]), str(entry["password"]))
    return [shown], {"joinProof": proof}


def refuse_second_in_region(
    model: "Model", account: Resource | None, key: str, subscription: str, location: str
) -> None:
    """Refuse a connection where another account of the subscription has one in the region."""
    had_one = account is not None and bool(account.properties["activeDirectories"])
    for other in model.store.of_type("Microsoft.NetApp/netAppAccounts", subscription):
        if other.id.key != key and other.location == location and other.properties["activeDirectories"] and not had_one:
            raise _only_one()


def in_use(model: "Model", account: Resource | None) -> bool:
    """Whether an SMB volume of the account was made with its connection."""
    return account is not None and any(True for _ in smb_volumes(model, account))


def smb_volumes(model: "Model", account: Resource) -> list[Resource]:
    """The account's SMB volumes, those that are being made or deleted included."""
    volumes = model.store.of_type("Microsoft.NetApp/netAppAccounts/capacityPools/volumes", account.id.subscription)
    return [v for v in volumes if v.id.key.startswith(f"{account.id.key}/") and "CIFS" in v.properties["protocolTypes"]]


def check_join(model: "Model", account: Resource, machine_account: str) -> None:
    """Refuse as the domain does when the connection's password is not (or no longer) the user's."""
    entry = account.properties["activeDirectories"][0]
    domain, user = entry["domain"], entry["username"]
    if model.directory.accepts(domain, user, account.private["joinProof"]):
        return
    raise ArmError(
        500,
        "InternalServerError",
        f'Error when creating - Failed to create the Active Directory machine account "{machine_account}". Reason: '
        "Kerberos "
        "Error: Pre-authentication information was invalid Details: Error: Machine account creation procedure "
        "failed\n [ 567] "
        f"Loaded the preliminary configuration.\n [ 671] Successfully connected to ip {entry['dns'].split(',')[0]}, "
        "port 88 "
        f"using TCP\n**[ 1099] FAILURE: Could not authenticate as\n** '{user}@{domain}': CIFS server account "
        "password does\n** "
        "not match password stored in Active Directory\n** (KRB5KDC_ERR_PREAUTH_FAILED)\n. ",
    )


def _check(entry: dict[str, Any]) -> None:
    check_known(entry, _KNOWN)
    for name in _REQUIRED:
        if not entry.get(name):
            raise missing(name)
    server = str(entry["smbServerName"])
    if len(server) > 10:
        raise ArmError(400, "SmbServerNameTooLong", "SMB server name may not be longer than 10 characters.")
    text(entry, "smbServerName", r"[0-9a-zA-Z-]{1,10}", "It may contain letters, digits and hyphens.")
    text(entry, "domain", _DOMAIN, "It must be the DNS name of a domain.")
    text(entry, "username", r".{1,255}", "It must be the name of a user.")
    if not isinstance(entry["password"], str) or len(entry["password"]) > 64:
        raise ArmError(400, "InvalidValueReceived", "The password must be a text of at most 64 characters.")
    addresses = [part.strip() for part in str(entry["dns"]).split(",")]
    if len(addresses) > 3 or not all(map(_is_address, addresses)):
        raise invalid(entry["dns"], "dns", "It must be a comma separated list of at most 3 IPv4 addresses.")
    if flag(entry, "ldapOverTLS", default=False) and not entry.get("serverRootCACertificate"):
        raise ArmError(400, "NoServerRootCACertificate", "This Active Directory has no Server root CA Certificate")


def _check_change(model: "Model", account: Resource | None, before: dict[str, Any], entry: dict[str, Any]) -> None:
    if str(entry["domain"]).lower() != before["domain"].lower():
        raise unchangeable("DomainName", "Domain name cannot be changed.")
    if (entry.get("organizationalUnit") or "") != (before.get("organizationalUnit") or "") and in_use(model, account):
        raise ArmError(
            409,
            "ActiveDirectoryCredentialsInUse",
            "Cannot modify Organizational Unit assignment if the credentials are in use",
        )


def _is_address(value: str) -> bool:
    try:
        return bool(re.fullmatch(r"[0-9.]+", value)) and bool(IPv4Address(value))
    except ValueError:
        return False


def _only_one() -> ArmError:
    return ArmError(409, "OnlyOneActiveDirectoryAllowed", "Only one active directory allowed")

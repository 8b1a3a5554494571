"""The join of an SMB server to its domain, which ends the creation of a volume, or makes it fail.

Azure NetApp Files asks the DNS servers of the account's Active Directory connection, from the volume's subnet.
Source of the texts: learn.microsoft.com/azure/azure-netapp-files/troubleshoot-volumes.
"""

from sandbox.azure.directory import AccountState
from sandbox.azure.errors import ArmError
from sandbox.azure.ids import ResourceId
from sandbox.azure.model import Model
from sandbox.azure.network.reach import answering
from sandbox.azure.store import Resource
from sandbox.faults import DIRECTORY_WITHOUT_RC4, StandingFaults

# Guess: Azure passes on ONTAP's words for an account that the KDC refuses as they are.
_REVOKED = "Clients credentials have been revoked", "KRB5KDC_ERR_CLIENT_REVOKED"
_KEY_EXPIRED = "Password has expired", "KRB5KDC_ERR_KEY_EXP"
_REFUSED_STATES = {
    AccountState.LOCKED: _REVOKED,
    AccountState.EXPIRED: _REVOKED,
    AccountState.DISABLED: _REVOKED,
    AccountState.PASSWORD_EXPIRED: _KEY_EXPIRED,
    AccountState.MUST_CHANGE: _KEY_EXPIRED,
}
"""What a KDC says of accounts in these states (Samba, source4/kdc)."""


def check_join(model: Model, account: Resource, volume: Resource) -> None:
    """Refuse as DNS and the domain do: no server is reached, no domain found, or the password is not the user's."""
    entry = account.properties["activeDirectories"][0]
    domain, user, servers = entry["domain"], entry["username"], entry["dns"].split(",")
    network = ResourceId.parse(volume.properties["subnetId"]).parent
    found = answering(model.store, network, servers)
    if not found:
        text = "Could not query DNS server. Verify that the network configuration is correct and that DNS servers are "
        raise _failed(f"{text}available.")
    failure = f'Failed to create the Active Directory machine account "{_machine_account(entry, volume)}". Reason: '
    serving = next((server for server in found if server.domain == domain.lower()), None)
    if serving is None:
        # Guess: Azure passes on ONTAP's words for a domain that DNS does not know as they are.
        details = (
            "SecD Error: no server available Details: Error: Machine account creation procedure failed\n"
            " [ 567] Loaded the preliminary configuration.\n"
            f"**[ 671] FAILURE: Cannot find any domain controllers for '{domain}'; verify\n"
            "** the domain name and the node's DNS configuration\n. "
        )
        raise _failed(failure + details)
    if DIRECTORY_WITHOUT_RC4 in StandingFaults(model.store).all() and not entry["aesEncryption"]:
        # Guess: Azure passes on ONTAP's words for a KDC that shares no encryption type as they are.
        what = "KDC has no support for encryption type"
        said = "KDC has no support for\n** encryption type (KRB5KDC_ERR_ETYPE_NOSUPP)"
        raise _failed(failure + _kerberos(what, serving.address, f"{user}@{domain}", said))
    if refused := _REFUSED_STATES.get(model.directory.state(domain, user)):
        what, code = refused
        said = f"{what}\n** ({code})"
        raise _failed(failure + _kerberos(what, serving.address, f"{user}@{domain}", said))
    if not model.directory.accepts(domain, user, account.private["joinProof"]):
        what = "Pre-authentication information was invalid"
        said = (
            "CIFS server account password does\n** not match password stored in Active Directory\n** "
            "(KRB5KDC_ERR_PREAUTH_FAILED)"
        )
        raise _failed(failure + _kerberos(what, serving.address, f"{user}@{domain}", said))


def _kerberos(what: str, controller: str, user: str, said: str) -> str:
    """Return ONTAP's account of a Kerberos sign-in that a domain controller refused."""
    return (
        f"Kerberos Error: {what} Details: Error: Machine account creation procedure failed\n"
        f" [ 567] Loaded the preliminary configuration.\n [ 671] Successfully connected to ip {controller}, port 88 "
        f"using TCP\n**[ 1099] FAILURE: Could not authenticate as\n** '{user}': {said}\n. "
    )


def _machine_account(entry: dict[str, str], volume: Resource) -> str:
    return f"{entry['smbServerName']}-{volume.properties['fileSystemId'][:4]}".upper()


def _failed(why: str) -> ArmError:
    return ArmError(500, "InternalServerError", f"Error when creating - {why}")

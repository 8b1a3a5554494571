"""The join of an SMB server to its domain, which ends the creation of a volume, or makes it fail.

Azure NetApp Files asks the DNS servers of the account's Active Directory connection, from the volume's subnet.
Source of the texts: learn.microsoft.com/azure/azure-netapp-files/troubleshoot-volumes.
"""

from sandbox.azure.errors import ArmError
from sandbox.azure.ids import ResourceId
from sandbox.azure.model import Model
from sandbox.azure.network.reach import answering
from sandbox.azure.store import Resource
from sandbox.faults import DIRECTORY_WITHOUT_RC4, StandingFaults


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
        details = (
            "Kerberos Error: KDC has no support for encryption type Details: Error: Machine account creation "
            "procedure failed\n [ 567] Loaded the preliminary configuration.\n [ 671] Successfully connected to ip "
            f"{serving.address}, port 88 using TCP\n**[ 1099] FAILURE: Could not authenticate as\n** "
            f"'{user}@{domain}': KDC has no support for\n** encryption type (KRB5KDC_ERR_ETYPE_NOSUPP)\n. "
        )
        raise _failed(failure + details)
    if not model.directory.accepts(domain, user, account.private["joinProof"]):
        details = (
            "Kerberos Error: Pre-authentication information was invalid Details: Error: Machine account creation "
            "procedure failed\n [ 567] Loaded the preliminary configuration.\n [ 671] Successfully connected to ip "
            f"{serving.address}, port 88 using TCP\n**[ 1099] FAILURE: Could not authenticate as\n** "
            f"'{user}@{domain}': CIFS server account password does\n** not match password stored in Active Directory"
            "\n** (KRB5KDC_ERR_PREAUTH_FAILED)\n. "
        )
        raise _failed(failure + details)


def _machine_account(entry: dict[str, str], volume: Resource) -> str:
    return f"{entry['smbServerName']}-{volume.properties['fileSystemId'][:4]}".upper()


def _failed(why: str) -> ArmError:
    return ArmError(500, "InternalServerError", f"Error when creating - {why}")

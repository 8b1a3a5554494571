"""The troubles of a mount that does not reach its share: the name, the server, the protocol, the share.

Numbers and sentences: learn.microsoft.com/windows/win32/debug/system-error-codes; errno(3);
kubernetes-csi/csi-driver-smb issues 294, 369, 453, 655, 911.
"""

from typing import Final

from verify.links.mounting.mount_trouble import RESTART_NODE, mount_trouble

NAME_NOT_RESOLVED: Final = mount_trouble(
    "fqdn-not-resolved",
    "the node cannot resolve smbServerFqdn, or cannot reach port 445 of its address",
    "the DNS servers of the cluster's virtual network must resolve the directory's domain (`az network vnet update "
    "--ids ID --dns-servers SERVERS`, or a forwarding rule), and the networks must be peered; restart the nodes after "
    "a change",
    windows={53: "The network path was not found"},
    texts=("could not resolve address",),
)
SERVER_UNREACHABLE: Final = mount_trouble(
    "server-unreachable",
    "the name is resolved, and nobody answers on port 445, or the answers are lost: a network security group, a "
    "firewall or a route table between the nodes and the delegated subnet; or a proxy that changes SMB",
    "let TCP 445 pass in the network security groups, firewalls and route tables between both subnets; from a node: "
    "Test-NetConnection SMB_SERVER_FQDN -Port 445",
    windows={
        121: "The semaphore timeout period has expired",
        64: "The specified network name is no longer available",
        59: "An unexpected network error occurred",
        1231: "The network location cannot be reached",
    },
    linux={
        101: "Network is unreachable",
        110: "Connection timed out",
        111: "Connection refused",
        112: "Host is down",
        113: "No route to host",
        115: "Operation now in progress",
    },
)
NETWORK_SERVICE_STOPPED: Final = mount_trouble(
    "node-network-service-stopped",
    "the node's SMB client (service LanmanWorkstation) does not run",
    f"{RESTART_NODE}; if that does not help, upgrade the node pool's image",
    windows={
        2138: "The Workstation service has not been started",
        1222: "The network is not present or not started",
        1203: "No network provider accepted the given network path",
    },
)
NETWORK_ACCESS_DENIED: Final = mount_trouble(
    "network-access-denied",
    "the server lets the user in but not to this path: the user lacks rights on the folder of the source or of "
    "subDir, or a policy forbids the connection",
    "check the NTFS permissions on the whole path of the source (icacls); try the share itself as the source, without "
    "a folder",
    windows={65: "Network access is denied"},
)
NOT_SUPPORTED: Final = mount_trouble(
    "smb-not-supported",
    "node and server agree on no SMB version, signing or encryption: the drivers ask Windows for encryption "
    "(RequirePrivacy), which needs SMB 3; on Linux mountOptions name another version (vers=1.0)",
    "on Linux set vers=3.0 in the PersistentVolume's mountOptions; on Windows no policy of the nodes may switch off "
    "SMB 3 or its encryption",
    windows={50: "The request is not supported"},
    linux={95: "Operation not supported"},
)
SHARE_NOT_FOUND: Final = mount_trouble(
    "share-not-found",
    "the server has no such share, or the share no such folder: the volume was deleted, or its creation is in progress",
    "`az netappfiles volume show --ids ID`: check creationToken and provisioningState; verify reports a difference",
    windows={67: "The network name cannot be found"},
    linux={2: "No such file or directory"},
)
PARAMETER_REFUSED: Final = mount_trouble(
    "mount-parameter-refused",
    "Windows: the path cannot be mapped, most often because source and subDir end with a separator; Linux: an unknown "
    "or contradictory mount option",
    "`kubectl get pv {volume} -o yaml`: check source, subDir and mountOptions; a source is immutable: "
    "`kubectl delete pvc {claim} -n {namespace} --wait=false`, `kubectl delete pod {pod} -n {namespace}`, "
    "`kubectl delete pv {pv}` (the data remains in Azure), `pulumi up --refresh --stack {stack}`",
    windows={87: "The parameter is incorrect"},
    linux={22: "Invalid argument"},
)
INPUT_OUTPUT: Final = mount_trouble(
    "mount-input-output",
    "Linux: the server ended the connection while it was set up: an unsupported security (sec=), or a server that is "
    "restarting",
    "`kubectl debug node/{node} -it --image busybox -- chroot /host dmesg` shows the reason of CIFS",
    linux={5: "Input/output error"},
)
TROUBLES: Final = (
    NAME_NOT_RESOLVED,
    SERVER_UNREACHABLE,
    NETWORK_SERVICE_STOPPED,
    NETWORK_ACCESS_DENIED,
    NOT_SUPPORTED,
    SHARE_NOT_FOUND,
    PARAMETER_REFUSED,
    INPUT_OUTPUT,
)

"""The troubles of a mount whose server refuses the user.

Numbers and sentences: learn.microsoft.com/windows/win32/debug/system-error-codes, ranges 0-499, 1300-1699, 1700-3999.
mount.cifs says `mount error(13)` of every refused logon: NetApp's and Samba's servers give it no closer reason.
"""

from typing import Final

from verify.links.mounting.mount_trouble import RESTART_NODE, mount_trouble

_SET_IT: Final = (
    "`pulumi config set --secret anf-smb:smbPassword --stack {stack}`, `pulumi up --refresh --stack {stack}`"
)

LOGON_FAILED: Final = mount_trouble(
    "logon-failed",
    "the password is wrong, or the domain has no such user; Linux: also a locked, disabled or expired account, or no "
    "permission on the share",
    f"set the right password: {_SET_IT}; the kubelet tries again within two minutes",
    windows={1326: "The user name or password is incorrect", 86: "The specified network password is not correct"},
    linux={13: "Permission denied"},
)
USERNAME_REFUSED: Final = mount_trouble(
    "username-refused",
    r"the username has no form that Windows can log on with: DOMAIN\user is needed",
    "`kubectl get secret smbcreds -n {namespace} -o jsonpath='{{.data.username}}' | base64 -d` shows the username; set "
    "smbUser in the stack file, `pulumi up --refresh --stack {stack}`",
    windows={
        2202: "The specified username is invalid",
        1312: "A specified logon session does not exist. It may already have been terminated",
    },
)
PASSWORD_EXPIRED: Final = mount_trouble(
    "password-expired",
    "the password of the share's user has expired, or must be changed at the next logon",
    "in the directory: set a new password (Set-ADAccountPassword), without 'must change', better one that never "
    f"expires; in the stack: {_SET_IT}",
    windows={
        1330: "The password for this account has expired",
        1907: "The user's password must be changed before signing in",
    },
)
ACCOUNT_EXPIRED: Final = mount_trouble(
    "account-expired",
    "the account of the share's user has an end date, which has passed",
    "in the directory: Clear-ADAccountExpiration USER; the kubelet tries again within two minutes",
    windows={1793: "The user's account has expired"},
)
ACCOUNT_DISABLED: Final = mount_trouble(
    "account-disabled",
    "the account of the share's user is disabled in the directory",
    "in the directory: Enable-ADAccount USER; the kubelet tries again within two minutes",
    windows={1331: "This user can't sign in because this account is currently disabled"},
    texts=("account currently disabled",),
)
ACCOUNT_LOCKED: Final = mount_trouble(
    "account-locked",
    "the directory has locked the account of the share's user after too many wrong passwords: a Secret somewhere has "
    "an old one, and each node that retries with it locks the account again",
    f"first set the right password everywhere it is used: {_SET_IT}; then in the directory: Unlock-ADAccount USER",
    windows={1909: "The referenced account is currently locked out and may not be logged on to"},
)
LOGON_RESTRICTED: Final = mount_trouble(
    "logon-restricted",
    "a policy of the directory keeps the user from logging on: logon hours, allowed computers, the right to access "
    "this computer from the network, or Protected Users (no NTLM)",
    "in the directory: take the user out of that policy, or use another account for the share",
    windows={
        1327: "Account restrictions are preventing this user from signing in",
        1328: "Your account has time restrictions that keep you from signing in right now",
        1329: "This user isn't allowed to sign in to this computer",
        1385: "the user has not been granted the requested logon type at this computer",
    },
)
NO_LOGON_SERVER: Final = mount_trouble(
    "no-logon-server",
    "the server or the node finds no domain controller of the user's domain",
    "check the domain of the username (smbUser.domain), and that the networks of the volumes and of the nodes reach "
    "the directory's servers: python -m verify checks both ways",
    windows={
        1311: "There are currently no logon servers available to service the logon request",
        1355: "The specified domain either does not exist or could not be contacted",
    },
)
TARGET_NAME_WRONG: Final = mount_trouble(
    "target-name-wrong",
    "Kerberos: the directory has no computer account, or several, under the server's name in the source: an alias, an "
    "address, or a name that was joined twice",
    "use smbServerFqdn in the source: `pulumi up --refresh --stack {stack}`; in the directory: setspn -Q "
    "cifs/SMB_SERVER_FQDN must show one account",
    windows={1396: "The target account name is incorrect"},
)
CLOCKS_DIFFER: Final = mount_trouble(
    "clocks-differ",
    "Kerberos: the clocks of node and domain controller differ by more than five minutes",
    "set the time source of the domain controllers right (w32tm /query /status); a node keeps Azure's time: restart "
    "{node} if it does not",
    windows={1398: "There is a time and/or date difference between the client and server"},
)
ANOTHER_USER: Final = mount_trouble(
    "another-user-on-node",
    "the node has a session with this server as another user: one user per server and node, until the last Pod with "
    "a share of that server has left the node. Without such a Pod an old mapping is left",
    "`kubectl get pods -A -o wide --field-selector spec.nodeName={node}`: give the Secrets of all these Pods the same "
    "user (smbUser), or run them on different nodes; delete the Pods of the other user. If there is none: "
    f"{RESTART_NODE}",
    windows={
        1219: "Multiple connections to a server or shared resource by the same user, using more than one user name, "
        "are not allowed"
    },
)
SHARE_ACCESS_DENIED: Final = mount_trouble(
    "share-access-denied",
    "the user may log on but not access the share: its permissions do not name the user, or the domain's SMB "
    "hardening refuses the node",
    "check the share's NTFS permissions for its user (icacls), as a user of activeDirectory.administrators",
    windows={5: "Access is denied"},
)
TROUBLES: Final = (
    LOGON_FAILED,
    USERNAME_REFUSED,
    PASSWORD_EXPIRED,
    ACCOUNT_EXPIRED,
    ACCOUNT_DISABLED,
    ACCOUNT_LOCKED,
    LOGON_RESTRICTED,
    NO_LOGON_SERVER,
    TARGET_NAME_WRONG,
    CLOCKS_DIFFER,
    ANOTHER_USER,
    SHARE_ACCESS_DENIED,
)

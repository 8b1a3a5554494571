"""The errors of a failed SMB mount: those of New-SmbGlobalMapping on Windows and of mount.cifs on Linux.

The Windows blocks are those that users paste into the issues of kubernetes-csi/csi-driver-smb (219, 294, 453) and
csi-proxy (206, 311): PowerShell's error, wrapped, then quoted by the driver.
"""

import textwrap
from dataclasses import dataclass
from typing import Final

from sandbox.azure.directory import AccountState
from sandbox.nodes.kubelet.csi_driver import StageRequest, go_quote


@dataclass(frozen=True)
class MountProblem:
    """One way for a mount to fail, in both systems' words."""

    windows_error: int
    windows_text: str
    linux_text: str
    linux_exit: int = 32


PARAMETER_INCORRECT: Final = MountProblem(87, "The parameter is incorrect.", "mount error(22): Invalid argument")
SERVER_UNKNOWN: Final = MountProblem(
    53, "The network path was not found.", "mount error: could not resolve address for {server}: Unknown error", 1
)
SERVER_UNREACHABLE: Final = MountProblem(
    53, "The network path was not found.", "mount error(115): Operation now in progress"
)
"""The name is resolved, and nobody answers at the address: what is sent is lost, so that Linux waits in vain."""
SHARE_UNKNOWN: Final = MountProblem(
    67, "The network name cannot be found.", "mount error(2): No such file or directory"
)
_PERMISSION_DENIED: Final = "mount error(13): Permission denied"
LOGON_FAILED: Final = MountProblem(1326, "The user name or password is incorrect.", _PERMISSION_DENIED)
# Guess: mount.cifs says of an account in any of these states that permission is denied, as of a wrong password.
_ACCOUNT_TEXTS: Final = {
    AccountState.LOCKED: (1909, "The referenced account is currently locked out and may not be logged on to."),
    AccountState.EXPIRED: (1793, "The user's account has expired."),
    AccountState.PASSWORD_EXPIRED: (1330, "The password for this account has expired."),
    AccountState.MUST_CHANGE: (1907, "The user's password must be changed before signing in."),
    AccountState.DISABLED: (1331, "This user can't sign in because this account is currently disabled."),
}
"""Source: learn.microsoft.com/windows/win32/debug/system-error-codes--1300-1699-, and --1700-3999-."""
ACCOUNT_PROBLEMS: Final = {
    state: MountProblem(number, text, _PERMISSION_DENIED) for state, (number, text) in _ACCOUNT_TEXTS.items()
}
ANOTHER_USER: Final = MountProblem(
    1219,
    "Multiple connections to a server or shared resource by the same user, using more than one user name, are not "
    "allowed. Disconnect all previous connections to the server or shared resource and try again.",
    "",
)
"""Windows alone has one session for a node and a server: mount.cifs opens one for each user."""


class MountFailedError(Exception):
    """The mount program failed."""

    def __init__(self, problem: MountProblem) -> None:
        super().__init__(problem.windows_text)
        self.problem = problem


_MANUAL: Final = "Refer to the mount.cifs(8) manual page (e.g. man mount.cifs) and kernel log messages (dmesg)\n"

EMPTY_PASSWORD: Final = (
    "ConvertTo-SecureString : Cannot bind argument to parameter 'String' because it is an empty string.\r\n"
    "At line:1 char:42\r\n"
    "+ $PWord = ConvertTo-SecureString -String $Env:smbpassword -AsPlainText ...\r\n"
    f"+                                         {'~' * 16}\r\n"
    "    + CategoryInfo          : InvalidData: (:) [ConvertTo-SecureString], ParameterBindingValidationException\r\n"
    "    + FullyQualifiedErrorId : ParameterArgumentValidationErrorEmptyStringNotAllowed,"
    "Microsoft.PowerShell.Commands.ConvertToSecureStringCommand\r\n \r\n"
)
"""PowerShell makes no secure string of an empty one, so there is no credential to map with."""


def powershell(problem: MountProblem) -> str:
    category = "InvalidArgument" if problem.windows_error == 87 else "NotSpecified"
    # PowerShell wraps the category at the console's width, wherever in a word that falls.
    line = f"    + CategoryInfo          : {category}: (MSFT_SmbGlobalMapping:ROOT/Microsoft/...mbGlobalMapping) "
    name = "[New-SmbGlobalMapping], CimException"
    room = 118 - len(line)
    text = " \r\n".join(textwrap.wrap(f"New-SmbGlobalMapping : {problem.windows_text}", 119))
    return (
        f"{text} \r\n"
        "At line:1 char:190\r\n"
        "+ ... ser, $PWord;New-SmbGlobalMapping -RemotePath $Env:smbremotepath -Cred ...\r\n"
        f"+                 {'~' * 57}\r\n"
        f"{line}{name[:room]} \r\n   {name[room:]}\r\n"
        f"    + FullyQualifiedErrorId : Windows System Error {problem.windows_error},New-SmbGlobalMapping\r\n \r\n"
    )


def mapping_failure(output: str) -> str:
    """Return the error of a failed mapping, as csi-proxy and the mounter of HostProcess containers word it."""
    return f"NewSmbGlobalMapping failed. output: {go_quote(output)}, err: exit status 1"


def linux_failure(problem: MountProblem, request: StageRequest, driver: str, source: str, options: list[str]) -> str:
    """Return the failed mount as Kubernetes' mount library reports it; credentials are masked there."""
    server = source.replace("\\", "/").strip("/").split("/", maxsplit=1)[0]
    arguments = f"-t cifs -o {','.join([*options, '<masked>'])} {source} {request.staging_path(driver)}"
    manual = "" if problem is SERVER_UNKNOWN else _MANUAL
    return (
        f"mount failed: exit status {problem.linux_exit}\nMounting command: mount\nMounting arguments: {arguments}\n"
        f"Output: {problem.linux_text.format(server=server)}\n{manual}"
    )

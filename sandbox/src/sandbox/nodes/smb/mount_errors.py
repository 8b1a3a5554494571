"""What the mount programs say when an SMB mount fails: New-SmbGlobalMapping on Windows, mount.cifs on Linux.

The Windows blocks are those that users paste into the issues of kubernetes-csi/csi-driver-smb (294, 453) and csi-proxy
(206, 311): PowerShell's error, wrapped, then quoted by the driver.
"""

from dataclasses import dataclass
from typing import Final

from sandbox.nodes.kubelet.csi_driver import StageRequest, go_quote, staging_path


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
SHARE_UNKNOWN: Final = MountProblem(
    67, "The network name cannot be found.", "mount error(2): No such file or directory"
)
LOGON_FAILED: Final = MountProblem(
    1326, "The user name or password is incorrect.", "mount error(13): Permission denied"
)

_MANUAL = "Refer to the mount.cifs(8) manual page (e.g. man mount.cifs) and kernel log messages (dmesg)\n"


def windows_failure(problem: MountProblem, request: StageRequest, driver: str, source: str) -> str:
    """The failed mapping as csi-driver-smb's mounter for Windows reports it."""
    return _windows(request, driver, source, _mapping_output(problem))


def mapping_failure(problem: MountProblem) -> str:
    """The failed mapping as csi-proxy reports it."""
    return _mapping_failed(_mapping_output(problem))


def _mapping_output(problem: MountProblem) -> str:
    """What PowerShell prints."""
    category = "InvalidArgument" if problem.windows_error == 87 else "NotSpecified"
    # PowerShell wraps the category at the console's width, wherever in a word that falls.
    line = f"    + CategoryInfo          : {category}: (MSFT_SmbGlobalMapping:ROOT/Microsoft/...mbGlobalMapping) "
    name = "[New-SmbGlobalMapping], CimException"
    room = 118 - len(line)
    return (
        f"New-SmbGlobalMapping : {problem.windows_text} \r\n"
        "At line:1 char:190\r\n"
        "+ ... ser, $PWord;New-SmbGlobalMapping -RemotePath $Env:smbremotepath -Cred ...\r\n"
        f"+                 {'~' * 57}\r\n"
        f"{line}{name[:room]} \r\n   {name[room:]}\r\n"
        f"    + FullyQualifiedErrorId : Windows System Error {problem.windows_error},New-SmbGlobalMapping\r\n \r\n"
    )


def windows_empty_password(request: StageRequest, driver: str, source: str) -> str:
    """PowerShell makes no secure string of an empty one, so there is no credential to map with."""
    return _windows(
        request,
        driver,
        source,
        "ConvertTo-SecureString : Cannot bind argument to parameter 'String' because it is an empty string.\r\n"
        "At line:1 char:42\r\n"
        "+ $PWord = ConvertTo-SecureString -String $Env:smbpassword -AsPlainText ...\r\n"
        f"+                                         {'~' * 16}\r\n"
        "    + CategoryInfo          : InvalidData: (:) [ConvertTo-SecureString], "
        "ParameterBindingValidationException\r\n"
        "    + FullyQualifiedErrorId : ParameterArgumentValidationErrorEmptyStringNotAllowed,"
        "Microsoft.PowerShell.Commands.ConvertToSecureStringCommand\r\n \r\n",
    )


def linux_failure(problem: MountProblem, request: StageRequest, driver: str, source: str, options: list[str]) -> str:
    """The failed mount as Kubernetes' mount library reports it; credentials are masked there."""
    server = source.replace("\\", "/").strip("/").split("/", maxsplit=1)[0]
    arguments = (
        f"-t cifs -o {','.join([*options, '<masked>'])} {source} {staging_path(driver, request.handle, 'linux')}"
    )
    manual = "" if problem is SERVER_UNKNOWN else _MANUAL
    return (
        f"mount failed: exit status {problem.linux_exit}\nMounting command: mount\nMounting arguments: {arguments}\n"
        f"Output: {problem.linux_text.format(server=server)}\n{manual}"
    )


def _windows(request: StageRequest, driver: str, source: str, output: str) -> str:
    failed = _mapping_failed(output)
    if request.host_process:
        return failed
    remote = source.replace("/", "\\").removesuffix("\\")
    local = "c:" + staging_path(driver, request.handle, "windows")
    return f"NewSmbGlobalMapping({remote}, {local}) failed with error: rpc error: code = Unknown desc = {failed}"


def _mapping_failed(output: str) -> str:
    return f"NewSmbGlobalMapping failed. output: {go_quote(output)}, err: exit status 1"

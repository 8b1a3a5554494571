r"""What kubelets print of a mount that fails, in the forms of each driver.

Forms: kubernetes-csi/csi-driver-smb issues 219 (HostProcess), 294 and 655 (csi-proxy); Trident's
utils/csiutils/csiutils_windows.go.
"""

import re
import textwrap

from verify.clients.cluster import Json
from verify.links.mounting import judgement, logon, network

SYMPTOMS = {
    int(number): text
    for trouble in (*logon.TROUBLES, *network.TROUBLES)
    for text, number in re.findall(r"`([^`]+)` \(Windows System Error (\d+)\)", trouble.symptom)
}
GENERAL = "Unable to attach or mount volumes: unmounted volumes=[smb]: timed out waiting for the condition"
MOUNT = r'MountVolume.MountDevice failed for volume "anf-pv-smb" : rpc error: code = Internal desc = '


def powershell(number: int, sentence: str) -> str:
    lines = textwrap.wrap(f"New-SmbGlobalMapping : {sentence}.", 119)
    told = [*lines, "At line:1 char:190", "+ ... ser, $PWord;New-SmbGlobalMapping -RemotePath $Env:smbremotepath"]
    told += [
        "    + FullyQualifiedErrorId : " + (f"Windows System Error {number},New-SmbGlobalMapping" if number else "")
    ]
    printed = r" \r\n".join(told)
    return rf'NewSmbGlobalMapping failed. output: "{printed}\r\n \r\n", err: exit status 1'


def forms(number: int, sentence: str) -> dict[str, str]:
    staged = r'volume(v) mount "//anf-64d9.contoso.com/smb" on "\\var\\lib\\kubelet\\globalmount" failed with '
    rpc = "rpc error: code = Unknown desc = "
    return {
        "HostProcess": f"{MOUNT}{staged}{powershell(number, sentence)}",
        "csi-proxy": f"{MOUNT}{staged}smb mapping failed with error: {rpc}{powershell(number, sentence)}",
        "Trident": f"{MOUNT}smb mapping failed with error: {rpc}{powershell(number, sentence)}",
        "without the number": f"{MOUNT}{staged}{powershell(0, sentence)}",
        "the number alone": f"{MOUNT}{staged}{powershell(number, 'Der Zugriff schlug fehl')}",
    }


def event(message: str, at: int = 0, reason: str = "FailedMount") -> Json:
    return {"metadata": {}, "reason": reason, "message": message, "lastTimestamp": f"2026-11-24T10:00:{at:02}Z"}


def named(*messages: str) -> str:
    """Return the trouble of events, the newest first."""
    found = judgement.judged([event(message) for message in messages], "anf-pv-smb")
    assert found is not None
    return found[0].name

"""The links of mounts that are not the stack's: each object is judged by what it is, and fixed where it comes from."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from functools import partial
from typing import Final

from verify.chain import Link
from verify.links import claims, credentials, directory, dynamic_volume, mount_point, pods
from verify.links.mounting import logon, network, node
from verify.trouble import BrokenError, Trouble, matching_trouble

_FROM_ITS_PROJECT: Final = "from the manifests of its project"
_DELETED: Final = (
    "`kubectl delete pvc {claim} -n {namespace} --wait=false`, `kubectl delete pod {pods} -n {namespace}`, "
)
_ANOTHER_SOURCE: Final = (
    rf"correct the source to \\server\share in the manifests of its project. That of a PersistentVolume is immutable: "
    '`kubectl patch pv {pv} -p \'{{"spec":{{"persistentVolumeReclaimPolicy":"Retain"}}}}\'`, '
    f"{_DELETED}`kubectl delete pv {{pv}}` (the data remains), and create them again"
)
_IN_ITS_CREDENTIALS: Final = (
    "in the Secret of its own mount; `kubectl get pv {volume} -o jsonpath='{{.spec.csi.nodeStageSecretRef}}'` names "
    "that of a PersistentVolume"
)
_RECREATED: Final = (
    f"`kubectl delete pod {{pod}} -n {{namespace}}`; a plain Pod must be created again {_FROM_ITS_PROJECT}"
)
FIXES: Final[dict[Trouble, str]] = {
    claims.CLAIM_MISSING: f"create claim {{claim}} in namespace {{namespace}} again, {_FROM_ITS_PROJECT}",
    claims.CLAIM_TERMINATING: "`kubectl delete pod {pods} -n {namespace}`; then create the claim again, "
    f"{_FROM_ITS_PROJECT}",
    claims.PV_MISSING: f"{_DELETED}and create PersistentVolume and claim again, {_FROM_ITS_PROJECT}; the data remains",
    claims.TRAILING_SLASH: _ANOTHER_SOURCE,
    claims.SOURCE_FORM: _ANOTHER_SOURCE,
    credentials.SECRET_MISSING: f"create the Secret, {credentials.FROM_INPUT}",
    credentials.SECRET_INCOMPLETE: f"complete the Secret, {credentials.FROM_INPUT}",
    credentials.WITHOUT_DOMAIN: "add the key domain to Secret {namespace}/{secret}, or set its username to "
    r"DOMAIN\user; then delete the Pods",
    credentials.NOT_JOINED: r"set the username in Secret {namespace}/{secret} to DOMAIN\user",
    pods.POD_MISSING: f"create Pod {{pod}} again, {_FROM_ITS_PROJECT}",
    pods.POD_WITHOUT_CLAIM: "add claim {claim} to the Pod's volumes and mount it",
    dynamic_volume.CLAIM_VOLUME_MISSING: "only a backup restores the data: docs/operate.md, Restore a volume. For an "
    f"empty volume: delete the Pods and the claim, and create them again, {_FROM_ITS_PROJECT}",
    directory.NOT_MOUNTED: _RECREATED,
    mount_point.COMMAND_FAILED: f"check the NTFS permissions of the share's user (icacls); otherwise {_RECREATED}",
    logon.LOGON_FAILED: f"set the right user and password {_IN_ITS_CREDENTIALS}",
    logon.USERNAME_REFUSED: rf"set username and domain, or a username DOMAIN\user, {_IN_ITS_CREDENTIALS}",
    logon.PASSWORD_EXPIRED: f"set a new password in the directory, without 'must change', and {_IN_ITS_CREDENTIALS}",
    logon.ACCOUNT_LOCKED: "unlock the account in the directory (Unlock-ADAccount USER) after you have set the right "
    f"password {_IN_ITS_CREDENTIALS}",
    logon.TARGET_NAME_WRONG: f"use the server's own name: {_ANOTHER_SOURCE}",
    network.PARAMETER_REFUSED: "`kubectl get pv {volume} -o yaml` shows source, subDir and mountOptions: "
    f"{_ANOTHER_SOURCE}",
    node.RETRIED_LATER: "wait two minutes and run this again",
}
"""The fixes for objects of another project, where that of the stack's own object would change the stack."""


def of_others(links: Iterable[Link], names: Collection[str], findings: Collection[str]) -> list[Link]:
    """Return links, of which those with these names judge another project's objects.

    A failure of one in `findings` is a warning. The walk goes on to the mount itself, whose event decides.
    """
    found: set[Trouble] = set()
    return [
        replace(each, look=partial(_look, each.look, found), finding=each.link in findings)
        if each.link in names or each.link in findings
        else each
        for each in links
    ]


def _look(look: Callable[[], str], found: set[Trouble]) -> str:
    """Run a look; give its trouble the fix for another project's object, and remember it."""
    try:
        return look()
    except BrokenError as error:
        if error.trouble is node.RETRIED_LATER:  # it presupposes links that hold; here one may only have warned
            error.trouble = matching_trouble([*found], error.seen, node.RETRIED_LATER)
        found.add(error.trouble)
        if error.trouble in FIXES:
            error.trouble = replace(error.trouble, fix=FIXES[error.trouble])
        raise

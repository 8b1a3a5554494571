r"""Checks of the Secrets for mounts: they exist, are complete, and have the form that each driver needs.

No value is shown. csi-driver-smb ignores the case of keys, and on Windows reads a username without domain as AZURE\user
(pkg/smb/nodeserver.go). Trident reads only username and password, and adds no domain.
"""

from base64 import b64decode
from typing import Final

from verify.clients.cluster import Cluster, Json
from verify.links.claims import bound_volume
from verify.links.csi_driver import SMB
from verify.trouble import BrokenError, Trouble

FROM_INPUT: Final = (
    "with lines username=… and password=… on standard input: `kubectl create secret generic {secret} -n {namespace} "
    "--from-env-file=/dev/stdin --dry-run=client -o yaml | kubectl apply -f -`"
)
"""The command that creates or changes a Secret of the user's own; the password is not on its command line."""

SECRET_MISSING: Final = Trouble(
    "secret-missing",
    '`secrets "smbcreds" not found`',
    "the Secret that the PersistentVolume or the StorageClass names does not exist",
    "`pulumi up --refresh --stack {stack}`",
    pattern=r"failed to find the secret|secrets \"[^\"]*\" not found",
)
SECRET_INCOMPLETE: Final = Trouble(
    "secret-incomplete",
    "`empty username or password is not allowed`, `argument … is an empty string`",
    "the Secret lacks username or password",
    f"`pulumi up --refresh --stack {{stack}}`; for your own Secret, {FROM_INPUT}",
    pattern=r"empty username or password|empty string",
)
WITHOUT_DOMAIN: Final = Trouble(
    "secret-without-domain",
    r"`The user name or password is incorrect`, and the directory logs `AZURE\user`",
    r"a username without domain becomes AZURE\user on Windows nodes",
    "set smbUser.domain in the stack file; `pulumi up --refresh --stack {stack}` puts it into {namespace}/{secret}",
)
NOT_JOINED: Final = Trouble(
    "secret-not-joined",
    "a Pod with a dynamic claim: `The user name or password is incorrect`",
    r"Trident ignores the key domain: the username itself must be DOMAIN\user",
    r"set the username in {namespace}/{secret} to DOMAIN\user (in quotes): `pulumi up --refresh --stack {stack}`",
)
TROUBLES: Final = (SECRET_MISSING, SECRET_INCOMPLETE, WITHOUT_DOMAIN, NOT_JOINED)


def of_static_claim(cluster: Cluster, namespace: str, claim_name: str) -> str:
    """Check that the Secret of a claim's PersistentVolume has the form for csi-driver-smb."""
    return of_smb_driver(cluster, *stage_secret(bound_volume(cluster, namespace, claim_name)))


def stage_secret(volume: Json) -> tuple[str, str]:
    """Return namespace and name of the Secret with which a node mounts a PersistentVolume."""
    reference: Json = volume["spec"]["csi"].get("nodeStageSecretRef") or {}
    if not reference.get("name"):
        raise BrokenError(SECRET_MISSING, "the PersistentVolume names no nodeStageSecretRef")
    return str(reference.get("namespace", "")), str(reference["name"])


def of_smb_driver(cluster: Cluster, where: str, name: str, *, windows: bool = True) -> str:
    """Check that a Secret has the form for csi-driver-smb. Nodes of Linux need no domain in it."""
    data = {key.lower(): value.strip() for key, value in _data(cluster, where, name).items()}
    username, domain = data.get("username", ""), data.get("domain", "")
    _complete(where, name, username, data.get("password", ""))
    joined = username.partition("\\")[0] if "\\" in username else domain
    if windows and (not joined or joined.upper() == "AZURE"):
        found = "no domain" if not joined else "domain AZURE"
        raise BrokenError(WITHOUT_DOMAIN, f"{where}/{name} has {found}", namespace=where, secret=name)
    return f"{where}/{name}: {', '.join(sorted(data))}"


def of_storage_class(cluster: Cluster, storage_class: str) -> str:
    """Check that the Secret of a StorageClass has the form for Trident."""
    found = cluster.find(f"/apis/storage.k8s.io/v1/storageclasses/{storage_class}")
    parameters: dict[str, str] = (found or {}).get("parameters") or {}
    where = parameters.get("csi.storage.k8s.io/node-stage-secret-namespace", "")
    name = parameters.get("csi.storage.k8s.io/node-stage-secret-name", "")
    return of_trident(cluster, where, name)


def of_trident(cluster: Cluster, where: str, name: str) -> str:
    """Check that a Secret has the form for Trident."""
    data = _data(cluster, where, name)
    username = data.get("username", "")
    _complete(where, name, username, data.get("password", ""))
    domain, separator, user = username.partition("\\")
    if not (domain and separator and user):
        raise BrokenError(
            NOT_JOINED, f"the username in {where}/{name} is not DOMAIN\\user", namespace=where, secret=name
        )
    return rf"{where}/{name}: {', '.join(sorted(data))}; DOMAIN\user"


def user_of(cluster: Cluster, driver: str, namespace: str, name: str) -> str:
    r"""Return the user as whom a driver logs on from Windows, `DOMAIN\user`.

    It is empty where the Secret gives no user of a directory, which the Secret's own check reports.

    Raises:
        ApiError: the Secret may not be read.

    """
    secret = cluster.find(f"/api/v1/namespaces/{namespace}/secrets/{name}") if name else None
    data = _decoded(secret or {})
    if driver == SMB.name:
        data = {key.lower(): value.strip() for key, value in data.items()}
        if "\\" not in data.get("username", "") and data.get("domain"):
            data["username"] = f"{data['domain']}\\{data.get('username', '')}"
    domain, separator, _ = data.get("username", "").partition("\\")
    return data["username"] if separator and domain.upper() != "AZURE" else ""


def _data(cluster: Cluster, namespace: str, name: str) -> dict[str, str]:
    secret = cluster.find(f"/api/v1/namespaces/{namespace}/secrets/{name}")
    if secret is None:
        raise BrokenError(SECRET_MISSING, f"no Secret {namespace}/{name}", namespace=namespace, secret=name)
    return _decoded(secret)


def _decoded(secret: Json) -> dict[str, str]:
    data: dict[str, str] = secret.get("data") or {}
    return {key: b64decode(value).decode(errors="replace") for key, value in data.items()}


def _complete(namespace: str, name: str, username: str, password: str) -> None:
    values = {"username": username, "password": password}
    if missing := [key for key, value in values.items() if not value]:
        raise BrokenError(
            SECRET_INCOMPLETE, f"{namespace}/{name} lacks {' and '.join(missing)}", namespace=namespace, secret=name
        )

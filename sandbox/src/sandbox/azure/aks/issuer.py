"""The sandbox's cluster as an OpenID Connect issuer: who signs its service accounts' tokens, and with which keys.

AKS publishes this at a public address (learn.microsoft.com/azure/aks/use-oidc-issuer). Here it is read where the API
server itself serves it, with the administrator's credentials of the sandbox's kubeconfig.
"""

import base64
import http.client
import json
import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import yaml

from sandbox.private_files import write_private

_ANSWER_SECONDS: Final = 5.0


@dataclass(frozen=True)
class IssuerMetadata:
    """What the API server says of itself. `keys` are JSON Web Keys, `version` that of Kubernetes (`1.36.2`)."""

    issuer: str
    keys: tuple[dict[str, Any], ...]
    version: str


class ClusterIssuer:
    """Asks the API server that a kubeconfig names, each time anew: keys may be rotated and clusters made again."""

    def __init__(self, kubeconfig: Path) -> None:
        self._kubeconfig = kubeconfig

    def metadata(self) -> IssuerMetadata | None:
        """The issuer and its keys; None while there is no control plane that answers."""
        try:
            entry = _Entry.read(self._kubeconfig)
            discovery = entry.get("/.well-known/openid-configuration")
            keys = entry.get("/openid/v1/jwks")["keys"]
            version = str(entry.get("/version")["gitVersion"])
            return IssuerMetadata(str(discovery["issuer"]), tuple(keys), version.removeprefix("v").partition("+")[0])
        except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError, yaml.YAMLError):
            return None


@dataclass(frozen=True)
class _Entry:
    """The API server of a kubeconfig with one cluster and one user, as the sandbox writes it."""

    host: str
    port: int
    trust: ssl.SSLContext

    @classmethod
    def read(cls, kubeconfig: Path) -> "_Entry":
        content = yaml.safe_load(kubeconfig.read_text())
        cluster, user = content["clusters"][0]["cluster"], content["users"][0]["user"]
        trust = ssl.create_default_context(cadata=base64.b64decode(cluster["certificate-authority-data"]).decode())
        # Python reads a client certificate from files alone; these are nobody else's to read and gone at once.
        with tempfile.TemporaryDirectory() as folder:
            certificate, key = Path(folder) / "client.crt", Path(folder) / "client.key"
            write_private(certificate, base64.b64decode(user["client-certificate-data"]))
            write_private(key, base64.b64decode(user["client-key-data"]))
            trust.load_cert_chain(certificate, key)
        address = urlsplit(cluster["server"])
        return cls(address.hostname or "", address.port or 443, trust)

    def get(self, path: str) -> dict[str, Any]:
        connection = http.client.HTTPSConnection(self.host, self.port, timeout=_ANSWER_SECONDS, context=self.trust)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        if answer.status != http.HTTPStatus.OK:
            raise ValueError(f"GET {path} answered {answer.status}")
        return json.loads(body)

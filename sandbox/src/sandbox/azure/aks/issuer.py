"""The sandbox's cluster as an OpenID Connect issuer: it signs the tokens of its service accounts.

AKS publishes this at a public address (learn.microsoft.com/azure/aks/use-oidc-issuer). Here it is read where the API
server itself serves it, with the administrator's credentials of the sandbox's kubeconfig.
"""

import base64
import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import yaml

from sandbox.private_files import write_private

_ANSWER_SECONDS: Final = 5.0


@dataclass(frozen=True)
class IssuerMetadata:
    """The API server's own description. `keys` are JSON Web Keys, `version` that of Kubernetes (`1.36.2`)."""

    issuer: str
    keys: tuple[dict[str, Any], ...]
    version: str


class ClusterIssuer:
    """Asks the API server that a kubeconfig names, each time anew: keys may be rotated and clusters created again."""

    def __init__(self, kubeconfig: Path) -> None:
        self._kubeconfig = kubeconfig

    def metadata(self) -> IssuerMetadata | None:
        """Return the issuer and its keys; None while no control plane answers."""
        try:
            with _api_server(self._kubeconfig) as api:
                discovery, keys, version = (
                    api.get(path).raise_for_status().json()
                    for path in ("/.well-known/openid-configuration", "/openid/v1/jwks", "/version")
                )
            kubernetes = str(version["gitVersion"]).removeprefix("v").partition("+")[0]
            return IssuerMetadata(str(discovery["issuer"]), tuple(keys["keys"]), kubernetes)
        except (OSError, httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError, yaml.YAMLError):
            return None


def _api_server(kubeconfig: Path) -> httpx.Client:
    content = yaml.safe_load(kubeconfig.read_text())
    cluster, user = content["clusters"][0]["cluster"], content["users"][0]["user"]
    trust = ssl.create_default_context(cadata=base64.b64decode(cluster["certificate-authority-data"]).decode())
    # Python reads a client certificate from files alone; these are nobody else's to read and gone at once.
    with tempfile.TemporaryDirectory() as folder:
        certificate, key = Path(folder) / "client.crt", Path(folder) / "client.key"
        write_private(certificate, base64.b64decode(user["client-certificate-data"]))
        write_private(key, base64.b64decode(user["client-key-data"]))
        trust.load_cert_chain(certificate, key)
    return httpx.Client(base_url=cluster["server"], verify=trust, timeout=_ANSWER_SECONDS, trust_env=False)

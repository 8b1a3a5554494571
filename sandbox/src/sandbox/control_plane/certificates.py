"""The control plane's certificate authority, its certificates, the key of ServiceAccount tokens, and the kubeconfig."""

import base64
import ssl
from pathlib import Path

import yaml

from sandbox.control_plane.errors import ControlPlaneError
from sandbox.control_plane.ports import LOOPBACK
from sandbox.private_files import write_private

_SERVER_NAMES = (LOOPBACK, "localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc")
_CONTEXT = "anf-sandbox"


class Certificates:
    """PEM files in one folder, readable by their owner only.

    `server` is presented by every component, `admin` by every client; `service-accounts` has the key that signs tokens.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.ca = folder / "ca.crt"

    def certificate(self, name: str) -> Path:
        return self._folder / f"{name}.crt"

    def key(self, name: str) -> Path:
        return self._folder / f"{name}.key"

    def ensure(self) -> None:
        """Issue them unless they are there; raise ControlPlaneError where they are damaged."""
        if self.ca.exists():  # it is written last: the others are there too
            self._check()
            return
        import trustme  # noqa: PLC0415  cryptography takes long to load, and this is once in a sandbox's life

        authority = trustme.CA(organization_name="anf-sandbox")
        issued = {
            "server": authority.issue_cert(*_SERVER_NAMES, common_name="kube-apiserver"),
            "admin": authority.issue_cert("admin", common_name="admin", organization_name="system:masters"),
            # AKS signs tokens with RS256.
            "service-accounts": authority.issue_cert("service-accounts", key_type=trustme.KeyType.RSA),
        }
        for name, leaf in issued.items():
            write_private(self.key(name), leaf.private_key_pem.bytes())
            write_private(self.certificate(name), leaf.cert_chain_pems[0].bytes())
        write_private(self.ca, authority.cert_pem.bytes())

    def tls(self) -> ssl.SSLContext:
        """Return the administrator's side of a connection to a component."""
        context = ssl.create_default_context(cafile=self.ca)
        context.load_cert_chain(self.certificate("admin"), self.key("admin"))
        return context

    def write_kubeconfig(self, target: Path, port: int) -> None:
        """Write the administrator's kubeconfig, which names no other file; leave it alone where it is the same."""
        ca, certificate, key = (
            base64.b64encode(file.read_bytes()).decode()
            for file in (self.ca, self.certificate("admin"), self.key("admin"))
        )
        cluster = {"server": f"https://{LOOPBACK}:{port}", "certificate-authority-data": ca}
        user = {"client-certificate-data": certificate, "client-key-data": key}
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": _CONTEXT,
            "clusters": [{"name": _CONTEXT, "cluster": cluster}],
            "users": [{"name": _CONTEXT, "user": user}],
            "contexts": [{"name": _CONTEXT, "context": {"cluster": _CONTEXT, "user": _CONTEXT}}],
        }
        content = yaml.safe_dump(document, sort_keys=False).encode()
        if not (target.exists() and target.read_bytes() == content and target.stat().st_mode & 0o777 == 0o600):
            write_private(target, content)

    def _check(self) -> None:
        try:
            context = self.tls()
            for name in ("server", "service-accounts"):
                context.load_cert_chain(self.certificate(name), self.key(name))
        except OSError as error:  # ssl.SSLError is one
            raise ControlPlaneError(
                f"The control plane's certificates in {self._folder} are damaged ({error}). Delete that folder and run "
                "`python -m sandbox up` again: it issues new ones, and the cluster keeps its state."
            ) from error

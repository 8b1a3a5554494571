"""The control plane's components: how each is started, and how each says that it works."""

import http.client
import os
import ssl
from collections.abc import Callable, Mapping

from sandbox.control_plane.certificates import Certificates
from sandbox.control_plane.ports import LOOPBACK
from sandbox.nodes.stages import STAGES
from sandbox.nodes.windows import BIN
from sandbox.paths import SandboxPaths
from sandbox.process import BackgroundProcess

HEALTH = {
    "etcd": "/readyz",
    "kube-apiserver": "/readyz",
    "kube-controller-manager": "/healthz",
    "kube-scheduler": "/healthz",
    "kwok": "/healthz",
}
"""Each component, in the order in which they need each other, and the path of its health endpoint."""

_ISSUER = "https://kubernetes.default.svc.cluster.local"
_INHERITED = ("HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "USER")
_ANSWER_SECONDS = 10.0
_START_SECONDS = 180.0
_LEASE_SECONDS = 200


def arguments(paths: SandboxPaths, certificates: Certificates, ports: Mapping[str, int]) -> dict[str, list[str]]:
    etcd = f"https://{LOOPBACK}:{ports['etcd']}"
    server = [f"cert-file={certificates.certificate('server')}", f"key-file={certificates.key('server')}"]
    serving = [
        f"--bind-address={LOOPBACK}",
        f"--tls-cert-file={certificates.certificate('server')}",
        f"--tls-private-key-file={certificates.key('server')}",
    ]
    client = [
        f"--kubeconfig={paths.kubeconfig}",
        "--authorization-always-allow-paths=/healthz",
        # There is one of each. Elections are writes all the time, and a wait for the lease of one that was killed.
        "--leader-elect=false",
    ]
    token_key = certificates.key("service-accounts")
    return {
        "etcd": [
            f"--data-dir={paths.control_plane / 'etcd'}",
            "--auto-compaction-retention=1",
            f"--listen-client-urls={etcd}",
            f"--advertise-client-urls={etcd}",
            f"--trusted-ca-file={certificates.ca}",
            "--client-cert-auth=true",
            *(f"--{option}" for option in server),
            # It has no peers, and cannot be told so: it listens on any free port, for members with a certificate.
            f"--listen-peer-urls=https://{LOOPBACK}:0",
            f"--peer-trusted-ca-file={certificates.ca}",
            "--peer-client-cert-auth=true",
            *(f"--peer-{option}" for option in server),
        ],
        "kube-apiserver": [
            f"--secure-port={ports['kube-apiserver']}",
            *serving,
            # It looks for the machine's default route unless it is told an address, and does not start without one.
            # Nothing in this cluster uses the address, and loopback ones are refused: RFC 5737 reserves this one.
            "--advertise-address=192.0.2.1",
            f"--etcd-servers={etcd}",
            f"--etcd-cafile={certificates.ca}",
            f"--etcd-certfile={certificates.certificate('admin')}",
            f"--etcd-keyfile={certificates.key('admin')}",
            "--authorization-mode=Node,RBAC",
            "--allow-privileged=true",
            f"--client-ca-file={certificates.ca}",
            f"--service-account-issuer={_ISSUER}",
            f"--service-account-key-file={token_key}",
            f"--service-account-signing-key-file={token_key}",
        ],
        "kube-controller-manager": [
            f"--secure-port={ports['kube-controller-manager']}",
            *serving,
            *client,
            f"--root-ca-file={certificates.ca}",
            f"--service-account-private-key-file={token_key}",
            "--node-monitor-period=25s",
            f"--node-monitor-grace-period={_LEASE_SECONDS}s",
        ],
        "kube-scheduler": [f"--secure-port={ports['kube-scheduler']}", *serving, *client],
        "kwok": [
            f"--kubeconfig={paths.kubeconfig}",
            f"--server-address={LOOPBACK}:{ports['kwok']}",
            *serving[1:],
            "--manage-all-nodes=true",
            # Where the API server finds the nodes' kubelets.
            "--node-name=localhost",
            f"--node-port={ports['kwok']}",
            "--node-ip=",
            f"--node-lease-duration-seconds={_LEASE_SECONDS}",
            # With these the lifecycle of nodes and Pods is what they say, and nothing else.
            *(f"--config={file}" for file in STAGES),
            # An Exec says what `kubectl exec` runs for one Pod.
            "--enable-crds=Exec",
        ],
    }


class Component(BackgroundProcess):
    """One component's process.

    It gets none of the user's secrets, proxies or kubeconfigs. kwok runs the commands of `kubectl exec`:
    on its PATH the nodes' own programs come first.
    """

    def __init__(self, name: str, argv: list[str], paths: SandboxPaths, is_healthy: Callable[[], bool]) -> None:
        super().__init__(
            name,
            argv,
            paths,
            is_healthy,
            awaited=f"its {HEALTH[name]} answers",
            env={
                "PATH": os.pathsep.join([str(BIN), os.environ.get("PATH", os.defpath)]),
                # The API server takes most of the sandbox's memory: a tenth less of it, for an eighth more CPU time.
                "GOGC": "50",
                "KWOK_WORKDIR": str(paths.control_plane),  # else kwok reads the user's own configuration too
            },
            inherited=_INHERITED,
            start_timeout=_START_SECONDS,
        )

    def is_well(self) -> bool:
        running = self.status()
        return running is not None and running.argv == self.argv and self._ready()


def is_healthy(name: str, port: int, tls: ssl.SSLContext) -> bool:
    connection = http.client.HTTPSConnection(LOOPBACK, port, timeout=_ANSWER_SECONDS, context=tls)
    try:
        connection.request("GET", HEALTH[name])
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()

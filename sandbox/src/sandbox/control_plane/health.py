"""Whether the components that run also work."""

import http.client
import ssl
from pathlib import Path

from sandbox.control_plane.components import Component
from sandbox.control_plane.ports import LOOPBACK, Ports

_ANSWER_SECONDS = 3.0


def is_healthy(component: Component, ports: Ports, pki: Path) -> bool:
    """Ask the component's own health endpoint, as kubelets and load balancers do."""
    if component.name == "kube-apiserver":
        return _answers(ports.apiserver, "/readyz", trusting(pki))
    if component.name == "kube-controller-manager":
        return _answers(ports.controller_manager, "/healthz", _blind())
    if component.name == "kube-scheduler":
        return _answers(ports.scheduler, "/healthz", _blind())
    return _answers(ports.etcd if component.name == "etcd" else ports.kwok, _PLAIN[component.name], None)


_PLAIN = {"etcd": "/readyz", "kwok-controller": "/healthz"}


def _answers(port: int, path: str, tls: ssl.SSLContext | None) -> bool:
    if tls:
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            LOOPBACK, port, timeout=_ANSWER_SECONDS, context=tls
        )
    else:
        connection = http.client.HTTPConnection(LOOPBACK, port, timeout=_ANSWER_SECONDS)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def trusting(pki: Path) -> ssl.SSLContext:
    """The cluster's own CA and the administrator's certificate."""
    context = ssl.create_default_context(cafile=pki / "ca.crt")
    context.load_cert_chain(pki / "admin.crt", pki / "admin.key")
    return context


def _blind() -> ssl.SSLContext:
    """Controller manager and scheduler make themselves a certificate at each start; nothing secret is sent to them."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context

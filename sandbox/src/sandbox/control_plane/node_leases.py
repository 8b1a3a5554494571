"""The leases of nodes, by which KWOK's controller knows whose they are."""

import http.client
from pathlib import Path

from sandbox.control_plane.errors import ControlPlaneError
from sandbox.control_plane.health import trusting
from sandbox.control_plane.ports import LOOPBACK, Ports

_LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases"
_ANSWER_SECONDS = 30.0


def forget(ports: Ports, pki: Path) -> None:
    """Delete them all, as the administrator.

    Raises:
        ControlPlaneError: the API server does not do it.

    """
    connection = http.client.HTTPSConnection(LOOPBACK, ports.apiserver, timeout=_ANSWER_SECONDS, context=trusting(pki))
    try:
        connection.request("DELETE", _LEASES)
        answer = connection.getresponse()
        said = answer.read()
    except (OSError, http.client.HTTPException) as error:
        raise ControlPlaneError(f"The leases of the nodes could not be deleted: {error}") from error
    finally:
        connection.close()
    if answer.status != http.HTTPStatus.OK:
        raise ControlPlaneError(f"The leases of the nodes could not be deleted: {said.decode(errors='replace')}")

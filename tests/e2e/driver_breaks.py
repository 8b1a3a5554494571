"""Changes that break csi-driver-smb, its Secret or its nodes, and that a printed fix ends."""

from contextlib import contextmanager

from tests.e2e.live_stack import STATIC, LiveStack
from tests.e2e.stack_breaks import Broken

_CSI_DRIVER = "/apis/storage.k8s.io/v1/csidrivers/smb.csi.k8s.io"
_WINDOWS = ("akswin000000", "akswin000001")


@contextmanager
def driver_attaches(live: LiveStack) -> Broken:
    """Replace the CSIDriver by one with attachRequired, for which nothing attaches volumes."""
    live.delete(_CSI_DRIVER)
    live.create(_CSI_DRIVER, lambda body: body["spec"].update(attachRequired=True))
    yield


@contextmanager
def nodes_tainted(live: LiveStack) -> Broken:
    """Taint the Windows nodes, and recreate the Pod, which tolerates no such taint."""
    taint = {"key": "team", "value": "web", "effect": "NoSchedule"}
    reverts = [live.merge(f"/api/v1/nodes/{node}", {"spec": {"taints": [taint]}}) for node in _WINDOWS]
    live.restart_pod(STATIC)
    yield
    live.await_pod(STATIC)
    for revert in reverts:
        revert()

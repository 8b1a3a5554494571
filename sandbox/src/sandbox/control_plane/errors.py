"""What goes wrong with the control plane."""

from sandbox.errors import SandboxError


class ControlPlaneError(SandboxError):
    """The control plane cannot be started or stopped. The message names the component, its log and the mend."""


class ComponentEndedError(ControlPlaneError):
    """A component ended by itself just after its start. Another try may help: some give up on a slow machine."""


class KwokctlFailedError(ControlPlaneError):
    """kwokctl gave up. Another try may help: it does not wait for an API server that puts it off (429)."""


class PortTakenError(ControlPlaneError):
    """Another program has a port of the control plane's."""

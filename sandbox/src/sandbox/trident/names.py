"""Names that the operator, the backends and the volumes share."""

from typing import Final

PROVISIONER: Final = "csi.trident.netapp.io"
CONTROLLER_APP: Final = "controller.csi.trident.netapp.io"
"""The label `app` of the controller's Pod."""
AZURE_IDENTITY_KEY: Final = "azure.workload.identity/client-id"
"""The annotation of a ServiceAccount with a workload identity."""

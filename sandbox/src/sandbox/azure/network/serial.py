"""One change at a time: a virtual network with all that is in it is changed by one operation after the other."""

from sandbox.azure import api_versions
from sandbox.azure.errors import ArmError
from sandbox.azure.ids import ResourceId
from sandbox.azure.model import Model
from sandbox.azure.operations import Operation


def check_network_idle(model: Model, network_id: ResourceId) -> None:
    if operation := _pending(model, network_id):
        target = model.store.find(operation.target)
        text = (
            "Another operation on this or dependent resource is in progress. To retrieve status of the operation "
            f"use uri: https://management.azure.com/subscriptions/{network_id.subscription}/providers/"
            f"Microsoft.Network/locations/{target.location if target else ''}/operations/{operation.id}"
            f"?api-version={api_versions.NETWORK[-1]}."
        )
        raise ArmError(409, "AnotherOperationInProgress", text)


def operation_on(model: Model, network_id: ResourceId) -> str | None:
    """Return the name of the operation that changes a network: `PutSubnetOperation`, say."""
    operation = _pending(model, network_id)
    if operation is None:
        return None
    kind = ResourceId.parse(operation.target).types[-1]
    known = {"virtualnetworks": "VirtualNetwork", "subnets": "Subnet"}
    return f"{'Delete' if operation.kind == 'delete' else 'Put'}{known.get(kind, 'VirtualNetworkPeering')}Operation"


def _pending(model: Model, network_id: ResourceId) -> Operation | None:
    pending = model.operations.pending()
    return next((each for each in pending if f"{each.target}/".startswith(f"{network_id.key}/")), None)

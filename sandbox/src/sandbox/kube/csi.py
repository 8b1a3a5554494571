"""CSI's calls: the errors that drivers answer with, on nodes and in controllers."""


class RpcError(Exception):
    """A driver's answer other than OK, printed as gRPC's Go library does."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(f"rpc error: code = {code} desc = {description}")
        self.code = code

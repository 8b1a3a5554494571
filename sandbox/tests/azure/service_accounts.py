"""Tokens of a real cluster's service accounts, as a Pod finds them in a projected volume."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from kubernetes import client, config
from kubernetes.client.exceptions import ApiException

AUDIENCE = "api://AzureADTokenExchange"
SUBJECT = "system:serviceaccount:trident:trident-controller"


class ServiceAccounts:
    """The API server that a kubeconfig names."""

    def __init__(self, kubeconfig: Path) -> None:
        self._core = client.CoreV1Api(config.new_client_from_config(str(kubeconfig)))

    def token(self, namespace: str = "trident", name: str = "trident-controller", audience: str = AUDIENCE) -> str:
        """A TokenRequest of a service account, which is made if it is not there."""
        meta = client.V1ObjectMeta(name=name)
        with _unless_it_is_there():
            self._core.create_namespace(client.V1Namespace(metadata=client.V1ObjectMeta(name=namespace)))
        with _unless_it_is_there():
            self._core.create_namespaced_service_account(namespace, client.V1ServiceAccount(metadata=meta))
        request = client.AuthenticationV1TokenRequest(
            spec=client.V1TokenRequestSpec(audiences=[audience], expiration_seconds=600)
        )
        made = self._core.create_namespaced_service_account_token(name, namespace, request)
        assert made.status
        return str(made.status.token)


@contextmanager
def _unless_it_is_there() -> Generator[None]:
    try:
        yield
    except ApiException as error:
        if error.status != 409:
            raise

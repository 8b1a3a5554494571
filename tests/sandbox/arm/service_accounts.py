"""Tokens of a real cluster's service accounts, as a Pod finds them in a projected volume."""

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
        meta = client.V1ObjectMeta
        for create, body in (
            (self._core.create_namespace, (client.V1Namespace(metadata=meta(name=namespace)),)),
            (
                self._core.create_namespaced_service_account,
                (namespace, client.V1ServiceAccount(metadata=meta(name=name))),
            ),
        ):
            try:
                create(*body)
            except ApiException as error:
                if error.status != 409:
                    raise
        request = client.AuthenticationV1TokenRequest(
            spec=client.V1TokenRequestSpec(audiences=[audience], expiration_seconds=600)
        )
        made = self._core.create_namespaced_service_account_token(name, namespace, request)
        return str(made.status.token)

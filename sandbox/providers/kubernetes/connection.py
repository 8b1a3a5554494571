"""A connection to an API server with a kubeconfig's credentials, none of which stay on disk."""

import ssl
import tempfile
from typing import Any, Final

import kubernetes.client
import urllib3
from kubernetes.config.config_exception import ConfigException
from kubernetes.config.kube_config import load_kube_config_from_dict

from sandbox.providers.kubernetes.kubeconfig import Kubeconfig, KubeconfigError

_CONNECTIONS: Final = 64  # as many as the plugin has workers


def connect(kubeconfig: Kubeconfig) -> Any:
    """A client for the kubeconfig's active cluster. Nothing is sent yet."""
    library: Any = kubernetes.client
    configuration = library.Configuration()
    configuration.connection_pool_maxsize = _CONNECTIONS
    # OpenSSL reads keys from files only. These live in a folder of this user's own until the context has read them: a
    # plugin is killed rather than ended, so that nothing would ever remove them later.
    with tempfile.TemporaryDirectory(prefix="kubernetes-") as folder:
        try:
            load_kube_config_from_dict(
                kubeconfig.effective(),
                client_configuration=configuration,
                persist_config=False,
                temp_file_path=folder,
            )
            client = library.ApiClient(configuration)
            if not configuration.proxy:
                client.rest_client.pool_manager = _pool(configuration)
        except (ConfigException, ssl.SSLError, OSError, ValueError) as error:
            if isinstance(error, KubeconfigError):
                raise
            raise KubeconfigError(f"invalid configuration: {error}") from None
    return client


def _pool(configuration: Any) -> urllib3.PoolManager:
    context = ssl.create_default_context(cafile=configuration.ssl_ca_cert or None)
    if not configuration.verify_ssl:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if configuration.cert_file:
        context.load_cert_chain(configuration.cert_file, configuration.key_file)
    named = {"server_hostname": configuration.tls_server_name} if configuration.tls_server_name else {}
    return urllib3.PoolManager(
        ssl_context=context,
        maxsize=_CONNECTIONS,
        retries=False,
        cert_reqs="CERT_REQUIRED" if configuration.verify_ssl else "CERT_NONE",
        **named,
    )

"""`/metadata/endpoints`: where clients that are given a host name find the rest of the cloud.

Its form depends on the API version: one object of a few endpoints (up to 2018, for `az cloud register`), a list of
clouds (2019 to 2021), one cloud (from 2022-09-01, what go-azure-sdk and azure-native read).
"""

from typing import Any, Final

AUDIENCES: Final = ("https://management.core.windows.net/", "https://management.azure.com/")
GRAPH: Final = "https://graph.microsoft.com/"


def endpoints(base: str, version: str) -> Any:
    if version < "2019":
        return {
            "galleryEndpoint": f"{base}/",
            "graphEndpoint": GRAPH,
            "portalEndpoint": f"{base}/",
            "authentication": {"loginEndpoint": f"{base}/", "audiences": list(AUDIENCES)},
        }
    return _cloud(base) if version >= "2022" else [_cloud(base)]


def _cloud(base: str) -> dict[str, Any]:
    """Return the sandbox as a cloud of its own; the names of what it does not have are those of the public cloud."""
    return {
        "name": "AzureCloud",
        "portal": f"{base}/",
        "authentication": {
            "loginEndpoint": f"{base}/",
            "audiences": list(AUDIENCES),
            "tenant": "common",
            "identityProvider": "AAD",
        },
        "resourceManager": f"{base}/",
        "gallery": f"{base}/",
        "graph": GRAPH,
        "graphAudience": GRAPH,
        "microsoftGraphResourceId": f"{base}/",
        "media": "https://rest.media.azure.net",
        "batch": "https://batch.core.windows.net/",
        "sqlManagement": "https://management.core.windows.net:8443/",
        "vmImageAliasDoc": f"{base}/metadata/aliases.json",
        "activeDirectoryDataLake": "https://datalake.azure.net/",
        "appInsightsResourceId": "https://api.applicationinsights.io",
        "appInsightsTelemetryChannelResourceId": "https://dc.applicationinsights.azure.com/v2/track",
        "attestationResourceId": "https://attest.azure.net",
        "synapseAnalyticsResourceId": "https://dev.azuresynapse.net",
        "logAnalyticsResourceId": "https://api.loganalytics.io",
        "ossrDbmsResourceId": "https://ossrdbms-aad.database.windows.net",
        "suffixes": {
            "acrLoginServer": "azurecr.io",
            "attestationEndpoint": "attest.azure.net",
            "azureDataLakeAnalyticsCatalogAndJob": "azuredatalakeanalytics.net",
            "azureDataLakeStoreFileSystem": "azuredatalakestore.net",
            "azureFrontDoorEndpointSuffix": "azurefd.net",
            "keyVaultDns": "vault.azure.net",
            "mariadbServerEndpoint": "mariadb.database.azure.com",
            "mhsmDns": "managedhsm.azure.net",
            "mysqlServerEndpoint": "mysql.database.azure.com",
            "postgresqlServerEndpoint": "postgres.database.azure.com",
            "sqlServerHostname": "database.windows.net",
            "storage": "core.windows.net",
            "storageSyncEndpointSuffix": "afs.azure.net",
            "synapseAnalytics": "dev.azuresynapse.net",
        },
    }

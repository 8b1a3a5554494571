"""Requests about diagnostic settings."""

from typing import Any

from sandbox.azure.errors import ArmError
from sandbox.azure.extension_path import ExtensionPath
from sandbox.azure.http.arm_request import ArmRequest
from sandbox.azure.http.attached_requests import AttachedRequests
from sandbox.azure.insights import diagnostic_settings
from sandbox.azure.insights.diagnostic_settings import DiagnosticSetting
from sandbox.azure.roles.scopes import key
from sandbox.azure.store import Store


class DiagnosticRequests(AttachedRequests[DiagnosticSetting]):
    """Answers requests to Microsoft.Insights/diagnosticSettings."""

    def listed(self, store: Store, scope: str, request: ArmRequest) -> list[DiagnosticSetting]:
        return diagnostic_settings.of_resource(store, scope)

    def put(self, store: Store, path: ExtensionPath, body: dict[str, Any]) -> tuple[DiagnosticSetting, bool]:
        return diagnostic_settings.put(store, path.scope, path.name, body), False

    def find(self, store: Store, path: ExtensionPath) -> DiagnosticSetting | None:
        return diagnostic_settings.find(store, path.scope, path.name)

    def delete(self, store: Store, found: DiagnosticSetting) -> None:
        diagnostic_settings.delete(store, found)

    def missing(self, path: ExtensionPath) -> ArmError:
        resource = key(path.scope).partition("/providers/")[2]
        # Guess: the words for a diagnostic setting that is not there.
        text = f"The diagnostic setting '{path.name}' of the resource '{resource}' doesn't exist."
        return ArmError(404, "ResourceNotFound", text)

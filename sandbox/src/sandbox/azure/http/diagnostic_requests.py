"""Requests about diagnostic settings."""

from typing import Final

from sandbox.azure.errors import ArmError, method_not_supported
from sandbox.azure.extension_path import ExtensionPath
from sandbox.azure.http.arm_request import ArmRequest
from sandbox.azure.http.replies import Reply
from sandbox.azure.insights import diagnostic_settings
from sandbox.azure.model import Model
from sandbox.azure.registry import check_type_version
from sandbox.azure.roles.access import Access
from sandbox.azure.roles.scopes import check_scope, key

_VERBS: Final = {"GET": "read", "PUT": "write", "DELETE": "delete"}


class DiagnosticRequests:
    """Answers requests to Microsoft.Insights/diagnosticSettings."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def handle(self, request: ArmRequest, path: ExtensionPath, access: Access) -> Reply:
        check_type_version(path.type, request.version)
        if request.method not in _VERBS or (request.method != "GET" and not path.name):
            raise method_not_supported(request.method)
        access.check(f"{path.type}/{_VERBS[request.method]}", path.scope)
        check_scope(self._model, path.scope)
        store = self._model.store
        if not path.name:
            return Reply(200, {"value": [each.shown() for each in diagnostic_settings.of_resource(store, path.scope)]})
        with store.transaction():
            if request.method == "PUT":
                setting = diagnostic_settings.put(store, path.scope, path.name, request.content())
                return Reply(200, setting.shown())
            setting = diagnostic_settings.find(store, path.scope, path.name)
            if request.method == "DELETE":
                if setting is None:
                    return Reply(204)
                diagnostic_settings.delete(store, setting)
                return Reply(200)
            if setting is None:
                resource = key(path.scope).partition("/providers/")[2]
                text = f"The diagnostic setting '{path.name}' of the resource '{resource}' doesn't exist."
                # Guess: the words for a diagnostic setting that is not there.
                raise ArmError(404, "ResourceNotFound", text)
            return Reply(200, setting.shown())

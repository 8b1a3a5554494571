"""Errors of Azure's clients for Python, worded as the clients for Go word them, in which Trident is written.

Sources: azcore's ResponseError.Error and azidentity's AuthenticationFailedError.Error (Azure/azure-sdk-for-go).
"""

import json
import re
from typing import Any, Final

from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError

_RULE: Final = "-" * 80
_TROUBLE: Final = "https://aka.ms/azsdk/go/identity/troubleshoot#"
_ENTRA: Final = re.compile(r"AADSTS\d+: ")


def response_text(error: AzureError) -> str:
    response: Any = getattr(error, "response", None)
    if not isinstance(error, HttpResponseError) or response is None:
        return str(error.message)
    try:
        body = json.loads(response.text())
        shown = json.dumps(body, indent=2, ensure_ascii=False)
        code = str(body["error"]["code"]) if isinstance(body.get("error"), dict) else ""
    except (ValueError, KeyError, TypeError, AttributeError):
        shown, code = "Response contained no body", ""
    request: Any = response.request
    return _block(
        f"{request.method} {str(request.url).partition('?')[0]}",
        f"RESPONSE {response.status_code}: {response.status_code} {response.reason}",
        f"ERROR CODE: {code}" if code else "ERROR CODE UNAVAILABLE",
        shown,
    )


def login_text(error: AzureError, credential: str, section: str, request: str) -> str:
    """Return a refusal of the token endpoint; `credential` as in Go, `section` of its troubleshooting page."""
    said = str(error.message)
    if isinstance(error, ClientAuthenticationError) and _ENTRA.search(said):
        description = said.removeprefix("Authentication failed: ")
        body = json.dumps({"error_description": description}, indent=2)
        block = _block(request, "RESPONSE 401: 401 Unauthorized", "", body)
        return f"{credential} authentication failed. \n{block}To troubleshoot, visit {_TROUBLE}{section}"
    return f"{credential} authentication failed. {said}"


def _block(request: str, response: str, code: str, body: str) -> str:
    lines = (request, _RULE, response, *([code] if code else []), _RULE, body, _RULE)
    return "\n".join(lines) + "\n"

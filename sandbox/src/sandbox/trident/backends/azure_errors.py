"""Errors of Azure's clients for Python, worded as the clients for Go word them, in which Trident is written.

Sources: azcore's ResponseError.Error and azidentity's AuthenticationFailedError.Error (Azure/azure-sdk-for-go).
"""

import json
from typing import Any, Final

from azure.core.exceptions import AzureError, HttpResponseError

_RULE: Final = "-" * 80
_TROUBLE: Final = "https://aka.ms/azsdk/go/identity/troubleshoot#"


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


class LastRefusal:
    """The last answer to a credential that was a refusal. Azure's credentials for Python do not all show theirs."""

    def __init__(self) -> None:
        self.response: Any = None

    def note(self, answer: Any) -> None:
        """Remember an answer; a hook of the credential's pipeline."""
        if answer.http_response.status_code >= 400:
            self.response = answer.http_response


def login_text(error: AzureError, refusal: LastRefusal, credential: str, section: str) -> str:
    """Return a refusal of the token endpoint; `credential` as in Go, `section` of its troubleshooting page."""
    response = refusal.response
    if response is None:
        return f"{credential}: {error.message}"
    try:
        body = json.dumps(json.loads(response.text()), indent=2, ensure_ascii=False)
    except ValueError:
        body = str(response.text()) or "Response contained no body"
    address = str(response.request.url).partition("?")[0]
    status = f"RESPONSE {response.status_code}: {response.status_code} {response.reason}"
    block = _block(f"{response.request.method} {address}", status, "", body)
    return f"{credential} authentication failed. \n{block}To troubleshoot, visit {_TROUBLE}{section}"


def _block(request: str, response: str, code: str, body: str) -> str:
    lines = (request, _RULE, response, *([code] if code else []), _RULE, body, _RULE)
    return "\n".join(lines) + "\n"

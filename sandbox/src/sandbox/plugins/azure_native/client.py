"""HTTP to Azure Resource Manager: retries as the genuine plugin has them, and errors in its words."""

import email.utils
import json
import random
import time
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import httpx

from sandbox.plugins.azure_native import VERSION
from sandbox.plugins.azure_native.identity import Identity
from sandbox.plugins.azure_native.operation import CloudError, Operation
from sandbox.plugins.azure_native.settings import Cloud, Settings, trust

_RETRIES: Final = 3
_FIRST_DELAY: Final = 20.0
_LONGEST_DELAY: Final = 120.0
_RETRIED: Final = frozenset({408, 429, 500, 502, 503, 504})
_CONNECT_SECONDS: Final = 10.0
_ANSWER_SECONDS: Final = 120.0

Query = Mapping[str, str]


class RefusedError(CloudError):
    """Azure's refusal."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.is_not_found = status == 404


def error_of(response: httpx.Response) -> RefusedError:
    """The refusal in a response. That of a failed asynchronous operation comes with status 200."""
    payload, status, code = _json(response), response.status_code, error_code(response)
    if payload is None:  # no JSON: shown as it came
        line = "-" * 80
        message = (
            f"{response.request.method} {response.request.url.copy_with(query=None)}\n{line}\n"
            f"RESPONSE {status}: {status} {response.reason_phrase}\n"
            f"{f'ERROR CODE: {code}' if code else 'ERROR CODE UNAVAILABLE'}\n{line}\n"
            f"{response.text or 'Response contained no body'}\n{line}\n"
        )
        return RefusedError(status, message)
    inner = payload.get("error") if isinstance(payload, dict) else None
    message = inner.get("message", response.text) if isinstance(inner, dict) else response.text
    named = f' Code="{code}"' if code else ""
    return RefusedError(status, f'Status={status}{named} Message="{message}"')


def error_code(response: httpx.Response) -> str:
    if code := response.headers.get("x-ms-error-code", ""):
        return code
    payload = _json(response)
    if not isinstance(payload, dict):
        return ""
    inner = payload.get("error")
    return str((inner if isinstance(inner, dict) else payload).get("code") or "")


def body_of(response: httpx.Response) -> dict[str, Any]:
    if not response.content.strip():
        return {}
    payload = _json(response)
    if not isinstance(payload, dict):
        status = f"{response.status_code} {response.reason_phrase}"
        raise CloudError(f"unexpected response from Azure: '{response.text}', HTTP status: {status}")
    return payload


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None


def retry_after(response: httpx.Response) -> float:
    for header in ("retry-after-ms", "x-ms-retry-after-ms"):
        if response.headers.get(header, "").isdecimal():
            return int(response.headers[header]) / 1000
    value = response.headers.get("retry-after", "")
    if value.isdecimal():
        return float(value)
    date = email.utils.parsedate_tz(value)
    return max(0.0, email.utils.mktime_tz(date) - time.time()) if date else 0.0


class ArmClient:
    """Requests to one cloud's Resource Manager as one client. Safe to use from several threads."""

    def __init__(self, settings: Settings, cloud: Cloud, identity: Identity) -> None:
        self.endpoint = cloud.resource_manager
        self._audience = cloud.audience
        self._identity = identity
        self._http = httpx.Client(verify=trust(settings), follow_redirects=False)

    def get(self, operation: Operation, resource_id: str, query: Query) -> dict[str, Any]:
        response = self.request(operation, "GET", resource_id, query)
        if response.status_code != 200:
            raise error_of(response)
        return body_of(response)

    def post(self, operation: Operation, path: str, query: Query) -> Any:
        response = self.request(operation, "POST", path, query, {})
        if response.status_code not in (200, 201):
            raise error_of(response)
        return body_of(response)

    def require_absent(self, operation: Operation, resource_id: str, query: Query) -> None:
        """Raise CloudError if the resource exists: a creation must not overwrite someone else's resource."""
        response = self.request(operation, "GET", resource_id, query)
        match response.status_code:
            case 404 | 204:
                return
            case 200:
                # Some services answer for what does not exist with an empty body.
                if isinstance(found := _json(response), dict) and found:
                    raise CloudError(f"cannot create already existing resource '{resource_id}'")
            case status:
                why = f"status code {status}, {response.text}"
                raise CloudError(f"cannot check existence of resource '{resource_id}': {why}")

    def request(
        self, operation: Operation, method: str, path: str, query: Query, body: Mapping[str, Any] | None = None
    ) -> httpx.Response:
        url = f"{self.endpoint}/{path.lstrip('/')}?{urlencode(query)}"
        return self.send(operation, method, url, body)

    def send(
        self, operation: Operation, method: str, url: str, body: Mapping[str, Any] | None = None
    ) -> httpx.Response:
        """Send a request, again after a while when Azure is busy or does not answer. Raises CloudError."""
        content = json.dumps(body).encode() if body is not None else None
        attempt = 1
        while True:
            operation.check()
            try:
                response = self._http.request(
                    method,
                    url,
                    content=content,
                    headers=self._headers(content is not None),
                    timeout=httpx.Timeout(
                        max(0.1, min(_ANSWER_SECONDS, operation.remaining)), connect=_CONNECT_SECONDS
                    ),
                )
            except httpx.TransportError as error:
                if attempt > _RETRIES:
                    where = urlsplit(url)._replace(query="").geturl()
                    raise CloudError(f'{method} "{where}": {error or type(error).__name__}') from error
                operation.wait(_backoff(attempt))
            else:
                asked = retry_after(response)
                if attempt > _RETRIES or asked > _LONGEST_DELAY or not _is_retried(response):
                    return response
                operation.wait(asked or _backoff(attempt))
            attempt += 1

    def _headers(self, has_body: bool) -> dict[str, str]:
        headers = {
            "Accept": "application/json",
            "User-Agent": f"pulumi-azure-native/{VERSION}",
            "Authorization": f"Bearer {self._identity.token(self._audience)}",
        }
        return {**headers, "Content-Type": "application/json; charset=utf-8"} if has_body else headers


def _is_retried(response: httpx.Response) -> bool:
    """Busy, broken or timed out; a conflict only where Azure says that another operation is at work."""
    if response.status_code == 409:
        return error_code(response) == "AnotherOperationInProgress"
    return response.status_code in _RETRIED


def _backoff(attempt: int) -> float:
    jitter = 0.8 + random.random() * 0.5  # noqa: S311  not for cryptography
    return min(_FIRST_DELAY * (2**attempt - 1) * jitter, _LONGEST_DELAY)

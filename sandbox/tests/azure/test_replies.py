"""Answers as they are written."""

from starlette.requests import Request

from sandbox.azure.http.replies import Reply, response


def test_an_answer_shows_an_integer_of_any_size() -> None:
    request = Request({"type": "http", "method": "GET", "headers": []})
    assert response(Reply(200, {"size": 10**30, "name": "Größe"}), request).body == (
        f'{{"size":{10**30},"name":"Größe"}}'.encode()
    )

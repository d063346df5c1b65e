"""What goes up to the service, and what comes down."""

from __future__ import annotations

import asyncio
import json
from http.cookies import SimpleCookie

import pytest

from .conftest import TOKEN, error_of
from .stand_in_service import Exchange

ID = "0a4f9c1b-7d0e-4a7e-8d0a-018f2b6e2d3e"


@pytest.fixture
def extension_config(service, tmp_path):
    token_file = tmp_path / "token"
    token_file.write_text(f"{TOKEN}\n")
    return {"service_url": service.url, "token_file": str(token_file), "service_largest_body": 1000}


async def test_a_request_goes_up_as_the_pi(get, service):
    service.answer = lambda exchange: exchange.reply(200, {"grants": []})
    answer = await get("service/grants")
    assert json.loads(answer.body) == {"grants": []}
    (received,) = service.received
    assert (received.method, received.target) == ("GET", "/epo-export/v1/grants")
    assert received.headers["authorization"] == f"Bearer {TOKEN}"


async def test_only_the_listed_headers_go_up(get, service):
    sent = {
        "Idempotency-Key": "a-key-of-mine",
        "Content-Type": "application/json",
        "Accept": "application/json",
        "Cookie": "_xsrf=2|secret; username-localhost=secret",
        "X-Auth-Request-User": "mallory",
        "X-Forwarded-For": "10.0.0.1",
        "X-XSRFToken": "secret",
        "Referer": "https://alien.nb.data.example/lab?token=secret",
    }
    await get("service/exports", method="POST", body='{"subject_set": "é"}', headers=sent)
    (received,) = service.received
    assert received.body == '{"subject_set": "é"}'.encode()
    assert received.headers == {
        "host": received.headers["host"],
        "accept": "application/json",
        "accept-encoding": "identity",
        "authorization": f"Bearer {TOKEN}",
        "connection": "keep-alive",
        "content-length": "21",
        "content-type": "application/json",
        "idempotency-key": "a-key-of-mine",
        "user-agent": "rsp-epo-export-lab",
    }


async def test_only_query_parameters_of_the_contract_go_up(get, service, extension):
    login = extension.serverapp.identity_provider.token
    await get("service/exports", limit="5", cursor="a&b=c/é", token=login, no_track_activity="1", _="1732290000")
    (received,) = service.received
    assert received.target == "/epo-export/v1/exports?limit=5&cursor=a%26b%3Dc%2F%C3%A9"


async def test_a_delete_goes_up_without_a_body(get, service):
    await get(f"service/grants/{ID}", method="DELETE")
    (received,) = service.received
    assert (received.method, received.target) == ("DELETE", f"/epo-export/v1/grants/{ID}")
    assert received.body == b""


async def test_what_has_no_body_goes_up_without_a_content_type(get, service):
    sent = {"Content-Type": "application/json"}  # as JupyterLab's makeRequest does
    await get(f"service/exports/{ID}/cancel", method="POST", body="", headers=sent)
    await get(f"service/grants/{ID}", method="DELETE", headers=sent)
    assert [received.headers.get("content-type") for received in service.received] == [None, None]


async def test_only_the_listed_headers_come_down(get, service):
    service.answer = lambda exchange: exchange.reply(
        202,
        {"id": ID},
        location=f"/epo-export/v1/exports/{ID}",
        etag='"7"',
        x_ratelimit_remaining="9",
        set_cookie="gafaelfawr=secret",
        x_auth_request_token="secret",
        access_control_allow_origin="https://elsewhere.example",
        content_security_policy="default-src *",
        refresh="0;url=https://elsewhere.example",
    )
    answer = await get("service/exports", method="POST", body="{}")
    assert answer.code == 202
    assert answer.headers["Location"] == f"/a%40b/rsp-epo-export/service/exports/{ID}"
    assert answer.headers["Etag"] == '"7"'
    assert answer.headers["X-Ratelimit-Remaining"] == "9"
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    told = str(answer.headers)
    assert "secret" not in told
    assert "elsewhere" not in told
    assert "default-src *" not in answer.headers["Content-Security-Policy"]


async def test_a_location_elsewhere_does_not_come_down(get, service):
    for location in (
        "https://elsewhere.example/x",
        "//elsewhere.example",
        "/login",
        "/epo-export/v1/../../api",
        "/epo-export/v1/exports/%2e%2e",
        "x",
    ):
        service.answer = lambda exchange, location=location: exchange.reply(202, {"id": ID}, location=location)
        answer = await get("service/exports", method="POST", body="{}")
        assert answer.code == 202
        assert "Location" not in answer.headers


async def test_a_location_with_the_services_origin_comes_down_as_the_labs(get, service):
    location = f"{service.url}/epo-export/v1/exports/{ID}"
    service.answer = lambda exchange: exchange.reply(202, {"id": ID}, location=location)
    answer = await get("service/exports", method="POST", body="{}")
    assert answer.headers["Location"] == f"/a%40b/rsp-epo-export/service/exports/{ID}"


async def test_a_download_keeps_its_type_and_name(get, service):
    service.answer = lambda exchange: exchange.reply(
        200, b"id,state\n1,PUBLISHED\n", content_type="text/csv; charset=utf-8", content_disposition="attachment"
    )
    answer = await get(f"service/exports/{ID}/items.csv")
    assert answer.body == b"id,state\n1,PUBLISHED\n"
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == "attachment"


async def test_an_answer_comes_down_while_it_is_being_made(service, raw_request):
    go_on = asyncio.Event()
    loop = asyncio.get_running_loop()

    def piece_by_piece(exchange: Exchange) -> None:
        exchange.send_response(200)
        exchange.send_header("content-type", "text/csv")
        exchange.send_header("content-length", "12")
        exchange.end_headers()
        exchange.wfile.write(b"first\n")
        asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result(30)
        exchange.wfile.write(b"second")

    service.answer = piece_by_piece
    reader, writer = await raw_request("GET", f"rsp-epo-export/service/exports/{ID}/items.csv")
    assert await asyncio.wait_for(reader.readuntil(b"first\n"), 30)
    go_on.set()
    assert await asyncio.wait_for(reader.readuntil(b"second"), 30)
    writer.close()


async def test_a_large_answer_comes_whole(get, service):
    table = b"0123456789abcde\n" * (2 * 1024 * 1024)
    service.answer = lambda exchange: exchange.reply(200, table, content_type="text/csv")
    answer = await get(f"service/exports/{ID}/items.csv")
    assert answer.body == table


async def test_an_answer_that_breaks_off_does_not_look_whole(service, raw_request):
    def break_off(exchange: Exchange) -> None:
        exchange.send_response(200)
        exchange.send_header("content-type", "text/csv")
        exchange.send_header("content-length", "1000")
        exchange.end_headers()
        exchange.wfile.write(b"half\n")
        exchange.close_connection = True

    service.answer = break_off
    reader, writer = await raw_request("GET", f"rsp-epo-export/service/exports/{ID}/items.csv")
    answer = await asyncio.wait_for(reader.read(), 30)
    assert b"Transfer-Encoding: chunked" in answer
    assert b"half\n" in answer
    # The last chunk, of length nought, is what says that all was sent.
    assert not answer.endswith(b"0\r\n\r\n")
    writer.close()


async def test_a_browser_that_leaves_ends_the_request_to_the_service(service, raw_request):
    def wait(exchange: Exchange) -> None:
        service.arrived.set()
        exchange.wait_until_left()

    service.answer = wait
    _, writer = await raw_request("GET", "rsp-epo-export/service/me")
    assert await asyncio.to_thread(service.arrived.wait, 30)
    writer.close()
    assert await asyncio.to_thread(service.left.wait, 30)


async def test_a_browser_that_leaves_a_download_ends_it_at_the_service(service, raw_request, caplog):
    def begin(exchange: Exchange) -> None:
        exchange.send_response(200)
        exchange.send_header("content-type", "text/csv")
        exchange.send_header("content-length", str(100 * 1024 * 1024))
        exchange.end_headers()
        exchange.wfile.write(b"half\n")
        try:
            while True:
                exchange.wfile.write(bytes(64 * 1024))
        except OSError:
            service.left.set()
        exchange.close_connection = True

    service.answer = begin
    reader, writer = await raw_request("GET", f"rsp-epo-export/service/exports/{ID}/items.csv")
    await asyncio.wait_for(reader.readuntil(b"half\n"), 30)
    writer.close()
    assert await asyncio.to_thread(service.left.wait, 30)
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_a_large_body_is_not_sent(get, service):
    answer = await get("service/exports", method="POST", body="x" * 1001)
    assert error_of(answer) == (413, "too_large")
    assert service.received == []


NOWHERE = [
    "rsp-epo-export/service/",
    "rsp-epo-export/service/nothing",
    "rsp-epo-export/service/me/",
    "rsp-epo-export/service//me",
    "rsp-epo-export/service/./me",
    "rsp-epo-export/service/exports/../me",
    "rsp-epo-export/service/exports/..%2fme",
    "rsp-epo-export/service/exports/%2e%2e/me",
    "rsp-epo-export/service/%6de",
    "rsp-epo-export/service/me%00",
    "rsp-epo-export/service/me%2f",
    "rsp-epo-export/service/me;x=1",
    "rsp-epo-export/service/ME",
    "rsp-epo-export/service/me%0a",
    "rsp-epo-export/service/exports/not-a-uuid",
    f"rsp-epo-export/service/exports/{ID}/../../../../auth/api/v1/user-info",
    f"rsp-epo-export/service/exports/{ID}%2f..%2f..%2fgrants",
    f"rsp-epo-export/service/exports/{ID}x",
    "rsp-epo-export/service/me\\..\\x",
    "rsp-epo-export/service/https://elsewhere.example/epo-export/v1/me",
    "rsp-epo-export/service/@elsewhere.example/me",
]


async def test_a_path_that_is_not_the_contracts_goes_nowhere(service, raw_request):
    told = {}
    for path in NOWHERE:
        reader, writer = await raw_request("GET", path, "Connection: close\r\n")
        answer = await asyncio.wait_for(reader.read(), 30)
        told[path] = answer.partition(b"\r\n")[0], b'"type": "not_forwarded"' in answer
        writer.close()
    assert told == {path: (b"HTTP/1.1 404 Not Found", True) for path in NOWHERE}
    assert service.received == []


async def test_a_method_that_is_not_the_contracts_goes_nowhere(get, service):
    for method, path in (
        ("DELETE", "me"),
        ("POST", "me"),
        ("PUT", "grants"),
        ("PATCH", "exports"),
        ("GET", "exports/preflight"),
    ):
        body = "{}" if method in ("POST", "PUT", "PATCH") else None
        answer = await get(f"service/{path}", method=method, body=body)
        assert error_of(answer) == (405, "not_forwarded")
    assert service.received == []


def cookie(cookies: SimpleCookie) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{name}={morsel.coded_value}" for name, morsel in cookies.items())}


class TestBrowser:
    """A browser is logged in by its cookie."""

    @pytest.fixture
    def cookies(self, extension, http_server_client, jp_asyncio_loop, jp_base_url):
        """The cookies of who opened the lab's login page, and again with the token in its address."""
        cookies = SimpleCookie()
        for query in ("", f"?token={extension.serverapp.identity_provider.token}"):
            fetch = http_server_client.fetch(
                f"{jp_base_url}login{query}", headers=cookie(cookies), follow_redirects=False, raise_error=False
            )
            for header in jp_asyncio_loop.run_until_complete(fetch).headers.get_list("Set-Cookie"):
                cookies.load(header)
        return cookies

    async def test_a_change_needs_the_xsrf_header(self, service, get, cookies):
        logged_in = {"Authorization": "", **cookie(cookies)}
        answer = await get("service/exports", method="POST", body="{}", headers=dict(logged_in))
        assert error_of(answer) == (403, "not_authenticated")
        assert service.received == []
        with_header = {**logged_in, "X-XSRFToken": cookies["_xsrf"].value}
        assert (await get("service/exports", method="POST", body="{}", headers=with_header)).code == 200
        assert (await get("service/me", headers=dict(logged_in))).code == 200

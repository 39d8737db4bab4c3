"""A page of another origin on the same machine: it can neither read nor change anything, even if it knew the key."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingTCPServer
from typing import Any
from urllib.parse import quote

from browsers import Serve, Visit, launched
from desks import photo, plan_of, planned
from playwright.sync_api import Browser, Playwright

from kerchief import Tools

#: Tries everything that a page can; tells what it could read, and what it was that got through.
PAGE = Path(__file__).with_name("hostile.html")


class Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(PAGE.read_bytes())

    def log_message(self, *_: Any) -> None:
        """Quietly."""


@contextmanager
def elsewhere() -> Iterator[str]:
    """Another server on this machine, with the hostile page."""
    with ThreadingTCPServer(("127.0.0.1", 0), Page) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_another_origin_reads_and_writes_nothing(
    browser: Browser, serve: Serve, visit: Visit, tools: Tools, tmp_path: Path
) -> None:
    path = planned(photo(tmp_path / "one.png"), tools)
    review = serve(path)
    desk = visit(review).enter().open(0)
    desk.settle()
    before, files = plan_of(path).read_bytes(), desk.ask("/files").json()
    view = desk.view()
    edit = {"revision": view["revision"], "edit": {"type": "remove", "track": view["tracks"][0]["id"]}}
    key = desk.page.evaluate("sessionStorage.getItem('kerchief-key')")
    aim = json.dumps({"address": review.address, "key": key, "edit": edit})
    tried: list[str] = []
    answers: list[int] = []
    with elsewhere() as address, browser.new_context() as context:
        context.on("request", lambda sent: sent.url.startswith(review.address) and tried.append(sent.method))
        context.on("response", lambda got: got.url.startswith(review.address) and answers.append(got.status))
        page = context.new_page()
        page.goto(f"{address}/#{quote(aim)}")
        page.wait_for_function("window.outcome")
        outcome = page.evaluate("window.outcome")
        page.wait_for_timeout(500)
        reached = [status for status in answers if status < 400]
        # A window that it opens shows a page without anybody's files, and lets go of who opened it.
        with context.expect_page() as opened:
            page.evaluate(f"window.mine = window.open({review.address + '/'!r})")
        opened.value.wait_for_selector(".brand")
        assert path.name not in opened.value.content()
        page.wait_for_function("window.mine.closed")
    assert outcome["read"] == []
    assert outcome["told"] == [name for name in outcome["told"] if "no-cors" in name], "an answer reached the page"
    assert tried.count("GET") > 30
    assert tried.count("POST") > 30
    assert reached == []
    assert plan_of(path).read_bytes() == before
    assert desk.ask("/files").json() == files
    assert desk.view() == view
    assert not (tmp_path / "redacted").exists()


def test_a_name_that_leads_here_is_refused(
    playwright_driver: Playwright, serve: Serve, visit: Visit, tools: Tools, tmp_path: Path
) -> None:
    review = serve(planned(photo(tmp_path / "one.png"), tools))
    rebound = launched(playwright_driver, "--host-resolver-rules=MAP evil.example 127.0.0.1")
    page = rebound.new_page()
    for path in ("/", "/page/main.js", "/api/files"):
        answer = page.goto(f"http://evil.example:{review.port}{path}")
        assert answer is not None
        assert answer.status == 403
        assert "not the address of this server" in answer.text()
    rebound.close()
    desk = visit(review).enter()
    assert desk.ask("/files").ok
    for host in ("evil.example", f"localhost:{review.port + 1}", "127.0.0.1"):
        answer = desk.page.context.request.get(f"{review.address}/", headers={"Host": host})
        assert answer.status == 403, host

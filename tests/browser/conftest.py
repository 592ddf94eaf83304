"""A real browser against a real server. Nothing may leave this machine, and no page may complain in its console."""

import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

from migrations.runner import migrate_sqlite
from tests.support.banks import question
from tests.support.live import LiveServer, live_server
from trivia.settings import Settings

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
# What a browser itself writes about an answer that is no 2xx; pages are expected to meet some.
REFUSED = "Failed to load resource"

OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    directory = tmp_path_factory.mktemp("browser")
    path = directory / "trivia.sqlite"
    migrate_sqlite(str(path))
    settings = Settings(database_url=f"sqlite:///{path}", data_dir=str(directory), auto_generation=False)
    with live_server(settings) as server:
        server.fill(
            *[question(number) for number in range(100)],
            *[question(number, topic="Rare", ages=(8, 12)) for number in (1_001, 1_002)],
        )
        yield server


# For a module and no longer: Playwright keeps an event loop running, beside which no test could run one of its own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.fail(
            f"No browser: none of {', '.join(BROWSERS)} is installed (`apt-get install chromium`).", pytrace=False
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


class Watch:
    """Notes what a page should not have done."""

    def __init__(self, home: str) -> None:
        self._home = home
        self.complaints: list[str] = []

    def over(self, page: Page) -> None:
        page.on("request", self._request)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))

    def _request(self, request: Request) -> None:
        if not request.url.startswith((f"{self._home}/", "data:", "blob:")):
            self.complaints.append(f"a request to {request.url}")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and REFUSED not in message.text:
            self.complaints.append(f"{message.type}: {message.text}")


@pytest.fixture
def watch(server: LiveServer) -> Iterator[Watch]:
    watch = Watch(server.url)
    yield watch
    assert watch.complaints == []


@pytest.fixture
def open_page(server: LiveServer, browser: Browser, watch: Watch) -> Iterator[OpenPage]:
    """`open_page("/play", viewport=...)`: a page in a browser profile of its own."""
    contexts: list[BrowserContext] = []

    def open_page(path: str, **options: object) -> Page:
        context = browser.new_context(base_url=server.url, **options)  # type: ignore[arg-type] # passed on as they are
        contexts.append(context)
        context.set_default_timeout(15_000)
        page = context.new_page()
        watch.over(page)
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()

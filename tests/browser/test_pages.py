import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.contract.support.routes import API
from tests.support.live import LiveServer


def test_the_first_page_says_how_the_service_is_and_leads_to_the_others(
    open_page: OpenPage, server: LiveServer
) -> None:
    page = open_page("/")
    expect(page.get_by_role("status")).to_have_text("The service is ready.")
    expect(page.locator("pre")).to_contain_text(f"curl -s {server.url}/questions")
    for name, title in [("Play", "Play"), ("API", "API"), ("Problems", "Problems"), ("Trivia", "Trivia")]:
        page.get_by_role("banner").get_by_role("link", name=name).click()
        expect(page).to_have_title(f"{title} · Trivia" if title != "Trivia" else title)
        expect(page.get_by_role("banner").get_by_role("link", name=name)).to_have_attribute("aria-current", "page")


def test_the_first_page_says_when_the_service_is_not_ready(open_page: OpenPage, server: LiveServer) -> None:
    server.services.readiness.draining = True
    try:
        expect(open_page("/").get_by_role("status")).to_have_text("The service is shutting down.")
    finally:
        server.services.readiness.draining = False


def test_the_documentation_shows_every_operation(open_page: OpenPage) -> None:
    page = open_page("/api/docs")
    expect(page.locator(".opblock")).to_have_count(len(API))
    shown = {
        (
            block.locator(".opblock-summary-method").inner_text(),
            block.locator(".opblock-summary-path").inner_text().replace("\u200b", ""),
        )
        for block in page.locator(".opblock").all()
    }
    assert shown == {(route.method, route.template) for route in API}
    expect(page.locator(".errors-wrapper")).to_have_count(0)


def test_an_operation_can_be_tried_from_the_documentation(open_page: OpenPage) -> None:
    page = open_page("/api/docs")
    block = page.locator("#operations-Accounts-joinAsGuest")
    block.locator(".opblock-summary-control").click()
    block.locator("textarea").fill('{"nickname": "Ada"}')
    block.get_by_role("button", name="Execute").click()
    expect(block.locator(".live-responses-table .response .response-col_status")).to_contain_text("201")


@pytest.mark.parametrize("width", [360, 1280])
def test_the_documentation_fits_its_window(open_page: OpenPage, width: int) -> None:
    page = open_page("/api/docs", viewport={"width": width, "height": 700}, color_scheme="dark")
    expect(page.locator(".opblock").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_keyboard_can_skip_to_the_content(open_page: OpenPage) -> None:
    page = open_page("/problems")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")

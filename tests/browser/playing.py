"""What players do on the page."""

from uuid import uuid4

from playwright.sync_api import Locator, Page, expect

PASSWORD = "correct horse battery staple"


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def join_as_guest(page: Page, nickname: str = "Ada") -> None:
    page.get_by_label("Nickname").fill(nickname)
    page.get_by_role("button", name="Play", exact=True).click()
    heading(page, "What shall it be about?")


def register(page: Page) -> str:
    """The new account's e-mail address."""
    email = f"{uuid4()}@example.org"
    page.get_by_role("button", name="Register").first.click()
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("form").get_by_role("button", name="Register").click()
    heading(page, "What shall it be about?")
    return email


def begin(page: Page) -> None:
    page.get_by_role("button", name="Start").click()
    expect(page.locator(".option")).to_have_count(4)


def prompt(page: Page) -> str:
    return page.get_by_role("heading", level=1).inner_text()


def right_answer(page: Page) -> str:
    """What the bank of these tests holds for right."""
    factor = int(prompt(page).split(" ")[2])
    return str(factor * factor)


def option(page: Page, text: str) -> Locator:
    return page.locator(".option .text").get_by_text(text, exact=True)


def choose(page: Page, answer: str) -> None:
    option(page, answer).click()
    expect(page.locator(".verdict strong")).to_be_visible()


def go_on(page: Page) -> None:
    before = prompt(page)
    page.get_by_role("button", name="Next question").click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text(before)


def figure(page: Page, name: str) -> str:
    return page.locator(".figures div").filter(has_text=name).locator("dd").inner_text()

import re

import pytest
from msgspec.structs import replace
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import OpenPage
from tests.browser.playing import (
    PASSWORD,
    begin,
    choose,
    figure,
    go_on,
    heading,
    join_as_guest,
    option,
    prompt,
    register,
    right_answer,
)
from tests.support.banks import question
from tests.support.live import LiveServer


def test_a_guest_plays_ten_questions_and_none_comes_twice(open_page: OpenPage) -> None:
    page = open_page("/play")
    join_as_guest(page)
    begin(page)
    seen = []
    for number in range(10):
        seen.append(prompt(page))
        choose(page, right_answer(page))
        expect(page.locator(".verdict strong")).to_have_text("Right.")
        expect(page.locator(".figures div").filter(has_text="Answered").locator("dd")).to_have_text(str(number + 1))
        if number < 9:
            go_on(page)
    assert len(set(seen)) == 10
    assert (figure(page, "Right"), figure(page, "Streak"), figure(page, "Best")) == ("100 %", "10", "10")


def test_a_wrong_answer_is_shown_with_the_right_one_and_why(open_page: OpenPage) -> None:
    page = open_page("/play")
    join_as_guest(page)
    begin(page)
    right = right_answer(page)
    choose(page, "none of these")
    expect(page.locator(".verdict strong")).to_have_text(f"Wrong. It is: {right}")
    expect(page.locator(".verdict p")).to_contain_text(f"is {right}.")
    expect(page.locator(".option.right .text")).to_have_text(right)
    expect(page.locator(".option.wrong .text")).to_have_text("none of these")
    expect(page.locator("#live")).to_contain_text(f"Wrong. It is: {right}")
    for button in page.locator(".option").all():
        expect(button).to_be_disabled()
    expect(page.get_by_role("button", name="Next question")).to_be_focused()


def test_a_player_says_what_is_wrong_with_a_question_and_goes_on(open_page: OpenPage, server: LiveServer) -> None:
    page = open_page("/play")
    join_as_guest(page)
    begin(page)
    choose(page, right_answer(page))
    page.get_by_role("button", name="Report this question").click()
    page.get_by_role("button", name="Report", exact=True).click()
    expect(page.locator(".fault")).to_have_text("must not be empty")
    page.get_by_label("What is wrong with it?").fill("Two options are right.")
    page.get_by_label("What is wrong with it?").press("Enter")
    expect(page.locator(".verdict .hint")).to_contain_text("Thank you")
    assert server.run(server.services.log.read(types=["QuestionReported"]))
    go_on(page)


def test_the_history_is_there_after_signing_out_and_in_again(open_page: OpenPage) -> None:
    page = open_page("/play")
    email = register(page)
    begin(page)
    first = prompt(page)
    choose(page, right_answer(page))
    page.get_by_role("button", name="Sign out").click()
    heading(page, "Who is playing?")
    assert page.evaluate("sessionStorage.length") == 0
    page.get_by_role("button", name="Sign in").first.click()
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("form").get_by_role("button", name="Sign in").click()
    heading(page, "What shall it be about?")
    assert figure(page, "Answered") == "1"
    page.get_by_role("button", name="History").click()
    heading(page, "Your history")
    expect(page.locator(".told li")).to_have_count(2)
    expect(page.locator(".told li").first).to_contain_text(first)
    expect(page.locator(".told li").first).to_contain_text("Right: ")
    page.get_by_role("button", name="Back to the questions").click()
    heading(page, "What shall it be about?")


def test_everything_that_is_wrong_with_a_form_is_said_at_its_field(open_page: OpenPage) -> None:
    page = open_page("/play")
    page.get_by_role("button", name="Register").first.click()
    page.get_by_label("E-mail").fill("nobody")
    page.get_by_label("Password").fill("short")
    page.locator("form").get_by_role("button", name="Register").click()
    email, password = page.get_by_label("E-mail"), page.get_by_label("Password")
    expect(email).to_have_attribute("aria-invalid", "true")
    expect(email).to_have_accessible_description("must be an e-mail address")
    expect(password).to_have_accessible_description("must have at least 8 characters")
    expect(email).to_be_focused()
    expect(email).to_have_value("nobody")
    email.fill("ada@example.org")
    page.locator("form").get_by_role("button", name="Register").click()
    expect(password).to_have_attribute("aria-invalid", "true")
    expect(email).not_to_have_attribute("aria-invalid", "true")


def test_a_wrong_password_and_a_wrong_invitation_are_told_in_words(open_page: OpenPage) -> None:
    page = open_page("/play")
    page.get_by_role("button", name="Sign in").first.click()
    page.get_by_label("E-mail").fill("nobody@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("form").get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text(re.compile(r"\w+ .*\."))
    page.get_by_role("button", name="Register").first.click()
    page.get_by_label("E-mail").fill("somebody@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Invitation").fill("made up")
    page.locator("form").get_by_role("button", name="Register").click()
    expect(page.get_by_label("Invitation")).to_have_attribute("aria-invalid", "true")


def test_an_age_that_is_none_is_said_at_the_field(open_page: OpenPage) -> None:
    page = open_page("/play")
    join_as_guest(page)
    for wrong, message in [("200", "must be 120 or less"), ("old", "must be an integer")]:
        page.get_by_role("textbox", name="Age").fill(wrong)
        page.get_by_role("button", name="Start").click()
        expect(page.get_by_role("textbox", name="Age")).to_have_accessible_description(re.compile(message))
    page.get_by_role("textbox", name="Age").fill("30")
    begin(page)


def test_a_drained_topic_says_so_and_can_be_begun_again(open_page: OpenPage) -> None:
    page = open_page("/play")
    join_as_guest(page)
    page.get_by_label("Topic").select_option("Rare")
    page.get_by_role("textbox", name="Age").fill("9")
    begin(page)
    seen = {prompt(page)}
    choose(page, right_answer(page))
    go_on(page)
    seen.add(prompt(page))
    choose(page, right_answer(page))
    page.get_by_role("button", name="Next question").click()
    heading(page, "No more questions for this choice")
    expect(page.locator(".panel").first).to_contain_text("“Rare”, age 9")
    page.get_by_role("button", name="Let questions come again").click()
    heading(page, "What shall it be about?")
    expect(page.get_by_label("Topic")).to_have_value("Rare")
    begin(page)
    assert prompt(page) in seen


def test_a_game_is_played_with_the_keyboard_alone(open_page: OpenPage) -> None:
    page = open_page("/play")
    expect(page.get_by_label("Nickname")).to_be_focused()
    page.keyboard.type("Ada 1234")
    page.keyboard.press("Enter")
    heading(page, "What shall it be about?")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "Start":
            break
    page.keyboard.press("Enter")
    for key in "12341":
        expect(page.locator(".option").first).to_be_enabled()
        before = prompt(page)
        page.keyboard.press(key)
        expect(page.locator(".verdict strong")).to_be_visible()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).not_to_have_text(before)
    assert figure(page, "Answered") == "5"


def test_a_question_stays_after_a_reload_and_comes_after_a_lost_answer(open_page: OpenPage) -> None:
    page = open_page("/play")
    join_as_guest(page)
    begin(page)
    first = prompt(page)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text(first)
    choose(page, right_answer(page))
    given: list[str] = []
    lose_answers(page, re.compile(r"/questions\?"), given)
    page.get_by_role("button", name="Next question").click()
    expect(page.get_by_role("alert")).to_contain_text("cannot be reached")
    page.unroute_all()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text(first)
    # The service had given a question when the answer was lost: that one is shown, and no other was used up.
    assert [prompt(page)] == given
    right = right_answer(page)
    lose_answers(page, re.compile(r"/answer$"), [])
    option(page, right).click()
    expect(page.get_by_role("alert")).to_contain_text("cannot be reached")
    page.unroute_all()
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".verdict strong")).to_have_text("Right.")
    expect(page.locator(".figures div").filter(has_text="Answered").locator("dd")).to_have_text("2")


def lose_answers(page: Page, path: re.Pattern[str], given: list[str]) -> None:
    """Requests arrive, and their answers are lost on the way."""

    def lose(route: Route) -> None:
        answer = route.fetch().json()
        if isinstance(answer, list):
            given.extend(question["prompt"] for question in answer)
        route.abort("connectionreset")

    page.route(path, lose)


def test_an_access_token_that_ran_out_is_exchanged_without_the_player_noticing(
    open_page: OpenPage, server: LiveServer
) -> None:
    page = open_page("/play")
    register(page)
    spoil_token(page)
    exchanged: list[str] = []
    page.on("request", lambda request: exchanged.append(request.url) if "/auth/refresh" in request.url else None)
    page.reload()
    begin(page)
    choose(page, right_answer(page))
    assert exchanged == [f"{server.url}/auth/refresh"]


def test_a_guest_whose_token_ran_out_is_told_to_sign_in(open_page: OpenPage) -> None:
    page = open_page("/play")
    join_as_guest(page)
    spoil_token(page)
    page.reload()
    heading(page, "Who is playing?")
    expect(page.get_by_role("alert")).to_contain_text("no longer signed in")


def spoil_token(page: Page) -> None:
    page.evaluate(
        """() => {
            const session = JSON.parse(sessionStorage.getItem("trivia.session"));
            session.access_token = "spoilt";
            sessionStorage.setItem("trivia.session", JSON.stringify(session));
        }"""
    )


def test_text_of_a_question_is_text_and_not_markup(open_page: OpenPage, server: LiveServer) -> None:
    # Any other test may draw it from then on, so that it must be answered like the rest of the bank.
    plain = question(2_001, topic="Markup")
    nasty = f'{plain.prompt} <img src=x onerror="document.title=1"> & "quotes" <b>bold</b>'
    options = (plain.answer, nasty, "<script>document.title=1</script>", "none of these")
    server.fill(replace(plain, prompt=nasty, options=options, explanation=nasty))
    page = open_page("/play")
    join_as_guest(page, "<i>Ada</i>")
    page.get_by_label("Topic").select_option("Markup")
    begin(page)
    assert prompt(page) == nasty
    expect(page.get_by_text("Playing as <i>Ada</i>")).to_be_visible()
    choose(page, nasty)
    expect(page.locator(".verdict")).to_contain_text(nasty)
    assert page.locator("main img, main b, main i, main script").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_every_view_fits_its_window(open_page: OpenPage, width: int, scheme: str) -> None:
    page = open_page("/play", viewport={"width": width, "height": 700}, color_scheme=scheme, reduced_motion="reduce")
    assert_fits(page)
    join_as_guest(page, "A" * 40)
    assert_fits(page)
    begin(page)
    assert_fits(page)
    choose(page, "none of these")
    assert_fits(page)
    page.get_by_role("button", name="History").click()
    heading(page, "Your history")
    assert_fits(page)
    for path in ("/", "/problems", "/problems/bad-input"):
        page.goto(path)
        assert_fits(page)


def assert_fits(page: Page) -> None:
    """Nothing is cut off at the side, every text can be read against what is behind it, and every target can be hit."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(LOW_CONTRAST) == []
    for button in page.locator("main button:visible, main input:visible, main select:visible").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 24


# WCAG 2.2, 1.4.3: at least 4.5 to 1, for large text 3 to 1.
LOW_CONTRAST = """() => {
    const channel = (value) => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
    const light = ([red, green, blue]) => 0.2126 * channel(red) + 0.7152 * channel(green) + 0.0722 * channel(blue);
    const behind = (element) => {
        for (let at = element; at; at = at.parentElement) {
            const colour = parse(getComputedStyle(at).backgroundColor);
            if (colour.length === 3 || colour[3] === 1) return colour;
        }
        return [255, 255, 255];
    };
    const low = [];
    for (const element of document.querySelectorAll("body *")) {
        const text = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
        if (!text || !element.checkVisibility() || element.closest(".visually-hidden, .skip, option")) continue;
        const style = getComputedStyle(element);
        const [one, other] = [light(parse(style.color)), light(behind(element))].sort((a, b) => b - a);
        const size = parseFloat(style.fontSize);
        const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
        const ratio = (one + 0.05) / (other + 0.05);
        if (ratio < (large ? 3 : 4.5)) low.push(`${element.textContent.trim().slice(0, 40)}: ${ratio.toFixed(2)}`);
    }
    return low;
}"""


def test_the_page_asks_for_what_it_has_itself_stored(open_page: OpenPage) -> None:
    page = open_page("/play")
    join_as_guest(page)
    begin(page)
    with (
        page.expect_response(re.compile(r"/answer$")) as answered,
        page.expect_request(re.compile(r"/user_quiz_stats$")) as asked,
    ):
        choose(page, right_answer(page))
    assert asked.value.headers["x-min-position"] == answered.value.headers["x-event-position"]


def test_the_page_goes_on_where_the_log_is_an_older_one_than_it_knew(open_page: OpenPage) -> None:
    page = open_page("/play")
    page.evaluate("sessionStorage.setItem('trivia.position', '123456789')")
    page.reload()
    join_as_guest(page)
    begin(page)
    choose(page, right_answer(page))
    expect(page.locator(".verdict strong")).to_have_text("Right.")

import { h, say, show } from "./dom.js";

/**
 * Show one question and see it through. Options are chosen by click or the keys 1 to 4; once judged, Enter goes on.
 * `answer(option, done)` has an option judged and calls `done` with the verdict, unless that fails; `report` is shown below that.
 */
export function showQuestion(question, { before, after, answer, next, change, report }) {
  let judged = false;
  let asked = false;
  const marks = question.options.map(() => h("span", { class: "mark" }));
  const buttons = question.options.map((option, index) =>
    h(
      "button",
      { class: "option", type: "button", onclick: () => choose(option) },
      h("span", { class: "key", "aria-hidden": "true" }, String(index + 1)),
      h("span", { class: "text" }, option),
      marks[index],
    ),
  );
  const verdict = h("div", {});
  const keys = new AbortController();
  document.addEventListener("keydown", press, { signal: keys.signal });

  function press(event) {
    if (!verdict.isConnected) {
      keys.abort();
      return;
    }
    const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if (typing || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const option = question.options[Number(event.key) - 1];
    if (option !== undefined && /^[1-9]$/.test(event.key)) choose(option);
  }

  async function choose(option) {
    if (asked || judged) return;
    asked = true;
    for (const button of buttons) button.setAttribute("aria-disabled", "true");
    await answer(option, (result) => {
      judged = true;
      tell(option, result);
    });
    asked = false;
    if (!judged) for (const button of buttons) button.removeAttribute("aria-disabled");
  }

  function tell(chosen, { correct, answer: right, explanation }) {
    question.options.forEach((option, index) => {
      buttons[index].disabled = true;
      if (option === right) {
        buttons[index].classList.add("right");
        marks[index].textContent = "✓ right";
      } else if (option === chosen) {
        buttons[index].classList.add("wrong");
        marks[index].textContent = "✗ yours";
      }
    });
    const headline = correct ? "Right." : `Wrong. It is: ${right}`;
    const onward = h("button", { class: "primary", type: "button", onclick: goOn }, "Next question ", h("kbd", { "aria-hidden": "true" }, "Enter"));
    verdict.className = `verdict ${correct ? "good" : "bad"}`;
    verdict.append(
      h("strong", {}, headline),
      explanation ? h("p", {}, explanation) : "",
      h("div", { class: "row" }, onward, h("button", { type: "button", onclick: change }, "Change topic")),
      report,
    );
    say([headline, explanation].filter(Boolean).join(" "));
    onward.focus({ preventScroll: true });
    verdict.scrollIntoView({ block: "nearest" });
  }

  async function goOn(event) {
    event.currentTarget.disabled = true;
    const button = event.currentTarget;
    await next();
    button.disabled = false;
  }

  const facts = [question.topic, question.difficulty].filter(Boolean);
  show(
    before,
    h(
      "section",
      { class: "panel" },
      h("ul", { class: "meta", "aria-label": "About this question" }, facts.map((fact) => h("li", {}, fact))),
      h("h1", { class: "prompt" }, question.prompt),
      h("ol", { class: "options", "aria-label": "Options" }, buttons.map((button) => h("li", {}, button))),
      verdict,
    ),
    after,
  );
}

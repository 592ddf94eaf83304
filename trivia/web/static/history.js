import { h, show } from "./dom.js";

/** What the user was given and answered, the latest first, a page at a time. */
export async function showHistory(api, attempt, whoBar, back) {
  const list = h("ul", { class: "told" });
  const more = h("button", { type: "button", onclick: () => attempt(load) }, "Show more");
  let cursor = "";

  async function load() {
    const page = await api.call("GET", `/me/history?limit=50${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
    list.append(...page.items.flatMap(tell));
    cursor = page.cursor;
    more.hidden = cursor === null;
  }

  await load();
  show(
    whoBar(),
    h(
      "section",
      { class: "panel" },
      h("h1", {}, "Your history"),
      list.children.length ? list : h("p", {}, "Nothing yet."),
      h("div", { class: "row" }, h("button", { class: "primary", type: "button", onclick: () => attempt(back) }, "Back to the questions"), more),
    ),
  );
}

function tell(item) {
  const at = h("time", { datetime: item.at }, new Date(item.at).toLocaleString());
  if (item.type === "answered") {
    const sign = h("span", { class: `sign ${item.correct ? "good" : "bad"}`, "aria-hidden": "true" }, item.correct ? "✓" : "✗");
    const said = `${item.correct ? "Right" : "Wrong"}: ${item.answer}`;
    return [entry(sign, item.question.prompt ?? `Question ${item.question.id}`, said, at)];
  }
  if (item.type === "assigned") {
    return item.questions.map((question) => entry(h("span", { class: "sign", "aria-hidden": "true" }, "·"), question.prompt ?? `Question ${question.id}`, "Given", at));
  }
  return [entry(h("span", { class: "sign", "aria-hidden": "true" }, "↺"), "Started over", "Questions may come again", at)];
}

function entry(sign, title, said, at) {
  return h("li", {}, sign, h("div", {}, h("p", {}, title), h("p", { class: "hint" }, `${said} · `, at.cloneNode(true))));
}

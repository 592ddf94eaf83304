import { Api, freshKey } from "./api.js";
import { clearFaults, field, h, say, show, showFaults } from "./dom.js";
import { showHistory } from "./history.js";
import { showQuestion } from "./question.js";
import { reporting } from "./report.js";

const PENDING = "trivia.draw";
const CHOICE = "trivia.choice";

const api = new Api();
const alertBox = document.getElementById("alert");

/** Do something with the service; what goes wrong is shown, and can be tried again as it was. */
async function attempt(work, { form } = {}) {
  alertBox.replaceChildren();
  try {
    await work();
  } catch (problem) {
    if (!("status" in problem)) throw problem;
    if (problem.status === 401 && api.user) {
      api.forget();
      showWelcome();
      complain("You are no longer signed in. Sign in again to go on.");
    } else if (!(form && showFaults(form, problem))) {
      const wait = problem.retryAfter ? ` Try again in ${problem.retryAfter} s.` : "";
      const faults = problem.errors.map((fault) => `${fault.path}: ${fault.message}`).join("; ");
      const again = problem.status === 0 || problem.status >= 500 || problem.status === 429;
      complain([problem.message + wait, faults].filter(Boolean).join(" "), again && !form ? () => attempt(work) : null);
    }
  }
}

function complain(text, again) {
  const button = again && h("button", { type: "button", onclick: again }, "Try again");
  alertBox.replaceChildren(h("div", { class: "notice" }, h("p", {}, text), button ? h("div", { class: "row" }, button) : ""));
  button?.focus();
}

/* Who plays */

const WAYS = {
  guest: {
    label: "As a guest",
    path: "/auth/guest",
    button: "Play",
    note: "No account: once this tab is closed, you start again from the beginning.",
    fields: () => [field("nickname", "Nickname", h("input", { required: true, maxlength: 40, autocomplete: "nickname" }))],
  },
  login: {
    label: "Sign in",
    path: "/auth/login",
    button: "Sign in",
    fields: () => [email(), field("password", "Password", h("input", { type: "password", required: true, autocomplete: "current-password" }))],
  },
  register: {
    label: "Register",
    path: "/auth/register",
    button: "Register",
    fields: () => [
      email(),
      field("password", "Password", h("input", { type: "password", required: true, autocomplete: "new-password" }), "at least 8 characters"),
      field("invite", "Invitation", h("input", { autocomplete: "off" }), "if you have one"),
    ],
  },
};

function email() {
  return field("email", "E-mail", h("input", { type: "email", required: true, autocomplete: "username" }));
}

function showWelcome(way = "guest") {
  const { path, button, note, fields } = WAYS[way];
  const submit = h("button", { class: "primary", type: "submit" }, button);
  // The service says what is wrong, for every field at once and in its own words.
  const form = h("form", { novalidate: true, onsubmit: enter }, ...fields(), note ? h("p", { class: "hint" }, note) : "", submit);

  async function enter(event) {
    event.preventDefault();
    clearFaults(form);
    submit.disabled = true;
    const given = [...new FormData(form)].filter(([name, value]) => value !== "" || name !== "invite");
    await attempt(
      async () => {
        await api.signIn(path, Object.fromEntries(given));
        await showSetup();
      },
      { form },
    );
    submit.disabled = false;
  }

  show(
    h(
      "section",
      { class: "panel" },
      h("h1", {}, "Who is playing?"),
      h(
        "div",
        { class: "choices", role: "group", "aria-label": "How to play" },
        Object.entries(WAYS).map(([name, { label }]) =>
          h("button", { type: "button", "aria-pressed": String(name === way), onclick: () => showWelcome(name) }, label),
        ),
      ),
      form,
    ),
  );
  form.querySelector("input").focus();
}

function whoBar() {
  const name = api.user.nickname ?? api.user.name ?? api.user.email;
  return h(
    "div",
    { class: "who row between" },
    h("span", {}, `Playing as ${name}`),
    h(
      "span",
      {},
      h("button", { class: "link", type: "button", onclick: () => attempt(showSetup) }, "Topics"),
      h("button", { class: "link", type: "button", onclick: () => attempt(() => showHistory(api, attempt, whoBar, showSetup)) }, "History"),
      h("button", { class: "link", type: "button", onclick: leave }, "Sign out"),
    ),
  );
}

async function leave() {
  await attempt(() => api.signOut());
  if (!api.user) showWelcome();
}

/* What is played */

async function showSetup() {
  const [topics, record] = await Promise.all([api.call("GET", "/topics"), api.call("GET", "/user_quiz_stats")]);
  const choice = JSON.parse(sessionStorage.getItem(CHOICE) ?? "{}");
  const unseen = topics.reduce((sum, topic) => sum + topic.unseen, 0);
  const option = (value, label, chosen) => h("option", { value, selected: value === (chosen ?? "") }, label);
  const form = h(
    "form",
    { novalidate: true, onsubmit: begin },
    field(
      "topic",
      "Topic",
      h(
        "select",
        {},
        option("", `All topics (${unseen} unseen)`, choice.topic),
        topics.map(({ topic, unseen: left }) => option(topic, `${topic} (${left} unseen)`, choice.topic)),
      ),
    ),
    h(
      "div",
      { class: "pair" },
      field(
        "difficulty",
        "Difficulty",
        h("select", {}, ["", "easy", "medium", "hard"].map((level) => option(level, level || "Any", choice.difficulty))),
      ),
      field("age", "Age", h("input", { inputmode: "numeric", autocomplete: "off", value: choice.age ?? "" }), "if questions should suit it"),
    ),
    h("button", { class: "primary", type: "submit" }, "Start"),
  );

  async function begin(event) {
    event.preventDefault();
    clearFaults(form);
    const chosen = Object.fromEntries([...new FormData(form)].filter(([, value]) => value.trim() !== ""));
    sessionStorage.setItem(CHOICE, JSON.stringify(chosen));
    await attempt(() => draw(chosen), { form });
  }

  show(whoBar(), h("section", { class: "panel" }, h("h1", {}, "What shall it be about?"), form), record.answered ? figures(record) : null);
}

function figures(record) {
  const figure = (name, value) => h("div", {}, h("dt", {}, name), h("dd", {}, String(value)));
  return h(
    "section",
    { class: "panel", "aria-label": "Your record" },
    h(
      "dl",
      { class: "figures" },
      figure("Answered", record.answered),
      figure("Right", `${Math.round(record.accuracy * 100)} %`),
      figure("Streak", record.streak),
      figure("Best", record.best_streak),
    ),
  );
}

/* Playing */

/**
 * Ask for the next question. The request's key is kept until its answer has been dealt with: after a lost connection, or a reload
 * of the page, the same question comes instead of being lost.
 */
async function draw(choice) {
  const query = String(new URLSearchParams({ ...choice, limit: 1 }));
  const pending = JSON.parse(sessionStorage.getItem(PENDING) ?? "null");
  const key = pending?.query === query ? pending.key : freshKey();
  sessionStorage.setItem(PENDING, JSON.stringify({ key, query }));
  let question;
  try {
    [question] = await api.call("GET", `/questions?${query}`, { key });
  } catch (problem) {
    // What was refused will be refused again; what got no answer may have been done.
    if (problem.status >= 400 && problem.status < 500 && problem.status !== 401) sessionStorage.removeItem(PENDING);
    throw problem;
  }
  const record = await api.call("GET", "/user_quiz_stats");
  if (!question) {
    sessionStorage.removeItem(PENDING);
    showDrained(choice, record);
    return;
  }
  const record_ = figures(record);
  showQuestion(question, {
    before: whoBar(),
    after: record_,
    change: () => attempt(showSetup),
    answer: (option, done) => attempt(() => judge(question, option, record_, done)),
    next: () => attempt(() => draw(choice)),
    report: reporting((reason, form, done) => attempt(() => report(question, reason, done), { form })),
  });
}

async function report(question, reason, done) {
  try {
    await api.call("POST", `/questions/${question.id}/report`, { body: { reason } });
  } catch (problem) {
    // This user has reported it before; once is enough.
    if (problem.status !== 409) throw problem;
  }
  done();
}

async function judge(question, option, shown, done) {
  let verdict;
  try {
    verdict = await api.call("POST", `/questions/${question.id}/answer`, { body: { answer: option } });
  } catch (problem) {
    // It was answered before and the answer to that got lost, or the page was loaded again.
    if (problem.status !== 409) throw problem;
    verdict = { correct: option === question.answer, answer: question.answer, explanation: null };
  }
  sessionStorage.removeItem(PENDING);
  done(verdict);
  shown.replaceWith(figures(await api.call("GET", "/user_quiz_stats")));
}

function showDrained(choice, record) {
  const what = [choice.difficulty, choice.topic && `“${choice.topic}”`, choice.age && `age ${choice.age}`].filter(Boolean).join(", ");
  say("No more questions for this choice.");
  show(
    whoBar(),
    h(
      "section",
      { class: "panel" },
      h("h1", {}, "No more questions for this choice"),
      h("p", {}, `You have been given every question there is${what ? ` for ${what}` : ""}. Nothing comes twice, so choose something else, or start over.`),
      h(
        "div",
        { class: "row" },
        h("button", { class: "primary", type: "button", onclick: () => attempt(showSetup) }, "Choose something else"),
        h("button", { type: "button", onclick: () => attempt(startOver) }, "Let questions come again"),
      ),
      h("p", { class: "hint" }, "Your history and your record stay as they are."),
    ),
    figures(record),
  );
}

async function startOver() {
  await api.call("POST", "/me/seen/reset");
  await showSetup();
}

if (!api.user) showWelcome();
else if (sessionStorage.getItem(PENDING)) attempt(() => draw(JSON.parse(sessionStorage.getItem(CHOICE) ?? "{}")));
else attempt(showSetup);

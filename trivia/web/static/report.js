import { clearFaults, field, h, say } from "./dom.js";

/** A button that becomes a form: what is wrong with a question. `send(reason, form, done)` reports it and calls `done`, unless that fails. */
export function reporting(send) {
  const open = h("button", { class: "link", type: "button", onclick: ask }, "Report this question");

  function ask() {
    const submit = h("button", { type: "submit" }, "Report");
    const form = h(
      "form",
      { novalidate: true, onsubmit: report },
      field("reason", "What is wrong with it?", h("input", { required: true, maxlength: 500, autocomplete: "off" })),
      submit,
    );

    async function report(event) {
      event.preventDefault();
      clearFaults(form);
      submit.disabled = true;
      await send(form.elements.namedItem("reason").value, form, () => {
        form.replaceWith(h("p", { class: "hint" }, "Thank you. The editors of the question bank will see it."));
        say("Reported.");
      });
      submit.disabled = false;
    }

    open.replaceWith(form);
    form.querySelector("input").focus();
  }

  return open;
}

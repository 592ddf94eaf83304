/** Make an element: `h("p", {class: "lead"}, "text", child)`. Properties beginning with "on" are listeners; false ones are left out. */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === false || value === undefined || value === null) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Show a view in place of the one before; the keyboard and screen readers go on at its heading. */
export function show(...children) {
  const view = document.getElementById("view");
  view.replaceChildren(...children.filter(Boolean));
  const heading = view.querySelector("h1");
  if (heading) {
    heading.tabIndex = -1;
    heading.focus();
  }
  window.scrollTo(0, 0);
}

/** Have a screen reader say something. */
export function say(text) {
  document.getElementById("live").textContent = text;
}

/** A field of a form with its label and room for what is wrong with it. */
export function field(name, label, control, hint) {
  const id = `field-${name}`;
  control.id = id;
  control.name = name;
  return h("div", { class: "field" }, h("label", { for: id }, label, hint ? h("span", { class: "hint" }, ` ${hint}`) : ""), control);
}

/** Say at each field what the problem says of it; returns whether every fault had a field to stand at. */
export function showFaults(form, problem) {
  clearFaults(form);
  let placed = problem.errors.length > 0;
  let first = null;
  for (const { path, message } of problem.errors) {
    const control = form.elements.namedItem(path);
    if (!control) {
      placed = false;
      continue;
    }
    const id = `${control.id}-fault`;
    const known = document.getElementById(id);
    if (known) {
      known.textContent += `; ${message}`;
      continue;
    }
    control.setAttribute("aria-invalid", "true");
    control.setAttribute("aria-describedby", id);
    control.after(h("span", { class: "fault", id }, message));
    first ??= control;
  }
  first?.focus();
  return placed;
}

export function clearFaults(form) {
  for (const fault of form.querySelectorAll(".fault")) fault.remove();
  for (const control of form.querySelectorAll("[aria-invalid]")) {
    control.removeAttribute("aria-invalid");
    control.removeAttribute("aria-describedby");
  }
}

// Fields that depend on others, drafts that save themselves, and nothing typed is lost.

const DRAFT_DELAY = 1500;
const dirty = new Set();

function valuesOf(form, name) {
  return [...form.elements]
    .filter((element) => element.name === name)
    .filter((element) => !["checkbox", "radio"].includes(element.type) || element.checked)
    .map((element) => element.value)
    .filter((value) => value !== "");
}

// A condition is JSON: ["is", field, value], ["not", c], ["and", c…], ["or", c…], ["filled", field],
// or ["<", field, number] and the like. The server decides again by the same rule.
function holds(form, [kind, ...parts]) {
  switch (kind) {
    case "and": return parts.every((part) => holds(form, part));
    case "or": return parts.some((part) => holds(form, part));
    case "not": return !holds(form, parts[0]);
    case "filled": return valuesOf(form, parts[0]).length > 0;
    case "is": return valuesOf(form, parts[0]).includes(String(parts[1]));
    default: return compares(kind, Number(valuesOf(form, parts[0])[0]), parts[1]);
  }
}

function compares(sign, left, right) {
  switch (sign) {
    case "<": return left < right;
    case "<=": return left <= right;
    case ">": return left > right;
    case ">=": return left >= right;
    default: return false;
  }
}

function showWhatApplies(form) {
  for (const part of form.querySelectorAll("[data-shown-when]")) {
    const shown = holds(form, JSON.parse(part.dataset.shownWhen));
    part.hidden = !shown;
    // A hidden field is not sent, so that no answer stays to a question that was not asked.
    for (const element of part.querySelectorAll("input, select, textarea")) element.disabled = !shown;
  }
}

// <input type=date> shows the browser's order; the date in words stands beside it.
function writeDate(input) {
  const place = document.getElementById(`${input.id}-written`);
  if (!place) return;
  const on = input.value ? new Date(`${input.value}T00:00:00`) : null;
  place.textContent = on
    ? new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "full" }).format(on)
    : "";
}

async function saveDraft(form) {
  const state = form.querySelector("[data-draft-state]");
  try {
    const answer = await fetch(form.dataset.draftUrl, { method: "POST", body: new FormData(form) });
    if (!answer.ok) throw new Error(String(answer.status));
    dirty.delete(form);
    if (state) state.textContent = form.dataset.draftSaved;
  } catch {
    if (state) state.textContent = form.dataset.draftFailed;
  }
}

function watch(form) {
  let timer = 0;
  form.addEventListener("input", (event) => {
    dirty.add(form);
    showWhatApplies(form);
    if (event.target.type === "date") writeDate(event.target);
    if (!form.dataset.draftUrl) return;
    clearTimeout(timer);
    timer = setTimeout(() => saveDraft(form), DRAFT_DELAY);
  });
  form.addEventListener("submit", (event) => {
    const question = form.dataset.confirm;
    if (question && !window.confirm(question)) {
      event.preventDefault();
      return;
    }
    clearTimeout(timer);
    dirty.delete(form);
    // A second click on a slow line sends nothing; the pressed button's own value is kept.
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
    const busy = event.submitter;
    if (busy && form.dataset.busy) setTimeout(() => { busy.textContent = form.dataset.busy; });
  });
}

export function startForms(root) {
  for (const form of root.querySelectorAll("form[method=post]")) {
    if (form.dataset.watched) continue;
    form.dataset.watched = "1";
    watch(form);
    showWhatApplies(form);
    form.querySelectorAll("input[type=date]").forEach(writeDate);
  }
  root.querySelector("[data-focus]")?.focus();
}

window.addEventListener("beforeunload", (event) => {
  const lost = [...dirty].some((form) => form.isConnected && form.matches("[data-guard]"));
  if (lost) event.preventDefault();
});

// The back button shows a page as it was left: it may be sent again.
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
});

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

function read(form, name, kind) {
  const values = valuesOf(form, name);
  if (kind === "tick") return values.length > 0;
  if (kind === "list") return values.length > 0 ? values : null;
  if (values.length === 0) return null;
  if (kind === "number") return Number(values[0]);
  return kind === "truth" ? values[0] === "true" : values[0];
}

// A condition is a tree, as webapp/forms/conditions.py writes it; null differs from every value.
// The server judges again by the same rule.
function value(form, [kind, ...parts]) {
  switch (kind) {
    case "value": return parts[0];
    case "field": return read(form, parts[0], parts[1]);
    case "list": return parts.map((part) => value(form, part));
    case "null": return value(form, parts[0]) === null;
    case "not": return value(form, parts[0]) !== true;
    case "and": return parts.every((part) => value(form, part) === true);
    case "or": return parts.some((part) => value(form, part) === true);
    case "in": return isIn(value(form, parts[0]), value(form, parts[1]));
    default: return compares(parts[0], value(form, parts[1]), value(form, parts[2]));
  }
}

function isIn(item, list) {
  return item !== null && list !== null && list.includes(item);
}

function compares(sign, left, right) {
  if (left === null || right === null) return sign === "!=";
  switch (sign) {
    case "==": return left === right;
    case "!=": return left !== right;
    case "<": return left < right;
    case "<=": return left <= right;
    case ">": return left > right;
    default: return left >= right;
  }
}

function showWhatApplies(form) {
  for (const part of form.querySelectorAll("[data-shown-when]")) {
    const shown = value(form, JSON.parse(part.dataset.shownWhen));
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

// More than the server reads would come back as an error page, without what was typed; what it
// refuses for its ending or number need not be sent first.
function isRefused(form) {
  const chosen = (within) => [...within.querySelectorAll("input[type=file]")].flatMap((input) => [...input.files]);
  const bytes = chosen(form).reduce((sum, file) => sum + file.size, 0);
  const told = [...form.querySelectorAll("[data-too-much], [data-most-files], [data-endings]")];
  for (const place of told) {
    const { tooMuch, mostFiles, endings } = place.dataset;
    const files = chosen(place.closest(".field"));
    const isNamed = ({ name }) => endings.split(",").some((each) => name.toLowerCase().endsWith(each));
    if (tooMuch) place.hidden = bytes <= Number(tooMuch);
    if (mostFiles) place.hidden = files.length <= Number(mostFiles);
    if (endings) place.hidden = files.every(isNamed);
  }
  return told.some((place) => !place.hidden);
}

async function saveDraft(form, signal) {
  const state = form.querySelector("[data-draft-state]");
  try {
    const body = new FormData(form);
    for (const [name, each] of [...body]) if (each instanceof File) body.delete(name);
    const answer = await fetch(form.dataset.draftUrl, { method: "POST", body, signal });
    if (!answer.ok) throw new Error(String(answer.status));
    dirty.delete(form);
    if (state) state.textContent = form.dataset.draftSaved;
  } catch {
    if (signal.aborted) return;
    if (state) state.textContent = form.dataset.draftFailed;
  }
}

function watch(form) {
  let timer = 0;
  let saving = new AbortController();
  form.addEventListener("input", (event) => {
    dirty.add(form);
    showWhatApplies(form);
    if (event.target.type === "date") writeDate(event.target);
    if (event.target.type === "file") isRefused(form);
    if (!form.dataset.draftUrl) return;
    clearTimeout(timer);
    timer = setTimeout(() => saveDraft(form, saving.signal), DRAFT_DELAY);
  });
  form.addEventListener("submit", (event) => {
    // What opens a page aside leaves this one, and all that was typed on it, as it is.
    if (event.submitter && "aside" in event.submitter.dataset) return;
    if (isRefused(form)) {
      event.preventDefault();
      form.querySelector("input[type=file]").focus();
      return;
    }
    const question = form.dataset.confirm;
    if (question && !window.confirm(question)) {
      event.preventDefault();
      return;
    }
    clearTimeout(timer);
    // A draft's late answer carries the cookie from before: it would take the confirmation away.
    saving.abort();
    saving = new AbortController();
    dirty.delete(form);
    // A second click on a slow line sends nothing; the pressed button's own value is kept.
    if (form.dataset.sent) event.preventDefault();
    // A file leaves the page as it is: it may be asked for again.
    if (!("download" in form.dataset)) form.dataset.sent = "1";
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
}

// Whoever sent a form that was refused begins where it is said why.
export function focusRefusal() {
  document.querySelector("[data-focus]")?.focus();
}

window.addEventListener("beforeunload", (event) => {
  const lost = [...dirty].some((form) => form.isConnected && form.matches("[data-guard]"));
  if (lost) event.preventDefault();
});

// The back button shows a page as it was left: it may be sent again.
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
});

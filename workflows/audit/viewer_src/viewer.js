// The page: choose a file, then move between overview, cases and search; verification runs beside it.
import { h, refill } from "./dom.js";
import { Bundle } from "./reading/bundle.js";
import { caseView } from "./views/case.js";
import { casesView } from "./views/cases.js";
import { drawView } from "./views/draw.js";
import { overviewView } from "./views/overview.js";
import { searchView } from "./views/search.js";
import { startView } from "./views/start.js";
import { badge, bar, moveBar, standingOf, verdictBlock } from "./views/verdict.js";
import { moment, language, sentenceOf, speak, t } from "./words/words.js";
import { Desk } from "./work.js";

const NOTHING_ASKED = { fingerprint: "", slips: [], notes: [] };
const NOTHING = {
  file: null, bundle: null, verdict: null, failure: null, share: 0, refusal: null, outsideRefusal: null,
  asked: NOTHING_ASKED,
};
const state = { ...NOTHING, turn: 0 };

// --------------------------------------------------------------- choosing

async function choose(file) {
  forget();
  Object.assign(state, NOTHING, { file });
  const turn = (state.turn += 1);
  verify(file, turn);
  location.hash = "#/";
  show();
  try {
    state.reader = new Desk();
    const opened = await state.reader.ask("open", [file]);
    const bundle = new Bundle(state.reader, file, opened);
    await bundle.index((share) => moveBar("index-bar", share));
    if (turn !== state.turn) return;
    state.bundle = bundle;
  } catch (error) {
    if (turn !== state.turn) return;
    state.refusal = sentenceOf(error.code ? error : { code: "viewer_failed", attributes: { reason: String(error) } });
  }
  show();
}

/** Verify again, with what the reviewer has from elsewhere. */
async function compare(asked) {
  const before = state.verdict;
  Object.assign(state, { asked, verdict: null, failure: null, outsideRefusal: null, share: 0 });
  state.verifier?.close();
  show();
  await verify(state.file, state.turn);
  // What cannot be read changes nothing about the bundle.
  if (state.outsideRefusal) state.verdict = before;
  show();
}

/** Verify in a worker of its own, so that reading goes on meanwhile. */
async function verify(file, turn) {
  const desk = (state.verifier = new Desk());
  try {
    const verdict = await desk.ask("verify", [file, state.asked], (share) => {
      state.share = share;
      moveBar("verify-bar", share);
    });
    if (turn === state.turn) state.verdict = verdict;
  } catch (error) {
    if (turn === state.turn && error.code === "anchor_unreadable") state.outsideRefusal = sentenceOf(error);
    else if (turn === state.turn) state.failure = error;
  }
  desk.close();
  if (turn !== state.turn) return;
  refill(document.getElementById("standing"), state.bundle && badge(state));
  if (!state.bundle || address().path === "") show();
}

function forget() {
  state.reader?.close();
  state.verifier?.close();
}

// ---------------------------------------------------------------- showing

/** Read the address behind the #: a path and what is asked. */
function address() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  return { path, asked: Object.fromEntries(new URLSearchParams(query)) };
}

/** Keep what was asked in the address, so that going back finds it again. */
function change(path) {
  return (asked) => {
    const query = new URLSearchParams(asked).toString();
    history.replaceState(null, "", `#/${path}${query ? `?${query}` : ""}`);
  };
}

async function content() {
  const { bundle, refusal, file } = state;
  if (!file) return startView({ choose, refusal });
  if (refusal) return [...startView({ choose, refusal: null }), h("h2", {}, file.name), verdictBlock(state)];
  if (!bundle) {
    return [h("h1", { tabindex: -1 }, t("opening")), h("p", {}, file.name), bar("index-bar", t("reading"), 0)];
  }
  const { path, asked } = address();
  const [page, id] = path.split("/");
  if (page === "cases") return casesView({ bundle, asked, change: change("cases") });
  if (page === "search") return searchView({ bundle, asked, change: change("search") });
  if (page === "draw") return drawView({ bundle, asked, change: change("draw") });
  if (page === "case") return caseView({ bundle, id, asked, standing: standingOf(state) });
  return overviewView(state, compare);
}

async function show() {
  const drawn = (state.drawn = (state.drawn ?? 0) + 1);
  let made;
  try {
    made = await content();
  } catch (error) {
    const failure = error.code ? error : { code: "viewer_failed", attributes: { reason: String(error) } };
    made = [h("h1", { tabindex: -1 }, t("cannot_open")), h("p", { role: "alert" }, sentenceOf(failure))];
  }
  if (drawn !== state.drawn) return;
  document.title = t("title");
  refill(document.getElementById("frame"), header(), h("main", { id: "main", tabindex: -1 }, made), footer());
  const { path, asked } = address();
  if (path.startsWith("case/") && asked.seq) document.getElementById(`r${asked.seq}`)?.scrollIntoView();
}

function header() {
  const { path } = address();
  const page = path.split("/")[0];
  const item = (key, where, isHere) =>
    h("li", {}, h("a", { href: where, "aria-current": isHere ? "page" : null }, t(key)));
  return h(
    "header", { class: "masthead" },
    h("a", { class: "skip-link", href: "#main", on: { click: toMain } }, t("skip")),
    h("p", { class: "brand" }, t("brand")),
    state.bundle && h("nav", { class: "menu", "aria-label": t("menu") }, h("ul", {},
      item("menu_overview", "#/", page === ""),
      item("menu_cases", "#/cases", page === "cases" || path.startsWith("case/c_")),
      item("menu_search", "#/search", page === "search"),
      item("menu_draw", "#/draw", page === "draw"))),
    h("div", { class: "masthead-end" },
      h("span", { id: "standing" }, state.bundle && badge(state)),
      state.file && h("button", { type: "button", class: "plain", on: { click: startAgain } }, t("another_file")),
      h("button", { type: "button", class: "plain", lang: language() === "zh" ? "en" : "zh-CN", on: { click: switchLanguage } }, t("other_language"))),
  );
}

function footer() {
  const { file, bundle } = state;
  return h(
    "footer", {},
    h("p", {}, t("footer")),
    bundle && h("p", { class: "print-only" }, t("print_made", { at: moment(new Date().toISOString()), file: file.name })),
  );
}

/** The address names the page, so the skip link moves the focus by itself. */
function toMain(event) {
  event.preventDefault();
  document.getElementById("main").focus();
}

function switchLanguage() {
  speak(language() === "zh" ? "en" : "zh");
  show();
}

function startAgain() {
  forget();
  state.turn += 1;
  Object.assign(state, NOTHING);
  location.hash = "#/";
  show();
}

/** Let the arrow keys step through the records of a case, but where they have a use of their own. */
function stepThrough(event) {
  const word = { ArrowLeft: "before", ArrowRight: "after" }[event.key];
  const isElsewhere = event.target.closest?.("input, select, textarea");
  if (!word || isElsewhere || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  const button = document.querySelector(`[data-step="${word}"]`);
  if (!button) return;
  event.preventDefault();
  button.click();
}

// ---------------------------------------------------------------- starting

function listen() {
  window.addEventListener("hashchange", async () => {
    await show();
    if (!address().asked.seq) window.scrollTo(0, 0);
    document.querySelector("h1")?.focus({ preventScroll: true });
  });
  document.addEventListener("keydown", stepThrough);
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    document.body.classList.add("dragging");
  });
  document.addEventListener("dragleave", () => document.body.classList.remove("dragging"));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    document.body.classList.remove("dragging");
    const files = [...event.dataTransfer.files];
    const isNotes = files.length > 0 && files.every((file) => file.name.endsWith(".note"));
    if (isNotes && state.bundle) compare({ ...state.asked, notes: files });
    else if (files.length === 1) choose(files[0]);
    else if (files.length > 1) {
      startAgain();
      state.refusal = t("several_files");
      show();
    }
  });
}

document.body.append(h("div", { id: "frame" }));
speak("zh");
listen();
show();

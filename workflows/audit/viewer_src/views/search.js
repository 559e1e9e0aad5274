// Searching all records.
import { h, refill } from "../dom.js";
import { Story } from "../reading/story.js";
import { moment, startOfDay, t } from "../words/words.js";
import { bar, moveBar } from "./verdict.js";

const KINDS = [
  "case_opened", "task_claimed", "task_released", "task_reassigned", "task_completed", "clock_fired",
  "message_received", "intervened", "withdrawn", "corrected", "undone", "case_migrated", "case_closed",
  "payload_erased", "house",
];

export async function searchView({ bundle, asked, change }) {
  const packs = await bundle.allPacks();
  const results = h("div", { id: "results", "aria-live": "polite" });
  const run = async (wanted) => refill(results, await found(bundle, packs, wanted, results));
  const form = fields(asked, (wanted) => {
    change(wanted);
    run(wanted);
  });
  if (Object.keys(asked).length) run(asked);
  else refill(results, h("p", {}, t("search_ask")));
  return [h("h1", { tabindex: -1 }, t("search_title")), form, results];
}

function fields(asked, onSearch) {
  const input = (name, type, hint) => h(
    "div", { class: `field${type === "search" ? " field-wide" : ""}` },
    h("label", { for: name }, t(`search_${name}`)),
    h("input", { type, id: name, name, value: asked[name] ?? "", autocomplete: "off", "aria-describedby": hint && `${name}-hint` }),
    hint && h("span", { class: "hint", id: `${name}-hint` }, t(`search_${name}_hint`)),
  );
  const form = h(
    "form", { class: "filters no-print", role: "search" },
    input("text", "search", true), input("person", "search", true),
    h("div", { class: "field" }, h("label", { for: "kind" }, t("search_kind")),
      h("select", { id: "kind", name: "kind" }, h("option", { value: "" }, t("filter_any")),
        KINDS.map((kind) => h("option", { value: kind, selected: asked.kind === kind }, t(`kind_${kind}`))))),
    input("from", "date"), input("to", "date"),
    h("div", { class: "field" }, h("button", { type: "submit", class: "primary" }, t("search_go"))),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    onSearch(Object.fromEntries([...new FormData(form)].filter(([, value]) => value.trim())));
  });
  return form;
}

async function found(bundle, packs, asked, results) {
  const text = (asked.text ?? "").trim();
  const ids = asked.person ? bundle.idsNamed(asked.person.trim()) : [];
  if (asked.person && !ids.length) return h("p", {}, t("search_nobody"));
  refill(results, h("p", {}, t("search_running")), bar("search-bar", t("search_running"), 0));
  const wanted = {
    text: text ? { term: text, codes: packs.flatMap((pack) => [...pack.codesNamed(text.toLowerCase())]), ids: bundle.idsNamed(text) } : null,
    ids,
    kind: asked.kind ?? "",
    from: asked.from ? startOfDay(asked.from) : "",
    to: asked.to ? startOfDay(asked.to, 1) : "",
  };
  const { hits, isCut } = await bundle.desk.ask("search", [wanted], (share) => moveBar("search-bar", share));
  if (!hits.length) return h("p", {}, t("search_none"));
  const rows = [];
  for (const hit of hits) rows.push(await row(bundle, hit));
  return [
    h("p", { class: "quiet" }, t(isCut ? "search_cut" : "search_found", { count: hits.length })),
    h("table", { class: "cases" },
      h("thead", {}, h("tr", {}, ["case", "when", "what", "who"].map((key) => h("th", { scope: "col" }, t(`column_${key}`))))),
      h("tbody", {}, rows)),
  ];
}

async function row(bundle, { record, excerpt, number }) {
  const found = bundle.byId.get(record.id);
  const [pack, process] = await bundle.definition(record.definition);
  const story = new Story(bundle, pack, process, []);
  const payload = number ? { form: { case_number: number } } : null;
  const title = story.title({ record, payload });
  const cell = (key, ...content) => h("td", { "data-label": t(`column_${key}`) }, content);
  return h(
    "tr", {},
    h("th", { scope: "row" }, h("a", { href: `#/case/${record.id}?seq=${record.seq}` },
      record.id.startsWith("c_") ? found?.number || t("unnumbered") : t("house_title"), " · ", t("record_number", { seq: record.seq }))),
    cell("when", moment(record.recorded_at)),
    cell("what", title, excerpt && h("p", { class: "excerpt" }, marked(excerpt))),
    cell("who", story.by(record)),
  );
}

function marked({ text, term }) {
  const at = text.toLowerCase().indexOf(term.toLowerCase());
  return ["…", text.slice(0, at), h("mark", {}, text.slice(at, at + term.length)), text.slice(at + term.length), "…"];
}

// The list of cases, with what narrows it down.
import { h, refill } from "../dom.js";
import { dayOf, listed, moment, t } from "../words/words.js";

const PAGE_SIZE = 50;
const NUMBERS = new Intl.Collator("zh-CN", { numeric: true });
const RUNGS = [1, 2, 3, 4];

export async function casesView({ bundle, asked, change }) {
  if (!bundle.cases.length) return [h("h1", { tabindex: -1 }, t("cases_title")), h("p", {}, t("cases_none"))];
  const packs = new Map();
  for (const { definition } of bundle.cases) {
    if (!packs.has(definition)) packs.set(definition, (await bundle.definition(definition))[0]);
  }
  const list = h("div", { id: "list", "aria-live": "polite" });
  const show = (wanted) => refill(list, results(bundle, packs, wanted, show, change));
  const form = filters(asked, (wanted) => {
    change(wanted);
    show(wanted);
  });
  show(asked);
  return [h("h1", { tabindex: -1 }, t("cases_title")), form, list];
}

function filters(asked, onChange) {
  const choice = (name, label, options) => h(
    "div", { class: "field" },
    h("label", { for: name }, t(label)),
    h("select", { id: name, name }, options.map(([value, words]) =>
      h("option", { value, selected: (asked[name] ?? "") === value }, words))),
  );
  const form = h(
    "form", { class: "filters no-print", role: "search" },
    h("div", { class: "field field-wide" }, h("label", { for: "text" }, t("filter_text")),
      h("input", { type: "search", id: "text", name: "text", value: asked.text ?? "", autocomplete: "off" })),
    choice("state", "filter_state", [["", t("filter_any")], ["open", t("state_open")], ["ended", t("state_ended")]]),
    choice("rung", "filter_rung", [["", t("filter_any")], ...RUNGS.map((each) => [String(each), t(`rung_${each}`)])]),
    h("div", { class: "field" }, h("label", { for: "from" }, t("filter_from")),
      h("input", { type: "date", id: "from", name: "from", value: asked.from ?? "" })),
    choice("sort", "filter_sort", [["", t("sort_number")], ["last", t("sort_last")], ["records", t("sort_records")]]),
  );
  const read = () => onChange(Object.fromEntries([...new FormData(form)].filter(([, value]) => value)));
  form.addEventListener("input", read);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    read();
  });
  return form;
}

function fitting(bundle, { text = "", state, rung, from, sort }) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = bundle.cases.filter((each) => {
    if (state && each.ended !== (state === "ended")) return false;
    if (rung && !each.tasks.some((task) => String(task.rung) === rung)) return false;
    if (from && dayOf(each.lastAt) < from) return false;
    const told = `${each.number} ${nameOf(bundle, each.organisation)} ${nameOf(bundle, each.subject)} ${each.about ?? ""} ${each.id}`;
    return words.every((word) => told.toLowerCase().includes(word));
  });
  const by = {
    last: (one, other) => (one.lastAt < other.lastAt ? 1 : -1),
    records: (one, other) => other.records - one.records,
  };
  const byNumber = (one, other) => NUMBERS.compare(one.number, other.number);
  return found.sort(by[sort] ?? byNumber);
}

function nameOf(bundle, id) {
  return id ? bundle.name(id) : "";
}

function results(bundle, packs, wanted, show, change) {
  const found = fitting(bundle, wanted);
  const pages = Math.max(1, Math.ceil(found.length / PAGE_SIZE));
  const page = Math.min(pages, Math.max(1, Number(wanted.page) || 1));
  const rows = found.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE);
  const count = h("p", { class: "quiet" }, t("cases_shown", { total: bundle.cases.length, count: found.length }));
  if (!rows.length) return [count, h("p", {}, t("cases_no_match"))];
  const columns = ["number", "subject", "problem", "state", "last", "records"];
  return [
    count,
    h(
      "table", { class: "cases" },
      h("thead", {}, h("tr", {}, columns.map((key) => h("th", { scope: "col" }, t(`column_${key}`))))),
      h("tbody", {}, rows.map((each) => row(bundle, packs.get(each.definition), each))),
    ),
    pages > 1 && turner(page, pages, (next) => {
      const turned = { ...wanted, page: String(next) };
      change(turned);
      show(turned);
      document.getElementById("list").scrollIntoView();
    }),
  ];
}

function row(bundle, pack, each) {
  const cell = (key, ...content) => h("td", { "data-label": t(`column_${key}`) }, content);
  return h(
    "tr", {},
    h("th", { scope: "row" }, h("a", { href: `#/case/${each.id}` }, each.number || t("unnumbered"))),
    cell("subject", nameOf(bundle, each.subject ?? each.organisation) || each.id),
    cell("problem", each.about),
    cell("state", stateOf(pack, each)),
    cell("last", moment(each.lastAt)),
    cell("records", `${each.records} `, each.escalations > 0 && h("span", { class: "tag" }, t("escalated_times", { times: each.escalations }))),
  );
}

function stateOf(pack, { ended, tasks }) {
  if (ended) return h("span", { class: "tag tag-done" }, t("state_ended"));
  const rungs = [...new Set(tasks.map((task) => task.rung))].filter((rung) => RUNGS.includes(rung));
  const names = [...new Set(tasks.map((task) => (pack ? pack.activity(task.activity) : task.activity)))];
  return [rungs.map((rung) => h("span", { class: `tag rung rung-${rung}` }, t(`rung_${rung}`))), listed(names)];
}

function turner(page, pages, go) {
  const button = (key, next) => h("button", { type: "button", disabled: next < 1 || next > pages, on: { click: () => go(next) } }, t(key));
  return h("p", { class: "turner no-print" }, button("page_before", page - 1), h("span", {}, t("page_of", { page, pages })), button("page_after", page + 1));
}

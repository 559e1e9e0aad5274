// Drawing cases by lot, under a seed that the reviewer makes up once he has the bundle.
import { h, refill } from "../dom.js";
import { poolHash, ranked } from "../reading/drawing.js";
import { t } from "../words/words.js";

const LONGEST_SEED = 100;

export function drawView({ bundle, asked, change }) {
  const title = h("h1", { tabindex: -1 }, t("draw_title"));
  const byName = new Map(bundle.cases.map((each) => [each.number || each.id, each]));
  if (!byName.size) return [title, h("p", {}, t("cases_none"))];
  const results = h("div", { id: "lots", "aria-live": "polite" });
  const run = (wanted) => refill(results, drawn(byName, wanted));
  const form = fields(asked, byName.size, (wanted) => {
    change(wanted);
    run(wanted);
  });
  if (asked.seed) run(asked);
  return [
    title,
    h("p", {}, t("draw_lead")),
    h("p", {}, t("draw_how")),
    h("p", {}, t("draw_pool", { cases: byName.size }), " ", h("code", { id: "pool-hash" }, poolHash([...byName.keys()]))),
    form,
    results,
  ];
}

function fields(asked, most, onDraw) {
  const form = h(
    "form", { class: "filters no-print" },
    h("div", { class: "field field-wide" }, h("label", { for: "seed" }, t("draw_seed")),
      h("input", { type: "text", id: "seed", name: "seed", value: asked.seed ?? "", autocomplete: "off", required: true, maxlength: LONGEST_SEED })),
    h("div", { class: "field" }, h("label", { for: "count" }, t("draw_count")),
      h("input", { type: "number", id: "count", name: "count", value: asked.count ?? "5", min: 1, max: most, required: true })),
    h("div", { class: "field" }, h("button", { type: "submit", class: "primary" }, t("draw_go"))),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { seed, count } = Object.fromEntries(new FormData(form));
    if (seed.trim()) onDraw({ seed: seed.trim(), count });
  });
  return form;
}

function drawn(byName, { seed, count }) {
  const wanted = Math.max(1, Math.floor(Number(count)) || 1);
  const lots = ranked([...byName.keys()], seed).slice(0, wanted);
  const heads = ["place", "number", "digest"].map((key) => h("th", { scope: "col" }, t(`column_${key}`)));
  return [
    h("p", { class: "quiet" }, t("draw_done", { seed, count: lots.length })),
    h("table", { class: "cases" }, h("thead", {}, h("tr", {}, heads)), h("tbody", {}, lots.map((lot) => row(byName, lot)))),
  ];
}

function row(byName, { place, name, digest }) {
  return h(
    "tr", {},
    h("td", { "data-label": t("column_place") }, String(place)),
    h("th", { scope: "row" }, h("a", { href: `#/case/${byName.get(name).id}` }, name)),
    h("td", { "data-label": t("column_digest") }, h("code", {}, digest)),
  );
}

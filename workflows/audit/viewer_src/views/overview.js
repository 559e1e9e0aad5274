// The overview: what was found, who made the bundle, for whom, and what it does not prove.
import { h } from "../dom.js";
import { moment, size, t } from "../words/words.js";
import { verdictBlock } from "./verdict.js";

export function overviewView(state) {
  const { bundle } = state;
  return [
    h("h1", { tabindex: -1 }, t("menu_overview")),
    verdictBlock(state),
    h("section", {}, h("h2", {}, t("about_title")), about(bundle)),
    h("section", {}, h("h2", {}, t("proved_title")), h("ul", {}, ["proved_1", "proved_2"].map((key) => h("li", {}, t(key))))),
    h("section", {}, h("h2", {}, t("unproved_title")), h("ul", {}, unproved().map((key) => h("li", {}, t(key))))),
    h("section", {}, h("h2", {}, t("withheld_title")), withheld(bundle)),
    bundle.houses?.length > 0 && h(
      "section", {}, h("h2", {}, t("streams_title")),
      h("ul", {}, bundle.houses.map(({ id, records }) =>
        h("li", {}, h("a", { href: `#/case/${id}` }, t("stream_house", { records })), " ", h("code", {}, id)))),
    ),
  ];
}

function unproved() {
  return ["unproved_unsigned", "unproved_truth", "unproved_beside"];
}

function about(bundle) {
  const { manifest } = bundle;
  const pairs = [
    ["about_origin", manifest.origin],
    ["about_made_at", moment(manifest.made_at)],
    ["about_recipient", manifest.recipient],
    ["about_purpose", typeof manifest.purpose === "string" ? manifest.purpose : ""],
    ["about_scope", bundle.scope()],
    ["about_count", bundle.cases ? counts(bundle) : t("reading")],
    ["about_format", manifest.format],
    ["about_version", manifest.app_version],
    ["about_file", `${bundle.file.name} · ${size(bundle.size)}`],
  ];
  return h(
    "dl", { class: "pairs" },
    pairs.filter(([, value]) => value).map(([key, value]) => h("div", {}, h("dt", {}, t(key)), h("dd", {}, value))),
  );
}

function counts({ cases, houses, directory, organisations, attachments }) {
  return t("about_counts", {
    cases: cases.length,
    records: [...cases, ...houses].reduce((sum, each) => sum + each.records, 0),
    people: directory.length,
    organisations: organisations.length,
    attachments: attachments.length,
  });
}

const MOST_WITHHELD = 200;

function withheld(bundle) {
  if (!bundle.withheld.length) return h("p", {}, t("withheld_none"));
  const rows = bundle.withheld.slice(0, MOST_WITHHELD);
  return h(
    "div", { class: "wide", tabindex: 0, role: "region", "aria-label": t("withheld_title") },
    h(
      "table", {},
      h("thead", {}, h("tr", {}, ["column_case", "column_record", "column_reason", "column_by"].map((key) => h("th", { scope: "col" }, t(key))))),
      h("tbody", {}, rows.map(({ id, seq, reason, by }) => h(
        "tr", {},
        h("td", {}, h("a", { href: `#/case/${id}?seq=${seq}` }, bundle.byId?.get(id)?.number || id)),
        h("td", {}, String(seq)), h("td", {}, reason), h("td", {}, bundle.name(by)),
      ))),
    ),
    bundle.withheld.length > rows.length && h("p", {}, t("search_cut", { count: rows.length })),
  );
}

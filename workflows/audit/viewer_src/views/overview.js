// The overview: what was found, who made the bundle, for whom, and what it does not prove.
import { h } from "../dom.js";
import { moment, reasonOf, size, t } from "../words/words.js";
import { verdictBlock } from "./verdict.js";

/** Show the page; compare(asked) is called with what a reviewer has from elsewhere. */
export function overviewView(state, compare) {
  const { bundle } = state;
  const isSigned = bundle.manifest.format !== "duban-bundle/0";
  return [
    h("h1", { tabindex: -1 }, t("menu_overview")),
    verdictBlock(state),
    isSigned && outside(state, compare),
    h("section", {}, h("h2", {}, t("about_title")), about(bundle)),
    h("section", {}, h("h2", {}, t("proved_title")), h("ul", {}, ["proved_1", "proved_2", ...(isSigned ? ["proved_signed"] : [])].map((key) => h("li", {}, t(key))))),
    h("section", {}, h("h2", {}, t("unproved_title")), h("ul", {}, unproved(isSigned).map((key) => h("li", {}, t(key))))),
    h("section", {}, h("h2", {}, t("withheld_title")), withheld(bundle)),
    bundle.houses?.length > 0 && h(
      "section", {}, h("h2", {}, t("streams_title")),
      h("ul", {}, bundle.houses.map(({ id, records }) =>
        h("li", {}, h("a", { href: `#/case/${id}` }, t("stream_house", { records })), " ", h("code", {}, id)))),
    ),
  ];
}

function unproved(isSigned) {
  return isSigned
    ? ["unproved_alone", "unproved_key", "unproved_truth", "unproved_stated"]
    : ["unproved_unsigned", "unproved_truth", "unproved_beside"];
}

/** Ask for fingerprint and checkpoints that the reviewer has from outside the bundle. */
function outside({ asked, outsideRefusal }, compare) {
  const form = h(
    "form", { class: "outside no-print" },
    h("p", { class: "quiet" }, t("outside_lead")),
    outsideRefusal && h("p", { class: "notice notice-wrong", role: "alert" }, outsideRefusal),
    h("div", { class: "field-block" }, h("label", { for: "fingerprint-asked" }, t("outside_fingerprint")),
      h("input", { id: "fingerprint-asked", name: "fingerprint", value: asked.fingerprint, autocomplete: "off", spellcheck: "false", "aria-describedby": "fingerprint-hint" }),
      h("span", { class: "hint", id: "fingerprint-hint" }, t("outside_fingerprint_hint"))),
    h("div", { class: "field-block" }, h("label", { for: "slips" }, t("outside_slips")),
      h("textarea", { id: "slips", name: "slips", rows: 2, spellcheck: "false" }, asked.slips.join("\n"))),
    h("div", { class: "field-block" }, h("label", { for: "notes" }, t("outside_notes")),
      h("input", { type: "file", id: "notes", multiple: true })),
    h("p", {}, h("button", { type: "submit", class: "primary" }, t("outside_go"))),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { fingerprint, slips, notes } = form.elements;
    compare({
      fingerprint: fingerprint.value.trim(),
      slips: slips.value.split("\n").map((line) => line.trim()).filter(Boolean),
      notes: notes.files.length ? [...notes.files] : asked.notes,
    });
  });
  return h("section", {}, h("h2", {}, t("outside_title")), form);
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
  const all = [...bundle.withheld, ...(bundle.fields ?? [])];
  if (!all.length) return h("p", {}, t("withheld_none"));
  const rows = all.slice(0, MOST_WITHHELD);
  return h(
    "div", { class: "wide", tabindex: 0, role: "region", "aria-label": t("withheld_title") },
    h(
      "table", {},
      h("thead", {}, h("tr", {}, ["column_case", "column_record", "column_reason", "column_by"].map((key) => h("th", { scope: "col" }, t(key))))),
      h("tbody", {}, rows.map(({ id, seq, reason, by, isField }) => h(
        "tr", {},
        h("td", {}, h("a", { href: `#/case/${id}?seq=${seq}` }, bundle.byId?.get(id)?.number || id)),
        h("td", {}, String(seq), isField && t("withheld_field")), h("td", {}, reasonOf(reason)), h("td", {}, bundle.name(by)),
      ))),
    ),
    all.length > rows.length && h("p", {}, t("search_cut", { count: rows.length })),
  );
}

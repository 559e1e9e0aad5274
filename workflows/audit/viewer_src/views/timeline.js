// What happened in a stream, record by record, with what each changed.
import { h, icon } from "../dom.js";
import { moment, size, t } from "../words/words.js";

const SIGNS = {
  case_opened: "house", task_completed: "task", clock_fired: "clock", message_received: "message",
  case_closed: "house", case_migrated: "house", corrected: "mend", undone: "back", withdrawn: "back",
  house: "house",
};

/** Show the records; picture, where there is one, shows the case after any of them. */
export function timeline(story, picture) {
  return h("ol", { class: "timeline" }, story.entries.map((entry, at) => event(story, picture, entry, at)));
}

function event(story, picture, entry, at) {
  const { record } = entry;
  const isUp = record.kind === "clock_fired" && record.effects.opened.length > 0;
  const marks = [...story.marks(entry)];
  const isBack = marks.some(([kind]) => kind === "back");
  return h(
    "li", { id: `r${record.seq}`, class: `event${isUp ? " event-up" : ""}${isBack ? " event-back" : ""}`, value: record.seq },
    h(
      "div", { class: "event-head" },
      h("span", { class: "event-sign" }, icon(isUp ? "up" : SIGNS[record.kind] ?? "officer")),
      h("h3", {}, h("span", { class: "event-number" }, t("record_number", { seq: record.seq })), " ", story.title(entry)),
    ),
    h("p", { class: "event-by" }, h("time", { datetime: record.recorded_at }, moment(record.recorded_at)), " · ", story.by(record)),
    marks.length > 0 && h("ul", { class: "marks" }, marks.map(([kind, words]) => h("li", { class: `tag mark-${kind}` }, words))),
    notes(story, entry),
    changes(story, at),
    corrected(record),
    consequences(story, entry),
    filled(story, entry),
    entry.payload?.reason && h("p", { class: "event-reason" }, h("strong", {}, t("record_reason")), " ", entry.payload.reason),
    attachments(story, entry),
    proof(story, entry),
    picture && h("p", { class: "no-print" }, h("button", { type: "button", class: "link", on: { click: () => picture.go(at) } },
      t("record_go", { seq: record.seq }))),
  );
}

function notes(story, entry) {
  const told = [...story.notes(entry)];
  return told.length > 0 && h("ul", { class: "notes" }, told.map((note) => h("li", {}, note)));
}

/** Lead from one record to another of this case; an address would leave the page of the case. */
function to(seq, words) {
  const go = () => {
    const found = document.getElementById(`r${seq}`);
    found.setAttribute("tabindex", "-1");
    found.scrollIntoView();
    found.focus();
  };
  return h("button", { type: "button", class: "link", on: { click: go } }, words);
}

function corrected({ kind, about }) {
  return kind === "corrected" && about && h("p", { class: "notes" }, to(about.seq, t("corrected_record", { seq: about.seq })));
}

function consequences(story, entry) {
  const found = [...story.consequences(entry)];
  if (!found.length) return null;
  return [h("p", { class: "notes" }, t("consequences")), h("ul", { class: "notes" }, found.map((each) => h("li", {}, each)))];
}

/** Show old and new of each fact that the record changed; where all are new, there is no old to show. */
function changes(story, at) {
  const found = story.changes(at);
  if (!found.length) return null;
  const columns = found.every(({ old }) => old === null) ? ["fact", "new"] : ["fact", "old", "new"];
  return h(
    "table", { class: `changes changes-${columns.length}` },
    h("caption", { class: "unseen" }, t("record_changed")),
    h("thead", {}, h("tr", {}, columns.map((key) => h("th", { scope: "col" }, t(`column_${key}`))))),
    h("tbody", {}, found.map((change) => h("tr", {}, columns.map((key) => cell(story, key, change))))),
  );
}

function cell(story, key, change) {
  const { name } = change;
  const { pack } = story;
  if (key === "fact") return h("th", { scope: "row" }, pack ? pack.fact(name) : name);
  const value = change[key];
  if (value === null) return h("td", {}, h("span", { class: "quiet" }, t("nothing")));
  if (key === "new" && change.corrected) {
    const { seq, value: right } = change.corrected;
    return h("td", {}, h("del", {}, story.value(name, value)), " ", h("ins", {}, story.value(name, right)), " ",
      to(seq, t("corrected_by", { seq })));
  }
  return h("td", {}, h(key === "old" ? "del" : "ins", {}, story.value(name, value)));
}

function filled(story, entry) {
  const rows = story.filled(entry).filter(([label]) => label);
  const shown = new Set(Object.keys(entry.payload?.facts ?? {}).map((name) => story.pack?.fact(name)));
  // What became a fact stands above already.
  const others = rows.filter(([label]) => !shown.has(label));
  if (!others.length) return null;
  return h(
    "dl", { class: "filled", "aria-label": t("record_filled") },
    others.map(([label, value]) => h("div", {}, h("dt", {}, label), h("dd", {}, value))),
  );
}

function attachments({ bundle }, { payload }) {
  const files = payload?.attachments ?? [];
  if (!files.length) return null;
  return h(
    "ul", { class: "files", "aria-label": t("record_files") },
    files.map(({ name, sha256, bytes }) => h(
      "li", {},
      `${t("record_files")}${t("colon")}${name} · ${size(bytes)} · `,
      bundle.kept.has(sha256)
        ? h("button", { type: "button", class: "link no-print", "aria-label": t("record_file_save", { name }), on: { click: () => save(bundle, name, sha256) } }, t("record_file_here"))
        : t("record_file_absent"),
    )),
  );
}

/** Hand a paper out under its name, as a file of no type: nothing of a bundle is opened here. */
async function save(bundle, name, hash) {
  const bytes = await bundle.desk.ask("bytes", [`attachments/${hash}`]);
  const address = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
  const link = h("a", { href: address, download: name.replace(/[\\/:*?"<>|\0-\x1f]/g, "_") });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60000);
}

function proof(story, { record }) {
  const { prev, payload, trace } = record;
  return h(
    "details", { class: "proof no-print" },
    h("summary", {}, t("record_evidence")),
    h(
      "dl", { class: "pairs" },
      h("div", {}, h("dt", {}, t("record_prev")), h("dd", {}, h("code", {}, prev))),
      payload && h("div", {}, h("dt", {}, t("record_commitment")), h("dd", {}, h("code", {}, payload))),
      trace.length > 0 && h("div", {}, h("dt", {}, t("record_trace")), h("dd", {}, h("ul", {}, trace.map(([expression, value]) =>
        h("li", {}, h("code", {}, expression), ` → ${t(value ? "yes" : "no")}`))))),
    ),
  );
}

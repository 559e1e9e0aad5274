// A case: header, state, facts, where it stood on the diagram, and what happened.
import { h, icon } from "../dom.js";
import { Story } from "../reading/story.js";
import { day, dayOf, listed, longDay, t } from "../words/words.js";
import { diagramSection } from "./picture.js";
import { timeline } from "./timeline.js";

export async function caseView({ bundle, id, asked, standing }) {
  const found = bundle.byId.get(id);
  if (!found) return [h("h1", { tabindex: -1 }, t("case_unknown"))];
  const [pack, process] = await bundle.definition(found.definition);
  const entries = await bundle.desk.ask("stream", [id]);
  const story = new Story(bundle, pack, process, entries);
  const isCase = id.startsWith("c_");
  const title = isCase ? found.number || t("unnumbered") : t("house_title");
  const picture = isCase && entries.length > 0 ? await diagramSection(bundle, story, asked.seq) : null;
  return [
    h("p", { class: "no-print" }, h("a", { href: isCase ? "#/cases" : "#/" }, icon("back"), t(isCase ? "case_back" : "menu_overview"))),
    h("div", { class: "page-head" }, h("h1", { tabindex: -1 }, title),
      h("button", { type: "button", class: "no-print", on: { click: () => window.print() } }, t("print"))),
    h("p", { class: "print-only" }, t("print_verdict", { origin: bundle.manifest.origin, verdict: t(`verdict_${standing}`) })),
    header(bundle, found, pack),
    isCase && state(story),
    picture && picture.section,
    isCase && facts(story, found),
    h("section", {}, h("h2", { id: "timeline" }, t("case_timeline")),
      h("p", { class: "quiet" }, t("case_timeline_order", { records: entries.length })),
      timeline(story, picture)),
  ];
}

function header(bundle, found, pack) {
  const pairs = [
    ["case_organisation", found.organisation && bundle.name(found.organisation)],
    ["case_subject", found.subject && found.subject !== found.organisation && bundle.name(found.subject)],
    ["case_problem", found.about],
    ["case_span", `${day(dayOf(found.openedAt))} – ${day(dayOf(found.lastAt))}`],
    ["case_definition", pack && pack.title],
    ["case_id", h("code", {}, found.id)],
  ];
  return h("dl", { class: "pairs" }, pairs.filter(([, value]) => value).map(([key, value]) =>
    h("div", {}, h("dt", {}, t(key)), h("dd", {}, value))));
}

function state(story) {
  const last = story.steps[story.steps.length - 1];
  if (!last) return null;
  if (!last.holds) {
    const { seq } = story.steps.find((step) => !step.holds);
    return h("p", { class: "notice notice-wrong" }, t("fold_stopped", { seq }));
  }
  return h(
    "section", {}, h("h2", {}, t("case_tasks")),
    last.ended && h("p", {}, h("span", { class: "tag tag-done" }, t("state_ended"))),
    !last.ended && last.tasks.length === 0 && h("p", {}, t("case_no_tasks")),
    last.tasks.length + last.clocks.length > 0 && h("ul", { class: "tasks" },
      last.tasks.map((task) => h("li", {}, taskLine(story, task))),
      last.clocks.map((clock) => h("li", {}, clockLine(story, clock)))),
  );
}

function taskLine({ bundle, pack }, { activity, office, rung, claimant, roles }) {
  const named = pack ? pack.activity(activity) : activity;
  return [
    icon("task"),
    rung > 0 && h("span", { class: `tag rung rung-${rung}` }, t(`rung_${rung}`)),
    h("strong", {}, t("task_at", { activity: named, office: bundle.name(office) })),
    ` ${listed(roles.map((role) => bundle.role(role)))}`,
    claimant && ` · ${t("task_claimant", { name: bundle.person(claimant) })}`,
  ];
}

function clockLine(story, { rule, due_on: on, provisional, paused }) {
  const more = [provisional && t("note_provisional"), paused && t("clock_paused")].filter(Boolean);
  return [icon("clock"), t("clock_due", { rule: story.rule(rule), on: longDay(on) }), more.length > 0 && ` · ${listed(more)}`];
}

function facts(story, { withheld }) {
  const last = story.steps[story.steps.length - 1];
  if (!last || !last.holds || !(last.after.size || withheld.length)) return null;
  const { pack } = story;
  return h(
    "section", {}, h("h2", {}, t("case_facts")),
    h("dl", { class: "facts" }, [...last.after].filter(([, value]) => value !== null).map(([name, value]) => h(
      "div", {},
      h("dt", {}, pack ? pack.fact(name) : name),
      h("dd", {}, story.value(name, value)),
    ))),
    withheld.length > 0 && h("p", {}, t("case_facts_withheld", { names: listed(withheld.map((name) => (pack ? pack.fact(name) : name))) })),
  );
}

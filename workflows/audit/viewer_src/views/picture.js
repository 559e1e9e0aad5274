// The diagram of a case with where it stood after any of its records.
import { draw } from "../diagram/draw.js";
import { awaited, locate, progressByProcess } from "../diagram/progress.js";
import { h, refill } from "../dom.js";
import { listed, t } from "../words/words.js";

const NARROW_PIXELS = 700;

/** Make the section; gives it with go(at), which shows the case after one of its records. */
export async function diagramSection(bundle, story, askedSeq) {
  if (!story.pack?.plans.has(story.process)) {
    return { section: h("section", {}, h("h2", {}, t("case_diagram")), h("p", {}, t("no_diagram"))), go: () => {} };
  }
  const hashes = story.steps.map((step) => step.marking).filter(Boolean);
  const markings = await bundle.desk.ask("markings", [hashes]);
  return new Picture(story, markings, askedSeq);
}

class Picture {
  constructor(story, markings, askedSeq) {
    Object.assign(this, { story, markings, chosen: null, isWhole: window.innerWidth > NARROW_PIXELS });
    const asked = story.entries.findIndex(({ record }) => String(record.seq) === askedSeq);
    this.at = asked >= 0 ? asked : story.entries.length - 1;
    this.title = h("p", { class: "step-title", id: "step-title", "aria-live": "polite" });
    this.paper = h("div", { class: "diagram", tabindex: 0, role: "group", "aria-label": t("case_diagram") });
    this.controls = h("div", { class: "stepper no-print", role: "group", "aria-label": t("step_label") });
    this.processes = h("div", { class: "processes no-print", role: "group", "aria-label": t("diagram_of") });
    this.section = h(
      "section", { class: "picture", "aria-labelledby": "diagram-head" },
      h("h2", { id: "diagram-head" }, t("case_diagram")),
      this.controls, this.title, this.processes, this.paper, key(),
      h("p", { class: "quiet no-print" }, t("step_hint")),
    );
    this.controls.append(...this.buttons());
    this.show();
  }

  buttons() {
    const { length } = this.story.entries;
    const button = (word, next) => h("button", { type: "button", "data-step": word, on: { click: () => this.step(next()) } }, t(`step_${word}`));
    this.range = h("input", {
      type: "range", min: 1, max: length, value: this.at + 1, "aria-label": t("step_label"),
      on: { input: () => this.step(Number(this.range.value) - 1) },
    });
    return [
      button("first", () => 0), button("before", () => this.at - 1), this.range,
      button("after", () => this.at + 1), button("last", () => length - 1),
    ];
  }

  /** Show the case after a record and bring the diagram into view. */
  go(at) {
    this.step(at);
    this.section.scrollIntoView();
    this.paper.focus({ preventScroll: true });
  }

  step(at) {
    this.at = Math.max(0, Math.min(this.story.entries.length - 1, at));
    this.chosen = null;
    this.show();
  }

  show() {
    const { story, at } = this;
    const [entry, step] = [story.entries[at], story.steps[at]];
    const total = story.entries.length;
    this.range.value = at + 1;
    this.range.setAttribute("aria-valuetext", t("step_at", { seq: entry.record.seq, total }));
    const stands = this.stands(step);
    refill(this.title, h("strong", {}, t("step_at", { seq: entry.record.seq, total })), ` ${story.title(entry)}`, h("br"), stands);
    const current = step.holds && !step.ended ? this.current(step) : [];
    const { plans } = story.pack;
    const progress = progressByProcess(plans, story.process, current, step.been);
    this.draw(progress, current, stands);
  }

  stands(step) {
    if (!step.holds) return t("stands_unknown");
    if (step.ended) return t("stands_nowhere");
    const places = listed(this.current(step).map((path) => this.story.place(path)));
    return places ? t("stands_at", { places }) : t("stands_unknown");
  }

  current({ tasks, marking }) {
    const { story, markings } = this;
    const waiting = awaited(story.pack.plans, story.process, markings[marking]);
    return [...tasks.map(({ task }) => task), ...waiting];
  }

  draw(progress, current, stands) {
    const { story } = this;
    const { pack } = story;
    const known = [story.process, ...[...progress.keys()].filter((id) => id !== story.process).sort()];
    const drawn = known.includes(this.chosen) ? this.chosen : this.deepest(current, known);
    refill(this.processes, known.length > 1 && known.map((id) => h(
      "button", { type: "button", "aria-pressed": String(id === drawn), on: { click: () => this.choose(id) } }, pack.process(id),
    )), h("button", { type: "button", class: "link", on: { click: () => this.resize() } }, t(this.isWhole ? "diagram_real" : "diagram_whole")));
    const plan = pack.plans.get(drawn);
    const nothing = { current: new Set(), been: new Set(), counts: new Map() };
    const svg = draw(plan, progress.get(drawn) ?? nothing, {
      title: pack.process(drawn),
      description: stands,
      name: (kind, id, written) => pack.onDiagram(kind, id, written),
      canOpen: (id) => known.includes(id) && id !== drawn,
      open: (id) => this.choose(id),
    });
    this.paper.classList.toggle("diagram-whole", this.isWhole);
    refill(this.paper, svg);
    this.bringIntoView();
  }

  /** On paper larger than the window, scroll to where the case stands. */
  bringIntoView() {
    const stands = this.paper.querySelector(".d-current .d-shape");
    if (this.isWhole || !stands) return;
    const [place, paper] = [stands.getBoundingClientRect(), this.paper.getBoundingClientRect()];
    this.paper.scrollLeft += place.left - paper.left - paper.width / 3;
  }

  /** Give the process in which the innermost of the open places lies. */
  deepest(current, known) {
    const depth = (path) => path.split("/").length;
    const [path] = [...current].sort((one, other) => depth(other) - depth(one));
    const [last] = path ? locate(this.story.pack.plans, this.story.process, path).slice(-1) : [];
    return last && known.includes(last[0]) ? last[0] : this.story.process;
  }

  choose(id) {
    this.chosen = id;
    this.show();
  }

  resize() {
    this.isWhole = !this.isWhole;
    this.show();
  }
}

function key() {
  return h("ul", { class: "diagram-key", "aria-label": t("diagram_key") }, ["current", "been", "possible", "away"].map((state) =>
    h("li", { class: `key-${state}` }, h("span", { class: "key-sign", "aria-hidden": "true" }), t(`diagram_${state}`))));
}

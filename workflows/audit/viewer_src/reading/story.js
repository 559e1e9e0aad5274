// The records of a stream in officers' words, with what each changed and where the case stood after it.
import { isClosed } from "../proof/closed.js";
import { CaseState } from "../proof/fold.js";
import { isObject } from "../proof/problem.js";
import { day, dayOf, daysBetween, isDay, knows, listed, longDay, reasonOf, t } from "../words/words.js";
import { REVIEW } from "./pack.js";

const INTERVENTIONS = [
  "sign", "pause", "resume", "enter_late", "refuse_late", "pause_from", "stop", "go_on",
  "refuse_co_sign", "correct", "refuse_correction", "review_consequences", "recuse", "publish", "break_glass",
  "determine", "merge", "merged_in", "unmerge", "taken_out", "void_effects", "remind", "supervise", "end_supervision",
  "comment", "over_cap",
];

function daysLate({ occurred_at: occurred, recorded_at: recorded }) {
  return daysBetween(dayOf(occurred), dayOf(recorded));
}

/** Say whether an act was entered a day or more after it was done. */
function isLate(record) {
  return record.kind !== "clock_fired" && daysLate(record) > 0;
}

export class Story {
  /** entries: [{record, payload, openings, withheld}] in order; pack may be null. */
  constructor(bundle, pack, process, entries) {
    Object.assign(this, { bundle, pack, process, entries });
    this.takenBack = new Map();
    // What later records corrected, by the record that they are about.
    this.corrected = new Map();
    this.erased = new Set();
    for (const { record, payload } of entries) this.note(record, payload);
    // Why values are withheld, by their commitments.
    this.reasons = new Map(entries.flatMap(({ openings }) => Object.entries(openings)));
    this.steps = [...this.walk()];
  }

  note({ kind, about, seq }, payload) {
    if (!isObject(about)) return;
    if (kind === "withdrawn" || kind === "undone") this.takenBack.set(about.seq, { kind, seq });
    if (kind === "corrected") this.noteCorrection(about.seq, seq, payload?.facts ?? {});
    if (kind === "payload_erased") this.erased.add(about.seq);
  }

  noteCorrection(about, seq, facts) {
    const known = this.corrected.get(about) ?? { seq, facts: new Map() };
    known.seq = seq;
    for (const [name, change] of Object.entries(facts)) known.facts.set(name, { seq, value: change.new });
    this.corrected.set(about, known);
  }

  // -------------------------------------------------------- where it stood

  /** Fold record by record; where one does not fit, nothing is told from there on. */
  *walk() {
    const state = new CaseState();
    const passed = new Map();
    let holds = true;
    for (const { record, payload } of this.entries) {
      const before = new Map(state.facts);
      try {
        if (holds && record.stream === "case") state.apply(record, payload);
      } catch {
        holds = false;
      }
      passed.set(record.seq, [...record.effects.closed, ...record.effects.fired]);
      if (["withdrawn", "undone"].includes(record.kind)) passed.delete(record.about?.seq);
      const places = { tasks: [...state.tasks.values()], clocks: [...state.clocks.values()] };
      const { marking, ended } = state;
      const been = new Set([...passed.values()].flat());
      yield { seq: record.seq, holds, marking, ended, been, before, after: new Map(state.facts), ...places };
    }
  }

  /** Give the facts that a record changed as {name, old, new}; an undoing changes them back. */
  changes(at) {
    const { record, payload } = this.entries[at];
    const { before, after, holds } = this.steps[at];
    if (record.kind === "undone" && holds) {
      const names = new Set([...before.keys(), ...after.keys()]);
      return [...names]
        .filter((name) => JSON.stringify(before.get(name)) !== JSON.stringify(after.get(name)))
        .map((name) => ({ name, old: before.get(name) ?? null, new: after.get(name) ?? null }));
    }
    const corrected = this.corrected.get(record.seq)?.facts;
    return Object.entries(payload?.facts ?? {})
      .map(([name, change]) => ({ name, ...change, corrected: corrected?.get(name) }));
  }

  // ------------------------------------------------------------- in words

  title({ record, payload }) {
    const { kind, trigger, effects, about } = record;
    const place = this.place(trigger.ref);
    if (kind === "clock_fired") return this.firing(record);
    if (kind === "house") return this.house(trigger);
    if (kind === "intervened") {
      const known = INTERVENTIONS.includes(trigger.name);
      return known ? t(`told_${trigger.name}`, { place }) : t("told_other", { name: trigger.name });
    }
    if (kind === "case_opened") {
      const number = payload?.form?.case_number;
      return typeof number === "string" ? t("told_case_opened", { number }) : t("told_case_opened_unnumbered");
    }
    const to = listed(effects.assigned.map((each) => this.bundle.person(each.claimant)));
    return t(`told_${kind}`, { place, to, about: about?.seq, message: this.message(trigger.name) });
  }

  firing({ trigger, effects }) {
    const rule = this.rule(trigger.name);
    const opened = listed(effects.opened.map(({ activity }) => t("quoted", { name: this.activity(activity) })));
    return opened ? t("told_fired_opening", { rule, opened }) : t("told_fired", { rule });
  }

  house({ name }) {
    return knows(`house_${name}`) ? t(`house_${name}`) : t("told_other", { name });
  }

  activity(id) {
    if (id === REVIEW) return t("activity_review");
    return this.pack ? this.pack.activity(id) : id;
  }

  place(path) {
    return this.pack ? this.pack.place(path) : path;
  }

  rule(code) {
    return this.pack ? this.pack.rule(code) : code;
  }

  message(name) {
    for (const plan of this.pack?.plans.values() ?? []) {
      if (plan.messages.has(name)) return this.activity(plan.messages.get(name));
    }
    return name;
  }

  /** Say who acted, for whom, and who typed it in. */
  by({ actor, role, performed_by: doer, source, acting_for: absent }) {
    const { bundle } = this;
    const withRole = (name) => (role ? t("with_role", { name, role: bundle.role(role) }) : name);
    let typist = bundle.person(actor);
    if (absent) typist = t("by_acting", { name: typist, absent: bundle.person(absent) });
    if (!doer) return withRole(typist);
    const named = withRole(bundle.person(doer));
    return t(source === "paper" ? "by_paper" : "by_other", { doer: named, typist });
  }

  /** Say what else there is to know of a record, a sentence each. */
  *notes({ record, payload }) {
    const form = payload?.form ?? {};
    const occurred = dayOf(record.occurred_at);
    if (dayOf(record.recorded_at) !== occurred) yield t("note_occurred", { day: day(occurred) });
    if (isLate(record)) yield t("note_late_entry", { days: daysLate(record) });
    if (knows(`finding_${form.review_finding}`)) yield t("note_finding", { finding: t(`finding_${form.review_finding}`) });
    if (form.late_seconds >= 3600) yield t("note_late_sweep", { hours: Math.floor(form.late_seconds / 3600) });
    if (typeof form.paper_document === "string") yield t("note_paper", { document: form.paper_document });
    if (form.paper_scan_follows) yield t("note_scan_follows");
    if (record.source === "upload") yield t("note_upload");
    yield* this.effects(record);
  }

  *effects({ kind, effects }) {
    const quoted = (name) => t("quoted", { name });
    for (const { clock, due_on: on, why } of effects.moved) {
      yield t("note_moved", { clock: this.place(clock), on: longDay(on), why: t(`why_${why}`) });
    }
    if (effects.opened.length && kind !== "clock_fired") {
      yield t("note_opened", { names: listed(effects.opened.map(({ activity }) => quoted(this.activity(activity)))) });
    }
    for (const { rule, due_on: on, provisional } of effects.armed) {
      const told = t("note_armed", { rule: this.rule(rule), on: longDay(on) });
      yield provisional ? `${told} · ${t("note_provisional")}` : told;
    }
    if (effects.thrown.length) {
      yield t("note_thrown", { names: listed(effects.thrown.map((name) => quoted(this.message(name)))) });
    }
    if (effects.ended) yield t("note_ended");
  }

  /** Say in a word or two what is unusual about a record, as [class, words]. */
  *marks({ record, payload, withheld }) {
    const { seq } = record;
    const back = this.takenBack.get(seq);
    if (back) yield ["back", t(`mark_${back.kind}`, { seq: back.seq })];
    if (this.corrected.has(seq)) yield ["corrected", t("mark_corrected", { seq: this.corrected.get(seq).seq })];
    if (record.source === "paper") yield ["paper", t("mark_paper")];
    if (isLate(record)) yield ["late", t("mark_late")];
    if (record.acting_for) yield ["acting", t("mark_acting")];
    if (payload || record.payload === null) return;
    if (withheld) yield ["withheld", t("mark_withheld", { reason: reasonOf(withheld.reason), by: this.bundle.name(withheld.by) })];
    else if (this.erased.has(seq)) yield ["erased", t("mark_erased")];
    else yield ["missing", t("mark_missing")];
  }

  /** Say what would have been judged otherwise on a correction. */
  *consequences({ record, payload }) {
    const found = payload?.form?.consequences;
    if (record.kind !== "corrected" || !Array.isArray(found)) return;
    for (const each of found.filter(isObject)) {
      const name = each.kind === "clock" ? this.rule(each.name) : each.kind === "condition" ? each.name : this.place(String(each.name));
      const changed = { was: this.judged(each.was), now: this.judged(each.would_be) };
      yield t(changed.was === changed.now ? "consequence_other" : "consequence", { seq: each.seq, name, ...changed });
    }
  }

  judged(value) {
    if (typeof value === "boolean") return t(value ? "yes" : "no");
    if (isDay(value)) return day(value);
    if (!isObject(value)) return String(value ?? t("nothing"));
    return listed(Object.entries(value).map(([name, each]) =>
      `${this.pack ? this.pack.fact(name) : name}${t("colon")}${each === null ? t("nothing") : this.value(name, each)}`));
  }

  /** Give what was filled in as [label, value]. */
  filled({ record, payload }) {
    const names = (id) => this.bundle.name(id);
    if (!payload || !this.pack) return [];
    const told = Object.entries(payload.form).map(([key, value]) => [key, this.unlessClosed(value)]);
    return this.pack.filled(this.formOf(record), Object.fromEntries(told), names);
  }

  /** Write the value of a fact; of one that is withheld, why. */
  value(name, value) {
    if (isClosed(value)) return this.unlessClosed(value);
    return this.pack ? this.pack.value(name, value, (id) => this.bundle.name(id)) : JSON.stringify(value);
  }

  unlessClosed(value) {
    if (!isClosed(value)) return value;
    const { reason, by } = this.reasons.get(value.commitment) ?? {};
    return reason ? t("closed_value", { reason: reasonOf(reason), by: this.bundle.person(by) }) : t("closed_unsaid");
  }

  formOf({ kind, trigger, definition }) {
    const process = String(definition ?? "").split("/")[1] ?? this.process;
    const plan = this.pack.plans.get(process);
    if (kind === "case_opened") {
      const start = plan?.nodes.find((node) => node.kind === "startEvent" && plan.forms.has(node.id));
      return start ? plan.forms.get(start.id) : null;
    }
    const id = kind === "message_received" ? null : trigger.ref.split("#")[0].split("/").pop();
    for (const each of this.pack.plans.values()) {
      const node = id ?? each.messages.get(trigger.name);
      if (each.forms.has(node)) return each.forms.get(node);
    }
    return null;
  }
}

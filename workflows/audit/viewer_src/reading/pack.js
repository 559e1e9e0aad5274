// What a pack calls its things, and how values of its forms and facts are written.
import { parse as parseToml } from "smol-toml";
import { readPlan } from "../diagram/plan.js";
import { has, isObject } from "../proof/problem.js";
import { day, isDay, language, listed, t } from "../words/words.js";

// The path of the review of consequences, which stands on no diagram.
export const REVIEW = "review:consequences";

/** Make a pack from its files as text by path; what cannot be read is left out. */
export function readPack(hash, files) {
  const plans = new Map();
  for (const path of Object.keys(files).filter((each) => each.endsWith(".bpmn"))) {
    const plan = readPlan(files[path]);
    if (plan) plans.set(plan.id, plan);
  }
  const forms = new Map();
  for (const path of Object.keys(files).filter((each) => /^forms\/[^/]+\.json$/.test(each))) {
    const form = attempt(() => JSON.parse(files[path]));
    if (isObject(form)) forms.set(String(form.id), form);
  }
  return new Pack(hash, {
    plans,
    forms,
    about: toml(files["pack.toml"]),
    facts: toml(files["facts.toml"]),
    parameters: toml(files["parameters.toml"]),
    english: toml(files["en.toml"]),
  });
}

function toml(content) {
  return content === undefined ? {} : attempt(() => parseToml(content)) ?? {};
}

function attempt(act) {
  try {
    return act();
  } catch {
    return null;
  }
}

/** Follow keys of an object's own, or give undefined. */
function own(object, ...keys) {
  let value = object;
  for (const key of keys) {
    if (!isObject(value) || !has(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

class Pack {
  constructor(hash, parts) {
    this.hash = hash;
    Object.assign(this, parts);
    this.written = new Map();
    for (const plan of this.plans.values()) {
      for (const node of [...plan.nodes, ...plan.flows]) if (node.name) this.written.set(node.id, node.name);
    }
  }

  get title() {
    const found = own(this.about, "title", language());
    return `${found ?? this.hash.slice(0, 8)} · ${own(this.about, "version") ?? ""}`;
  }

  english_(...keys) {
    const found = language() === "en" ? own(this.english, ...keys) : undefined;
    return typeof found === "string" && found ? found : null;
  }

  activity(id) {
    if (id === REVIEW) return t("activity_review");
    return this.english_("activity", id) ?? this.written.get(id) ?? id;
  }

  process(id) {
    return this.english_("process", id) ?? (this.plans.get(id)?.name || id);
  }

  /** Name what lies at a path, with or without its count. */
  place(path) {
    return this.activity(path.split("#")[0].split("/").pop());
  }

  /** Name what a diagram shows; flows are named as activities are. */
  onDiagram(kind, key, written) {
    return this.english_(kind === "flow" ? "activity" : kind, key) ?? written;
  }

  rule(code) {
    return this.english_("parameter", code) ?? textOr(own(this.parameters, code, "name"), code);
  }

  basis(code) {
    return textOr(own(this.parameters, code, "basis"), "");
  }

  fact(name) {
    return this.english_("fact", name) ?? textOr(own(this.facts, name, "name"), name);
  }

  /** Write the value of a fact; names gives those behind ids. */
  value(name, value, names) {
    if (value === null || value === undefined || value === "") return t("nothing");
    if (Array.isArray(value)) return value.length ? listed(value.map((each) => this.value(name, each, names))) : t("nothing");
    if (typeof value === "boolean") return t(value ? "yes" : "no");
    if (typeof value === "number") return this.quantity(name, value);
    if (typeof value === "object") return JSON.stringify(value);
    const choice = own(this.facts, name, "choices", value);
    if (typeof choice === "string") return this.english_("choice", name, value) ?? choice;
    return isDay(value) ? day(value) : names(value);
  }

  quantity(name, value) {
    const scale = Number(own(this.facts, name, "scale") ?? 0);
    const unit = textOr(own(this.facts, name, "unit"), "");
    const shown = scale > 0 && scale < 10 ? (value / 10 ** scale).toFixed(scale) : String(value);
    return unit ? `${shown} ${unit}` : shown;
  }

  /** Give what was filled into a form as [label, value], in the form's order, then what it lacks. */
  filled(formId, values, names) {
    const rows = [];
    const told = new Set();
    for (const field of own(this.forms.get(formId), "components") ?? []) {
      if (!isObject(field) || typeof field.key !== "string" || !has(values, field.key)) continue;
      told.add(field.key);
      if (isEmpty(values[field.key])) continue;
      const label = this.english_(`form`, formId, field.key) ?? textOr(field.label, field.key);
      rows.push([label, this.typed(field, values[field.key], names)]);
    }
    for (const [key, value] of Object.entries(values)) {
      if (told.has(key) || isEmpty(value) || has(PLAIN, key)) continue;
      rows.push([knownLabel(this, key), this.value(key, value, names)]);
    }
    return rows;
  }

  typed(field, value, names) {
    const choices = Array.isArray(field.values) ? field.values.filter(isObject) : [];
    const one = (each) => {
      const found = choices.find((choice) => String(choice.value) === String(each));
      if (!found) return this.value(field.key, each, names);
      return this.english_("choice", field.key, String(each)) ?? String(found.label);
    };
    return listed((Array.isArray(value) ? value : [value]).map(one));
  }

  /** Give the form of an activity, by the definition's own mark on it. */
  formOf(process, node) {
    return this.plans.get(process)?.forms.get(node) ?? null;
  }

  /** Give the codes whose names hold a text, for searching. */
  codesNamed(text) {
    const found = new Set();
    const look = (name, code) => {
      if (typeof name === "string" && name.toLowerCase().includes(text)) found.add(code);
    };
    for (const [fact, declared] of Object.entries(this.facts)) {
      for (const [code, name] of Object.entries(own(declared, "choices") ?? {})) {
        look(name, code);
        look(own(this.english, "choice", fact, code), code);
      }
    }
    return found;
  }
}

// What the program itself puts beside a form; the timeline tells of it in its own words.
const PLAIN = {
  case_number: 1, organisation: 1, subject: 1, late_seconds: 1, entered_late: 1, paper_document: 1,
  paper_scan_follows: 1, carried_out: 1,
};

function knownLabel(pack, key) {
  return pack.fact(key);
}

function isEmpty(value) {
  return value === null || value === "" || value === false || (Array.isArray(value) && !value.length);
}

function textOr(value, otherwise) {
  return typeof value === "string" && value ? value : otherwise;
}

// Closed values: what a payload commits to by itself, so that it alone can be withheld.
import { fromHex, sha256, toHex, utf8 } from "./bytes.js";
import { encode } from "./canonical.js";
import { brief, has, hasKeys, isObject, Problem } from "./problem.js";
import { isHash, isWords } from "./shape.js";

const FIELD_MARK = Uint8Array.of(0x11);
const SALT = /^[0-9a-f]{32}$/;

/** Tell whether this stands for a value that is committed to by itself. */
export function isClosed(value) {
  return isObject(value) && hasKeys(value, ["commitment"]) && isHash(value.commitment);
}

/** Give a payload in which shown(name, value) stands for each value that may be closed. */
export function withShown(payload, shown) {
  const each = (values) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, shown(name, value)]));
  const change = (name, { old, new: now }) => ({ old: shown(name, old), new: shown(name, now) });
  return {
    ...payload,
    form: each(payload.form),
    facts: Object.fromEntries(Object.entries(payload.facts).map(([name, value]) => [name, change(name, value)])),
    trace_values: Object.fromEntries(
      Object.entries(payload.trace_values).map(([key, values]) => [key, isObject(values) ? each(values) : values]),
    ),
  };
}

/** Tell whether these are openings, or the reasons why values are withheld, by commitment. */
export function areOpenings(value) {
  const entries = isObject(value) ? Object.entries(value) : [];
  return entries.length > 0 && entries.every(([key, each]) => isHash(key) && isOpening(each));
}

function isOpening(value) {
  if (!isObject(value)) return false;
  if (hasKeys(value, ["salt", "value"])) return typeof value.salt === "string" && SALT.test(value.salt);
  return hasKeys(value, ["by", "reason"]) && isWords(value.by) && isWords(value.reason);
}

/** Stands for the openings of a payload that has none. */
export const NONE = Object.freeze({});

function holdsClosed({ form, facts, trace_values: operands }) {
  const some = (values) => Object.values(values).some(isClosed);
  return some(form) || Object.values(facts).some(some) || Object.values(operands).some((each) => isObject(each) && some(each));
}

/** Put opened values in their places; gives the first opening that is wrong, and how many are withheld. */
export function open(payload, openings, id, seq) {
  if (openings === NONE && !holdsClosed(payload)) return { payload, problem: null, withheld: 0 };
  let problem = null;
  const wrong = (code, attributes) => (problem ??= new Problem(code, { ...attributes, id, seq }));
  const left = new Set(Object.keys(openings));
  const opened = withShown(payload, (name, value) => {
    if (!isClosed(value)) return value;
    const { commitment } = value;
    left.delete(commitment);
    if (!has(openings, commitment)) {
      wrong("payload_field_missing", { name: brief(name) });
      return value;
    }
    const opening = openings[commitment];
    if (!has(opening, "value")) return value;
    if (digest(name, opening) !== commitment) wrong("payload_field_differs", { name: brief(name) });
    return opening.value;
  });
  if (left.size) wrong("payload_field_unexpected", { commitment: [...left].sort()[0] });
  const withheld = Object.values(openings).filter((each) => !has(each, "value")).length;
  return { payload: opened, problem, withheld };
}

function digest(name, { salt, value }) {
  return toHex(sha256(FIELD_MARK, fromHex(salt), utf8(encode([name, value]))));
}

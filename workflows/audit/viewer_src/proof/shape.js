// The shape of a record and of a payload, checked key by key as the journal's page of bytes says.
import { brief, has, hasKeys, isObject, Problem } from "./problem.js";

export const ZERO_HASH = "0".repeat(64);
// White space as Python knows it; \s of this language differs in three characters.
export const SPACE = "\\t-\\r\\x1c- \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.\d{6}Z$/;
const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const HASH = /^[0-9a-f]{64}$/;
const STREAM_ID = /^[ch]_[a-z2-7]{26}$/;
const ACTOR = /^(?:u_[a-z2-7]{26}|system:(?:init|sweep|sequencer|migration|calendar|packs))$/;
const PLACE = new RegExp(`^[^#${SPACE}]+#[1-9][0-9]*$`);
const DEFINITION = new RegExp(`^[0-9a-f]{64}/[^/${SPACE}]+$`);
const NOT_SPACE = new RegExp(`[^${SPACE}]`);

export function isDate(value) {
  const found = typeof value === "string" && DATE.exec(value);
  return Boolean(found) && isDay(found);
}

export function isTime(value) {
  const found = typeof value === "string" && TIME.exec(value);
  return Boolean(found) && isDay(found) && found[4] < 24 && found[5] < 60 && found[6] < 60;
}

function isDay([, year, month, day]) {
  if (+year < 1 || +month < 1 || +month > 12 || +day < 1) return false;
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return +day <= [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
}

export const isHash = (value) => typeof value === "string" && HASH.test(value);
export const isStreamId = (value) => typeof value === "string" && STREAM_ID.test(value);
export const isSize = (value) => Number.isSafeInteger(value) && value >= 0;
export const isCount = (value) => isSize(value) && value > 0;
/** Tell whether this is text with something to read in it. */
export const isWords = (value) => typeof value === "string" && NOT_SPACE.test(value);

const isText = (value) => typeof value === "string" && value !== "";
const isTruth = (value) => typeof value === "boolean";
const matching = (pattern) => (value) => typeof value === "string" && pattern.test(value);
const oneOf = (...names) => (value) => names.includes(value);
const nullable = (check) => (value) => value === null || check(value);
const listOf = (check) => (value) => Array.isArray(value) && value.every(check);
const named = (check) => (value) => isObject(value) && Object.values(value).every(check);

export function objectOf(checks) {
  const pairs = Object.entries(checks);
  const keys = Object.keys(checks);
  return (value) =>
    isObject(value) && hasKeys(value, keys) && pairs.every(([key, check]) => check(value[key]));
}

const isPlace = matching(PLACE);
const isAccount = matching(/^u_[a-z2-7]{26}$/);
const isOffice = matching(/^o_[a-z2-7]{26}$/);
const isPlaces = listOf(isPlace);
const isTraceEntry = (value) =>
  Array.isArray(value) && value.length === 2 && isText(value[0]) && isTruth(value[1]);

const EFFECTS = {
  opened: listOf(objectOf({
    task: isPlace,
    activity: isText,
    rung: (value) => isSize(value) && value <= 4,
    office: isOffice,
    roles: listOf(isText),
  })),
  assigned: listOf(objectOf({ task: isPlace, claimant: nullable(isAccount), office: isOffice })),
  closed: isPlaces,
  armed: listOf(objectOf({
    clock: isPlace,
    rule: isText,
    task: nullable(isPlace),
    anchor_on: isDate,
    budget: Number.isSafeInteger,
    unit: oneOf("workdays", "days", "months", "date"),
    due_on: isDate,
    due_at: isTime,
    provisional: isTruth,
  })),
  moved: listOf(objectOf({
    clock: isPlace,
    due_on: isDate,
    due_at: isTime,
    provisional: isTruth,
    why: oneOf("extension", "pause", "calendar", "migration", "withdrawal"),
  })),
  paused: isPlaces,
  resumed: isPlaces,
  cancelled: isPlaces,
  fired: isPlaces,
  thrown: listOf(isText),
  ended: isTruth,
};
const EFFECT_KEYS = Object.keys(EFFECTS);

const KEYS = {
  v: (value) => value === 1,
  stream: oneOf("case", "house"),
  id: isStreamId,
  seq: isCount,
  prev: isHash,
  kind: oneOf(
    "case_opened", "task_claimed", "task_released", "task_reassigned", "task_completed",
    "clock_fired", "message_received", "intervened", "withdrawn", "corrected", "undone",
    "case_migrated", "case_closed", "payload_erased", "house",
  ),
  recorded_at: isTime,
  occurred_at: isTime,
  actor: matching(ACTOR),
  trigger: objectOf({
    type: oneOf("task", "clock", "message", "officer", "house"), name: isText, ref: isText,
  }),
  trace: listOf(isTraceEntry),
  role: nullable(isText),
  office: nullable(isOffice),
  acting_for: nullable(isAccount),
  delegation: nullable(isText),
  performed_by: nullable(matching(/^p_[a-z2-7]{26}$/)),
  source: nullable(oneOf("paper", "upload")),
  about: nullable(objectOf({ id: isStreamId, seq: isCount })),
  definition: nullable(matching(DEFINITION)),
  from: nullable(isHash),
  to: nullable(isHash),
  calendar: nullable(isHash),
  basis: nullable(isText),
  payload: nullable(isHash),
};
const CHECKS = Object.entries(KEYS);
const RECORD_KEYS = [...Object.keys(KEYS), "effects"];
const ABOUT_A_RECORD = ["withdrawn", "corrected", "undone", "payload_erased"];
const WITHOUT_EFFECTS = ["undone", "payload_erased", "house"];

/** Make sure that this is a record with exactly the journal's keys and types. */
export function checkRecord(record) {
  if (!isObject(record)) throw invalid({}, "record", record);
  if (!hasKeys(record, RECORD_KEYS)) throw invalid(record, "keys", Object.keys(record));
  for (const [key, isRight] of CHECKS) {
    if (!isRight(record[key])) throw invalid(record, key, record[key]);
  }
  checkEffects(record);
  checkAgreement(record);
}

function checkEffects(record) {
  const { effects } = record;
  if (!isObject(effects) || !hasKeys(effects, EFFECT_KEYS)) throw invalid(record, "effects", effects);
  for (const key of EFFECT_KEYS) {
    if (!EFFECTS[key](effects[key])) throw invalid(record, `effects.${key}`, effects[key]);
  }
}

const isNothing = (effect) => effect === false || effect.length === 0;

function checkAgreement(record) {
  const { id, kind, stream, seq, about, effects } = record;
  if (id[0] !== stream[0]) throw invalid(record, "id", id);
  if ((seq === 1) !== (record.prev === ZERO_HASH)) throw invalid(record, "prev", record.prev);
  if (stream === "house") {
    const isHouse = kind === "house" || kind === "payload_erased";
    if (!isHouse || record.from !== null || record.to !== null) throw invalid(record, "kind", kind);
  } else if (kind === "house" || (seq === 1) !== (kind === "case_opened")) {
    throw invalid(record, "kind", kind);
  }
  if (ABOUT_A_RECORD.includes(kind) && (about === null || about.id !== id || about.seq >= seq)) {
    throw invalid(record, "about", about);
  }
  if (WITHOUT_EFFECTS.includes(kind) && !Object.values(effects).every(isNothing)) {
    throw invalid(record, "effects", effects);
  }
  if (kind === "corrected") checkCorrection(record);
}

function checkCorrection(record) {
  if (record.to !== null) throw invalid(record, "to", record.to);
  const others = Object.entries(record.effects).filter(([key]) => key !== "opened");
  if (!others.every(([, effect]) => isNothing(effect))) {
    throw invalid(record, "effects", record.effects);
  }
}

function invalid(record, key, value) {
  const [id, seq] = ["id", "seq"].map((name) => (has(record, name) ? brief(record[name]) : "?"));
  return new Problem("record_invalid", { id, seq, key, value: brief(value) });
}

const isLink = (value) => isText(value) || (Array.isArray(value) && value.every(isText));
const PAYLOAD = {
  facts: named((value) => isObject(value) && hasKeys(value, ["old", "new"])),
  form: isObject,
  trace_values: isObject,
  reason: nullable((value) => typeof value === "string"),
  links: named(isLink),
  attachments: listOf(objectOf({ name: isText, sha256: isHash, bytes: isSize })),
};

/** Make sure that this is a payload with exactly the journal's keys and types. */
export function checkPayload(payload, id, seq) {
  if (!isObject(payload) || !hasKeys(payload, Object.keys(PAYLOAD))) {
    throw new Problem("payload_invalid", { id, seq, key: "payload", value: brief(payload) });
  }
  for (const [key, isRight] of Object.entries(PAYLOAD)) {
    if (!isRight(payload[key])) {
      throw new Problem("payload_invalid", { id, seq, key, value: brief(payload[key]) });
    }
  }
}

// Searching the records and payloads of a bundle: the files are read through, nothing is kept.
import { isObject } from "../proof/problem.js";
import { checkRecord } from "../proof/shape.js";

const MOST_HITS = 500;
const BEFORE_TERM = 20;
const AFTER_TERM = 40;

/**
 * Look for records.
 *
 * wanted.text, or null: {term, codes, ids}: the term stands in the payload, or a code or an id that it
 * is the name of. wanted.ids: one of these persons or organisations appears. wanted.kind, wanted.from
 * and wanted.to (journal times, `to` exclusive): empty ones ask nothing.
 */
export function search(reader, wanted, onProgress) {
  const total = reader.sizeOf("records.jsonl") + reader.sizeOf("payloads.jsonl");
  let done = 0;
  const advance = (bytes) => onProgress(Math.min(1, (done += bytes) / Math.max(1, total)));
  const payloads = reader.named("payloads.jsonl", advance);
  const contentOf = sideBySide(payloads);
  const hits = [];
  for (const [line] of reader.named("records.jsonl", advance)) {
    const place = placeOf(line);
    if (!place) continue;
    const content = contentOf(place);
    if (!fits(line, wanted) || !tells(line, content, wanted)) continue;
    const record = parse(line);
    if (!isRecord(record)) continue;
    hits.push(hitOf(record, content, wanted.text?.term));
    if (hits.length >= MOST_HITS) break;
  }
  onProgress(1);
  return { hits, isCut: hits.length >= MOST_HITS };
}

/** Give the payload line of each place asked for in turn; both files are in the same order. */
function sideBySide(payloads) {
  let line = "";
  let at = { id: "", seq: 0 };
  return (place) => {
    while (at && isBefore(at, place)) {
      const next = payloads.next();
      line = next.done ? "" : next.value[0];
      at = next.done ? null : placeOfPayload(line);
    }
    return at && at.id === place.id && at.seq === place.seq ? line : "";
  };
}

function fits(line, { kind, from, to }) {
  if (kind && !line.includes(`","kind":"${kind}"`)) return false;
  if (!from && !to) return true;
  const at = /"recorded_at":"([^"]{27})"/.exec(line)?.[1] ?? "";
  return (!from || at >= from) && (!to || at < to);
}

/** Say whether what was asked for appears. */
function tells(line, content, { text, ids }) {
  const holds = (id) => line.includes(id) || content.includes(id);
  if (ids.length && !ids.some(holds)) return false;
  if (!text) return true;
  return (
    content.toLowerCase().includes(escaped(text.term)) ||
    text.codes.some((code) => content.includes(`"${code}"`)) ||
    text.ids.some(holds)
  );
}

function escaped(term) {
  return JSON.stringify(term.toLowerCase()).slice(1, -1);
}

// Keys are in order, so these stand where they must; inside a text, quotes are escaped.
function placeOf(line) {
  const id = /"id":"([ch]_[a-z2-7]{26})","kind":/.exec(line)?.[1];
  const seq = /,"seq":(\d+),"source":(?:null|"\w+"),"stream":/.exec(line)?.[1];
  return id && seq ? { id, seq: Number(seq) } : null;
}

function placeOfPayload(line) {
  const id = /^\{"id":"([^"]*)"/.exec(line)?.[1] ?? "";
  const seq = /,"seq":(\d+)\}$/.exec(line)?.[1] ?? 0;
  return { id, seq: Number(seq) };
}

function isBefore(one, other) {
  return one.id < other.id || (one.id === other.id && one.seq < other.seq);
}

function isRecord(value) {
  try {
    checkRecord(value);
    return true;
  } catch {
    return false;
  }
}

function hitOf(record, content, term) {
  const line = parse(content);
  const payload = line?.payload;
  const number = record.kind === "case_opened" ? payload?.form?.case_number : null;
  return {
    record,
    number: typeof number === "string" ? number : null,
    excerpt: term ? excerptOf([payload, valuesOf(line?.openings)], term) : null,
  };
}

/** Give the values of fields that stand beside their payload. */
function valuesOf(openings) {
  return isObject(openings) ? Object.values(openings).map((each) => each?.value ?? null) : [];
}

/** Give the first text of a payload in which the term stands, with a little around it. */
function excerptOf(payload, term) {
  for (const value of texts(payload)) {
    const at = value.toLowerCase().indexOf(term.toLowerCase());
    if (at >= 0) {
      return { text: value.slice(Math.max(0, at - BEFORE_TERM), at + term.length + AFTER_TERM), term };
    }
  }
  return null;
}

function* texts(value) {
  if (typeof value === "string") {
    yield value;
  } else if (Array.isArray(value)) {
    for (const each of value) yield* texts(each);
  } else if (isObject(value)) {
    for (const each of Object.values(value)) yield* texts(each);
  }
}

function parse(line) {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

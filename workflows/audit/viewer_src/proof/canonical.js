// Canonical JSON (RFC 8785 under the journal's restrictions): parse, write again, compare.
import { text } from "./bytes.js";
import { Problem } from "./problem.js";

const DEEPEST = 990; // about where the Python verifier gives up as well

class NotCanonical extends Error {}

/** Write a value whose restrictions are known to hold. */
export function encode(value) {
  if (Array.isArray(value)) return `[${value.map(encode).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${encode(value[key])}`).join(",")}}`;
}

/** Read a line; a Problem names the file and the line where its bytes are not canonical. */
export function decodeLine(bytes, file, line) {
  try {
    return decode(bytes);
  } catch (error) {
    if (error instanceof NotCanonical) {
      throw new Problem("line_not_canonical", { file, line, reason: error.message });
    }
    throw error;
  }
}

function decode(bytes) {
  let written;
  try {
    written = text(bytes);
  } catch {
    throw new NotCanonical("not_utf8");
  }
  let value;
  try {
    value = JSON.parse(written);
  } catch (error) {
    throw new NotCanonical(error instanceof RangeError ? "too_deep" : "not_json");
  }
  try {
    check(value, written);
  } catch (error) {
    throw error instanceof RangeError ? new NotCanonical("too_deep") : error;
  }
  return value;
}

function check(value, written) {
  // The engine's own writer keeps the order of keys, so that only the order is left to look at; it
  // puts keys such as "10" and "9" first by number, which is rare enough for the slow way.
  const isPlain = JSON.stringify(value) === written;
  if (!isPlain && encode(value) !== written) throw new NotCanonical("other_form");
  checkParts(value, isPlain, 1);
  if (written.includes("\\ud")) checkSurrogates(value);
}

function checkParts(value, mayBeUnordered, depth) {
  if (depth > DEEPEST) throw new NotCanonical("too_deep");
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw new NotCanonical("not_integer");
  } else if (Array.isArray(value)) {
    for (const each of value) checkParts(each, mayBeUnordered, depth + 1);
  } else if (typeof value === "object" && value !== null) {
    let before = null;
    for (const key in value) {
      if (!/^[\0-\x7f]*$/.test(key)) throw new NotCanonical("key_not_ascii");
      if (mayBeUnordered && before !== null && before >= key) throw new NotCanonical("other_form");
      before = key;
      checkParts(value[key], mayBeUnordered, depth + 1);
    }
  }
}

/** Refuse half a surrogate pair, which no UTF-8 can hold. */
function checkSurrogates(value) {
  if (typeof value === "string") {
    if (/\p{Surrogate}/u.test(value)) throw new NotCanonical("not_utf8");
  } else if (typeof value === "object" && value !== null) {
    Object.entries(value).forEach(([key, each]) => {
      checkSurrogates(key);
      checkSurrogates(each);
    });
  }
}


// What the house says of the log in records of its own: directories and new epochs.
import { sha256Hex, utf8 } from "./bytes.js";
import { encode } from "./canonical.js";
import { has, Problem } from "./problem.js";
import { isCount, isHash, isTime } from "./shape.js";

export const STATED_FILES = ["directory.jsonl", "grants.jsonl", "organisations.jsonl"];
const STATEMENTS = ["directory_stated", "epoch_started"];
const EMPTY = sha256Hex(new Uint8Array(0));

/** Tell whether a record is of the house and states something of the log. */
export function isStatement(record) {
  return record.stream === "house" && STATEMENTS.includes(record.trigger.name);
}

/** Read what a house record states: {hashes} of the files, or an {epoch}; without payload, nothing. */
export function statementOf(record, index, payload) {
  if (!payload) return {};
  if (record.trigger.name === "epoch_started") return { epoch: epochOf(record, index, payload.form) };
  return { hashes: STATED_FILES.map((file) => hashOf(payload.form, file)) };
}

function hashOf(form, file) {
  const key = file.slice(0, -".jsonl".length);
  const lines = has(form, key) ? form[key] : [];
  const written = (Array.isArray(lines) ? lines : [lines]).map((line) => `${encode(line)}\n`);
  return sha256Hex(utf8(written.join("")));
}

/** Give the restart of the log after a restore, with the last checkpoint known before it. */
function epochOf(record, index, form) {
  const [size, root, knownAt] = ["tree_size", "root", "recorded_at"].map((key) => (has(form, key) ? form[key] : null));
  if (!(isCount(size) && isHash(root) && isTime(knownAt))) return null;
  return { index, recordedAt: record.recorded_at, knownSize: size, knownAt };
}

/** Make sure that directory, grants and organisations are stated by the log itself, or all empty. */
export function checkDirectory(manifest, statements) {
  const found = STATED_FILES.map((file) => manifest.files[file].sha256);
  const stated = statements.map(({ hashes }) => hashes).filter(Boolean);
  if (stated.some((hashes) => hashes.every((hash, at) => hash === found[at]))) return;
  if (found.every((hash) => hash === EMPTY)) return;
  const odd = found.findIndex((hash, at) => !stated.some((hashes) => hashes[at] === hash));
  throw new Problem("directory_differs", { file: STATED_FILES[Math.max(0, odd)] });
}

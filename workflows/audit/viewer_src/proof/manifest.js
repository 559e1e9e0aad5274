// The files of a bundle and its manifest, in both formats. duban-bundle/0 was written before there was
// a log; it is read and never counts as signed.
import { fromHex } from "./bytes.js";
import { isKey } from "./ed25519.js";
import { isKeyName } from "./notes.js";
import { brief, has, hasKeys, isObject, Problem } from "./problem.js";
import { isCount, isDate, isHash, isSize, isStreamId, isTime, isWords, objectOf } from "./shape.js";

export const MANIFEST = "manifest.json";
export const MANIFEST_NOTE = "manifest.note";
export const LARGEST_MANIFEST_BYTES = 256 * 1024 * 1024;
export const LINE_FILES = [
  "directory.jsonl", "grants.jsonl", "markings.jsonl", "organisations.jsonl", "payloads.jsonl",
  "records.jsonl", "register.jsonl", "state.jsonl",
];
const FREE_NAMES = [
  // One way of writing each path, inside the folder.
  /^definitions\/[0-9a-f]{64}(?:\/(?!\.{1,2}(?:\/|$))[^/\\:\x00-\x1f\x7f-\u{10ffff}]+)+$/u,
  /^calendars\/[0-9a-f]{64}\.jsonl$/,
  /^attachments\/[0-9a-f]{64}$/,
];

const isScope = (value) =>
  isObject(value) &&
  has(value, "type") &&
  typeof value.type === "string" &&
  (!has(value, "end_index") || isSize(value.end_index));
const isHead = objectOf({ last: isCount, head: isHash });
const isStreams = (value) =>
  isObject(value) && Object.entries(value).every(([id, head]) => isStreamId(id) && isHead(head));
const isWithheldEntry = objectOf({ id: isStreamId, seq: isCount, reason: isWords, by: isWords });
const isFile = objectOf({ sha256: isHash, bytes: isSize });
const isFiles = (value) => isObject(value) && Object.values(value).every(isFile);

function isWithheld(value) {
  if (!Array.isArray(value) || !value.every(isWithheldEntry)) return false;
  return value.every((entry, at) => at === 0 || isBefore(value[at - 1], entry));
}

function isBefore(one, other) {
  return one.id < other.id || (one.id === other.id && one.seq < other.seq);
}

const isIds = (value) =>
  Array.isArray(value) && value.every((each, at) => isWords(each) && (at === 0 || value[at - 1] < each));
const isSealedEntry = objectOf({ index: isSize, level: isWords, by: isWords });
const isSealed = (value) =>
  Array.isArray(value) &&
  value.every((each, at) => isSealedEntry(each) && (at === 0 || value[at - 1].index < each.index));

const COMMON = {
  origin: isWords,
  made_at: isTime,
  scope: isScope,
  recipient: isWords,
  app_version: isWords,
  streams: isStreams,
  withheld: isWithheld,
  files: isFiles,
};
const OF_THE_LOG = {
  key_name: isKeyName,
  public_key: (value) => isHash(value) && isKey(fromHex(value)),
  tree_size: isCount,
  first_index: isSize,
  sealed: isSealed,
};
const SCOPES = {
  all: {},
  period: { from: isDate, to: isDate },
  organisation: { organisation: isWords },
  matter: { matter: isWords },
  cases: { cases: isIds },
};
const BESIDE = [MANIFEST, "README.md", "README.zh.md", "verify.py"];
const LOG_FILES = ["consistency.jsonl", "nodes.jsonl", "positions.jsonl"];
const CHECKPOINT_NAME = /^checkpoints\/[1-9][0-9]{0,15}\.note$/;

/** What each format's manifest and files are. */
const FORMATS = {
  "duban-bundle/0": {
    isSigned: false,
    checks: COMMON,
    required: [...LINE_FILES, ...BESIDE],
    names: FREE_NAMES,
  },
  "duban-bundle/1": {
    isSigned: true,
    checks: { ...COMMON, ...OF_THE_LOG },
    required: [...LINE_FILES, ...BESIDE, ...LOG_FILES, MANIFEST_NOTE, "viewer.html"],
    names: [...FREE_NAMES, CHECKPOINT_NAME],
  },
};

/** Make sure that this is the manifest of a known format, and give that format's rules. */
export function checkManifest(manifest) {
  if (!isObject(manifest) || !has(manifest, "format")) {
    throw new Problem("format_unknown", { found: "–" });
  }
  const { format } = manifest;
  if (typeof format !== "string" || !has(FORMATS, format)) {
    throw new Problem("format_unknown", { found: brief(format) });
  }
  const { checks, isSigned } = FORMATS[format];
  const keys = Object.keys(checks);
  if (!hasKeys(manifest, [...keys, "format"])) throw broken("keys", Object.keys(manifest));
  for (const key of keys) if (!checks[key](manifest[key])) throw broken(key, manifest[key]);
  if (isSigned) {
    checkScope(manifest.scope);
    checkRange(manifest);
  }
  return FORMATS[format];
}

function broken(key, found) {
  return new Problem("manifest_broken", { key, found: brief(found) });
}

/** Make sure that a scope has the keys of its type and no others. */
function checkScope(scope) {
  if (!has(SCOPES, scope.type)) throw broken("scope", scope.type);
  const checks = SCOPES[scope.type];
  const keys = ["type", ...Object.keys(checks)];
  if (scope.type === "period" && has(scope, "end_index")) keys.push("end_index");
  const isRight = hasKeys(scope, keys) && Object.entries(checks).every(([key, check]) => check(scope[key]));
  if (!isRight) throw broken("scope", scope);
}

function checkRange(manifest) {
  const [start, end] = claimedRange(manifest);
  if (!(start <= end && end <= manifest.tree_size)) throw broken("first_index", [start, end]);
  if (manifest.scope.type !== "period" && manifest.first_index !== 0) {
    throw broken("first_index", manifest.first_index);
  }
  for (const { index } of manifest.sealed) {
    if (index < start || index >= end) throw broken("sealed", index);
  }
}

/** Give the leaves of the log that the bundle claims to hold whole, as [start, end). */
export function claimedRange({ scope, tree_size: size, first_index: first }) {
  if (scope.type === "all") return [0, size];
  return scope.type === "period" ? [first, scope.end_index ?? size] : [0, 0];
}

/** Make sure that a file of this name belongs into a bundle. */
export function checkName(name, { required, names }) {
  if (!required.includes(name) && !names.some((pattern) => pattern.test(name))) {
    throw new Problem("file_unexpected", { file: brief(name), reason: "no_such_file" });
  }
}

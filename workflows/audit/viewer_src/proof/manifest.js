// The files of a bundle and its manifest.
import { brief, has, hasKeys, isObject, Problem } from "./problem.js";
import { isCount, isHash, isSize, isStreamId, isTime, isWords, objectOf } from "./shape.js";

export const MANIFEST = "manifest.json";
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

const isScope = (value) => isObject(value) && has(value, "type") && typeof value.type === "string";
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
const BESIDE = [MANIFEST, "README.md", "README.zh.md", "verify.py"];

/** What each format's manifest and files are. */
export const FORMATS = {
  "duban-bundle/0": { checks: COMMON, required: [...LINE_FILES, ...BESIDE], names: FREE_NAMES },
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
  const { checks } = FORMATS[format];
  const keys = Object.keys(checks);
  if (!hasKeys(manifest, [...keys, "format"])) {
    throw new Problem("manifest_broken", { key: "keys", found: brief(Object.keys(manifest)) });
  }
  for (const key of keys) {
    if (!checks[key](manifest[key])) {
      throw new Problem("manifest_broken", { key, found: brief(manifest[key]) });
    }
  }
  return FORMATS[format];
}

/** Make sure that a file of this name belongs into a bundle. */
export function checkName(name, { required, names }) {
  if (!required.includes(name) && !names.some((pattern) => pattern.test(name))) {
    throw new Problem("file_unexpected", { file: brief(name), reason: "no_such_file" });
  }
}

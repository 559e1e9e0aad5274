// Check the files of a bundle that stand beside its records.
import { sha256Hex, utf8 } from "./bytes.js";
import { encode } from "./canonical.js";
import { hasKeys, isObject, Problem } from "./problem.js";
import { STATED_FILES } from "./statements.js";

const DAY_KEYS = ["date", "region", "is_workday", "name", "status", "source"];

/** Check their form and the hashes that they are named after; gives the hashes that records may name. */
export function checkBeside(bundle) {
  for (const name of [...STATED_FILES, "register.jsonl"]) {
    for (const [number, , line] of bundle.lines(name)) {
      if (!isObject(line)) throw lineBroken(name, number, "not_object");
    }
  }
  return {
    packs: checkPacks(bundle.manifest),
    markings: checkMarkings(bundle),
    calendars: checkCalendars(bundle),
  };
}

function checkPacks(manifest) {
  const packs = new Map();
  for (const [name, { sha256: hash }] of Object.entries(manifest.files)) {
    const [folder, first, ...rest] = name.split("/");
    if (folder === "definitions") {
      if (!packs.has(first)) packs.set(first, []);
      packs.get(first).push([rest.join("/"), hash]);
    } else if (folder === "attachments" && first !== hash) {
      throw new Problem("hash_differs", { file: name });
    }
  }
  for (const [packHash, hashes] of packs) {
    if (sha256Hex(utf8(encode(Object.fromEntries(hashes)))) !== packHash) {
      throw new Problem("hash_differs", { file: `definitions/${packHash}` });
    }
  }
  return new Set(packs.keys());
}

function checkMarkings(bundle) {
  const name = "markings.jsonl";
  const found = new Set();
  for (const [number, , line] of bundle.lines(name)) {
    if (!isObject(line) || !hasKeys(line, ["hash", "marking"])) {
      throw lineBroken(name, number, "not_marking");
    }
    if (sha256Hex(utf8(encode(line.marking))) !== line.hash) {
      throw new Problem("hash_differs", { file: `${name}:${number}` });
    }
    found.add(line.hash);
  }
  return found;
}

function checkCalendars(bundle) {
  const found = new Set();
  for (const name of [...bundle.members.keys()].filter((each) => each.startsWith("calendars/"))) {
    const version = name.slice("calendars/".length, -".jsonl".length);
    if (bundle.manifest.files[name].sha256 !== version) {
      throw new Problem("hash_differs", { file: name });
    }
    for (const [number, , line] of bundle.lines(name)) {
      if (!isObject(line) || !hasKeys(line, DAY_KEYS)) throw lineBroken(name, number, "not_day");
    }
    found.add(version);
  }
  return found;
}

function lineBroken(file, line, reason) {
  return new Problem("line_not_canonical", { file, line, reason });
}

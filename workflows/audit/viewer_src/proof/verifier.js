// Verify a bundle in the order of the journal's page and name the first thing that is wrong.
import { lines, readBytes, slices } from "../reading/blob.js";
import { crc32, sha256, sha256Hex, toHex, utf8 } from "./bytes.js";
import { decodeLine, encode } from "./canonical.js";
import { checkManifest, checkName, LARGEST_MANIFEST_BYTES, MANIFEST } from "./manifest.js";
import { brief, byCodePoint, has, hasKeys, isObject, Problem } from "./problem.js";
import { Trail } from "./trail.js";
import { readMembers } from "./zipform.js";

const DAY_KEYS = ["date", "region", "is_workday", "name", "status", "source"];
const READ_BESIDE = ["directory.jsonl", "grants.jsonl", "organisations.jsonl", "register.jsonl"];

/**
 * Verify a chosen file.
 *
 * onProgress is called with the share that is done, from 0 to 1.
 * Gives {problem, manifest, counts, isSigned}; problem is null where nothing is wrong.
 */
export function verifyBundle(file, onProgress = () => {}) {
  const work = new Work(file, onProgress);
  try {
    work.run();
    return work.verdict(null);
  } catch (error) {
    if (error instanceof Problem) return work.verdict(error);
    throw error;
  }
}

class Work {
  constructor(file, onProgress) {
    this.file = file;
    this.onProgress = onProgress;
    this.done = 0;
    this.manifest = null;
    this.counts = {};
  }

  verdict(problem) {
    const { manifest, counts } = this;
    const isSigned = false;
    return { problem: problem && { code: problem.code, attributes: problem.attributes }, manifest, counts, isSigned };
  }

  run() {
    this.members = readMembers(this.file);
    [this.manifest, this.format] = readManifest(this.file, this.members);
    this.checkFiles();
    const known = this.checkLinesBeside();
    const trail = new Trail(this.manifest, known);
    this.counts = trail.counts;
    trail.follow(this.lines("records.jsonl"), this.lines("payloads.jsonl"), this.lines("state.jsonl"));
  }

  /** Count bytes towards the progress: each file is hashed once and most are read a second time. */
  advance(bytes) {
    this.done += bytes;
    this.onProgress(Math.min(1, this.done / (2 * this.file.size)));
  }

  lines(name) {
    return lines(this.file, this.members.get(name), (bytes) => this.advance(bytes));
  }

  /** Compare every file with the manifest, and their names with the format. */
  checkFiles() {
    const listed = this.manifest.files;
    const { required } = this.format;
    const names = new Set([...this.members.keys(), ...Object.keys(listed), ...required]);
    for (const name of [...names].sort(byCodePoint)) {
      if (!this.members.has(name)) throw new Problem("file_missing", { file: brief(name) });
      checkName(name, this.format);
      if (name === MANIFEST) continue;
      if (!has(listed, name)) {
        throw new Problem("file_unexpected", { file: brief(name), reason: "not_listed" });
      }
      this.checkFile(this.members.get(name), listed[name]);
    }
  }

  checkFile(member, listed) {
    if (member.size !== listed.bytes) throw differs(member, "size", member.size, listed.bytes);
    const digest = sha256.create();
    let crc = 0;
    for (const slice of slices(this.file, member)) {
      digest.update(slice);
      crc = crc32(slice, crc);
      this.advance(slice.length);
    }
    const found = toHex(digest.digest());
    if (found !== listed.sha256) throw differs(member, "SHA-256", found, listed.sha256);
    checkCrc(member, crc);
  }

  /** Check the files that records refer to and give the hashes that they are known by. */
  checkLinesBeside() {
    for (const name of READ_BESIDE) {
      for (const [number, , line] of this.lines(name)) {
        if (!isObject(line)) throw lineBroken(name, number, "not_object");
      }
    }
    return {
      packs: checkPacks(this.manifest),
      markings: this.checkMarkings(),
      calendars: this.checkCalendars(),
    };
  }

  checkMarkings() {
    const name = "markings.jsonl";
    const found = new Set();
    for (const [number, , line] of this.lines(name)) {
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

  checkCalendars() {
    const found = new Set();
    for (const name of [...this.members.keys()].filter((each) => each.startsWith("calendars/"))) {
      const version = name.slice("calendars/".length, -".jsonl".length);
      if (this.manifest.files[name].sha256 !== version) {
        throw new Problem("hash_differs", { file: name });
      }
      for (const [number, , line] of this.lines(name)) {
        if (!isObject(line) || !hasKeys(line, DAY_KEYS)) throw lineBroken(name, number, "not_day");
      }
      found.add(version);
    }
    return found;
  }
}

/** Read and check the manifest; gives it with the rules of its format. */
export function readManifest(file, members) {
  const member = members.get(MANIFEST);
  if (!member) throw new Problem("file_missing", { file: MANIFEST });
  if (member.size > LARGEST_MANIFEST_BYTES) {
    throw new Problem("manifest_broken", { key: "size", found: member.size });
  }
  const bytes = readBytes(file, member.contentOffset, member.contentOffset + member.size);
  checkCrc(member, crc32(bytes));
  const manifest = decodeLine(bytes, MANIFEST, 1);
  return [manifest, checkManifest(manifest)];
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

function checkCrc(member, crc) {
  if (crc !== member.crc) {
    const attributes = { offset: member.offset + 14, reason: "checksum", file: brief(member.name) };
    throw new Problem("zip_form_broken", attributes);
  }
}

function differs(member, what, found, expected) {
  return new Problem("file_differs", { file: brief(member.name), what, found, expected });
}

function lineBroken(file, line, reason) {
  return new Problem("line_not_canonical", { file, line, reason });
}

// Verify a bundle in the order of the journal's page and name the first thing that is wrong.
import { lines, rawLines, readBytes, slices } from "../reading/blob.js";
import { compareAnchors } from "./anchors.js";
import { checkBeside } from "./beside.js";
import { crc32, fromHex, sha256Hex, startSha256, toBase64, toHex } from "./bytes.js";
import { decodeLine } from "./canonical.js";
import { rebuildLog } from "./logcheck.js";
import {
  checkManifest, checkName, claimedRange, LARGEST_MANIFEST_BYTES, MANIFEST, MANIFEST_NOTE,
} from "./manifest.js";
import { fingerprintOf, isFingerprint, LARGEST_NOTE_BYTES, parseNote, verifyNote } from "./notes.js";
import { brief, byCodePoint, has, Problem } from "./problem.js";
import { checkDirectory } from "./statements.js";
import { STAGE, Trail } from "./trail.js";
import { readMembers } from "./zipform.js";

const UNLISTED = [MANIFEST, MANIFEST_NOTE];

/**
 * Verify a chosen file.
 *
 * asked: {fingerprint: of the key that must have signed, or "", anchors: [{label, size, root}]}.
 * onProgress is called with the share that is done, from 0 to 1.
 * Gives the verdict; `problem` is null where nothing is wrong.
 */
export function verifyBundle(file, asked, onProgress = () => {}) {
  const work = new Work(file, asked, onProgress);
  try {
    work.run();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    work.verdict.problem = shown(error);
  }
  return work.verdict;
}

function shown(problem) {
  return problem && { code: problem.code, attributes: problem.attributes };
}

class Work {
  constructor(file, { fingerprint, anchors }, onProgress) {
    Object.assign(this, { file, fingerprint, anchors, onProgress, done: 0 });
    this.verdict = {
      problem: null, format: null, isSigned: false, key: null, counts: {}, log: null, claimed: [0, 0],
      anchors: [], epochs: [],
    };
  }

  run() {
    this.members = readMembers(this.file);
    const [manifest, format, manifestHash] = readManifest(this.file, this.members);
    Object.assign(this, { manifest, format, manifestHash });
    this.verdict.format = manifest.format;
    this.checkFiles();
    if (format.isSigned) this.checkSignature();
    else if (this.anchors.length || this.fingerprint) {
      throw new Problem("anchor_without_log", { format: manifest.format });
    }
    const trail = this.followTrail(checkBeside(this));
    if (trail.problem && trail.stage < STAGE.FOLD) throw trail.problem;
    if (format.isSigned) this.checkLog(trail);
    if (trail.problem) throw trail.problem;
    const unanswered = this.results?.find(({ problem }) => problem);
    if (unanswered) throw unanswered.problem;
  }

  followTrail(known) {
    const maySkipHouse = this.format.isSigned && this.manifest.scope.type !== "all";
    const trail = new Trail(this.manifest, known, maySkipHouse);
    this.verdict.counts = trail.counts;
    trail.follow(
      this.lines("records.jsonl"),
      this.lines("payloads.jsonl"),
      this.lines("state.jsonl"),
      this.format.isSigned ? this.rawLines("positions.jsonl") : null,
    );
    return trail;
  }

  get key() {
    return { name: this.manifest.key_name, publicKey: fromHex(this.manifest.public_key) };
  }

  /** Read a small file whole. */
  content(name) {
    const member = this.members.get(name);
    if (member.size > LARGEST_NOTE_BYTES) throw new Problem("note_broken", { file: name, reason: "note_long" });
    return readBytes(this.file, member.contentOffset, member.contentOffset + member.size);
  }

  /** Make sure that the manifest is signed by the key that it names, and that it is the one asked for. */
  checkSignature() {
    const { key } = this;
    const note = parseNote(this.content(MANIFEST_NOTE), MANIFEST_NOTE);
    if (note.text !== `sha256:${this.manifestHash}\n`) throw new Problem("manifest_note_differs");
    // More lines than one could be added by anybody; nobody has signed that they are there.
    if (note.signatures.length !== 1) {
      throw new Problem("note_broken", { file: MANIFEST_NOTE, reason: "note_signatures" });
    }
    verifyNote(note, key, MANIFEST_NOTE);
    const fingerprint = fingerprintOf(key.publicKey);
    if (this.fingerprint && !isFingerprint(this.fingerprint, key.publicKey)) {
      throw new Problem("manifest_key_differs", { found: fingerprint });
    }
    this.verdict.isSigned = true;
    this.verdict.key = { name: key.name, fingerprint, isKnown: Boolean(this.fingerprint) };
  }

  /** Compare the rebuilt log with checkpoints and copies, and what the house states. */
  checkLog(trail) {
    const bundle = {
      manifest: this.manifest,
      members: this.members,
      key: this.key,
      content: (name) => this.content(name),
      lines: (name) => this.lines(name),
    };
    const log = rebuildLog(bundle, trail, this.anchors.map(({ size }) => size));
    const epochs = trail.statements.map(({ epoch }) => epoch).filter(Boolean);
    this.results = compareAnchors(this.anchors, log, epochs);
    Object.assign(this.verdict, {
      log: { size: log.size, sealed: log.sealed, recordedAt: log.last.recordedAt, root: toBase64(log.last.root) },
      claimed: claimedRange(this.manifest),
      epochs,
      anchors: this.results.map(({ label, answer, problem }) => ({ label, answer, problem: shown(problem) })),
    });
    const refused = this.results.find(({ answer }) => answer === "differs" || answer === "beyond");
    if (refused) throw refused.problem;
    checkDirectory(this.manifest, trail.statements);
  }

  /** Count bytes towards the progress: each file is hashed once and most are read a second time. */
  advance(bytes) {
    this.done += bytes;
    this.onProgress(Math.min(1, this.done / (2 * this.file.size)));
  }

  rawLines(name) {
    return rawLines(this.file, this.members.get(name));
  }

  lines(name) {
    return lines(this.file, this.members.get(name), (bytes) => this.advance(bytes));
  }

  /** Compare every file with the manifest: first all names with the format, then all contents. */
  checkFiles() {
    const listed = this.manifest.files;
    const { required } = this.format;
    const names = [...new Set([...this.members.keys(), ...Object.keys(listed), ...required])].sort(byCodePoint);
    for (const name of names) {
      if (!this.members.has(name)) throw new Problem("file_missing", { file: brief(name) });
      checkName(name, this.format);
      if (has(listed, name) === UNLISTED.includes(name)) {
        const reason = has(listed, name) ? "not_nameable" : "not_listed";
        throw new Problem("file_unexpected", { file: brief(name), reason });
      }
    }
    for (const name of names) this.checkFile(this.members.get(name), has(listed, name) ? listed[name] : null);
  }

  checkFile(member, listed) {
    if (listed && member.size !== listed.bytes) {
      throw differs(member, "size", member.size, listed.bytes);
    }
    const digest = startSha256();
    let crc = 0;
    for (const slice of slices(this.file, member)) {
      digest.update(slice);
      crc = crc32(slice, crc);
      this.advance(slice.length);
    }
    const found = toHex(digest.digest());
    if (listed && found !== listed.sha256) throw differs(member, "SHA-256", found, listed.sha256);
    checkCrc(member, crc);
  }
}

/** Read and check the manifest; gives it with the rules of its format and its hash. */
export function readManifest(file, members) {
  const member = members.get(MANIFEST);
  if (!member) throw new Problem("file_missing", { file: MANIFEST });
  if (member.size > LARGEST_MANIFEST_BYTES) {
    throw new Problem("manifest_broken", { key: "size", found: member.size });
  }
  const bytes = readBytes(file, member.contentOffset, member.contentOffset + member.size);
  checkCrc(member, crc32(bytes));
  const manifest = decodeLine(bytes, MANIFEST, 1);
  return [manifest, checkManifest(manifest), sha256Hex(bytes)];
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

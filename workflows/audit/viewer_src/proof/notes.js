// Signed notes and checkpoints, as C2SP's signed-note and tlog-checkpoint have them.
import { equal, fromBase64, sha256, text as decode, toHex, utf8 } from "./bytes.js";
import { isSignature } from "./ed25519.js";
import { brief, Problem } from "./problem.js";
import { isTime, isWords, SPACE } from "./shape.js";

const ED25519_TYPE = Uint8Array.of(1);
export const LARGEST_NOTE_BYTES = 64 * 1024;
const LARGEST_SIZE = 2n ** 63n - 1n;
const KEY_NAME = new RegExp(`^[^+${SPACE}]+$`);
const SIZE = /^(?:0|[1-9][0-9]{0,18})$/;
const CONTROL = /[\x00-\x09\x0b-\x1f\x7f]/;

/** Tell whether every character can be seen, the plain space included. */
function isPrintable(value) {
  return !/[\p{C}\p{Z}]/u.test(value.replace(/ /g, ""));
}

export function isKeyName(name) {
  return typeof name === "string" && KEY_NAME.test(name) && isPrintable(name);
}

/** Give the four bytes that signature lines name a key by. */
function keyId({ name, publicKey }) {
  return sha256(utf8(`${name}\n`), ED25519_TYPE, publicKey).subarray(0, 4);
}

/** Write the fingerprint of a public key: SHA-256 in hex, in groups of four digits. */
export function fingerprintOf(publicKey) {
  return toHex(sha256(publicKey)).replace(/(.{4})(?=.)/g, "$1 ");
}

/** Tell whether a text, however spaced, is the fingerprint of a key. */
export function isFingerprint(written, publicKey) {
  return written.replace(/[\s:-]/g, "").toLowerCase() === toHex(sha256(publicKey));
}

/** Read a signed note without checking its signatures. */
export function parseNote(content, file) {
  const [text, lines] = split(content, file);
  return { text, signatures: lines.map((line) => signatureOf(line, file)) };
}

function split(content, file) {
  const broken = (reason) => new Problem("note_broken", { file, reason });
  if (content.length > LARGEST_NOTE_BYTES) throw broken("note_long");
  let decoded;
  try {
    decoded = decode(content);
  } catch {
    throw broken("not_utf8");
  }
  const gap = decoded.lastIndexOf("\n\n");
  const signed = decoded.slice(gap + 2);
  if (gap <= 0 || !signed.endsWith("\n") || CONTROL.test(decoded)) throw broken("note_parts");
  return [`${decoded.slice(0, gap)}\n`, signed.slice(0, -1).split("\n")];
}

function signatureOf(line, file) {
  const [, mark, name, encoded] = /^([^ ]*) ?([^ ]*) ?(.*)$/s.exec(line);
  const signed = fromBase64(encoded);
  if (mark !== "—" || !isKeyName(name) || !signed || signed.length <= 4) {
    throw new Problem("note_broken", { file, reason: "note_line", what: brief(line) });
  }
  return { name, keyId: signed.subarray(0, 4), signature: signed.subarray(4) };
}

/** Make sure that a note is signed by this key; lines of other keys count for nothing. */
export function verifyNote(note, key, file) {
  const id = keyId(key);
  const ours = note.signatures.filter((line) => line.name === key.name && equal(line.keyId, id));
  const message = utf8(note.text);
  if (!ours.length || !ours.every((line) => isSignature(key.publicKey, message, line.signature))) {
    const fingerprint = fingerprintOf(key.publicKey);
    throw new Problem("note_unsigned", { file, key_name: key.name, fingerprint });
  }
}

/** Read the text of a checkpoint: {origin, size, name of its size, root, recordedAt}. */
export function parseCheckpoint(text, file) {
  const broken = (reason, what) => new Problem("checkpoint_broken", { file, reason, what });
  const lines = text.split("\n");
  const [origin, size, root, time] = lines;
  if (lines.length !== 5 || lines[4] || !isWords(origin) || !isPrintable(origin)) {
    throw broken("checkpoint_parts");
  }
  if (!SIZE.test(size) || BigInt(size) > LARGEST_SIZE) throw broken("checkpoint_size", brief(size));
  if (!time.startsWith("time ") || !isTime(time.slice(5))) {
    throw broken("checkpoint_time", brief(time));
  }
  const decoded = fromBase64(root);
  if (!decoded || decoded.length !== 32) throw broken("checkpoint_root", brief(root));
  return { origin, size: Number(size), sizeText: size, root: decoded, recordedAt: time.slice(5) };
}

// Bytes, hashes and checksums.
import { sha256 as noble } from "@noble/hashes/sha2.js";

const DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const blank = noble.create();
const working = noble.create();

/** Hash parts one after the other; one working hasher serves all, for there are many short records. */
export function sha256(...parts) {
  blank._cloneInto(working);
  for (const part of parts) working.update(part);
  const digest = new Uint8Array(32);
  working.digestInto(digest);
  return digest;
}

/** Begin a hash that is fed piece by piece. */
export function startSha256() {
  return noble.create();
}

export function toHex(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 1) text += DIGITS[bytes[at]];
  return text;
}

export function fromHex(text) {
  const bytes = new Uint8Array(text.length / 2);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = parseInt(text.slice(2 * at, 2 * at + 2), 16);
  return bytes;
}

/** Read standard base64 with its padding, or give null. */
export function fromBase64(text) {
  if (text.length % 4 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null;
  const raw = atob(text);
  const bytes = Uint8Array.from(raw, (char) => char.charCodeAt(0));
  return btoa(raw) === text ? bytes : null;
}

export function toBase64(bytes) {
  return btoa(String.fromCharCode(...bytes));
}

export function sha256Hex(bytes) {
  return toHex(sha256(bytes));
}

export function utf8(text) {
  return encoder.encode(text);
}

/** Decode UTF-8; throws a TypeError for anything else. */
export function text(bytes) {
  return decoder.decode(bytes);
}

export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function equal(one, other) {
  return one.length === other.length && firstDifference(one, other) === one.length;
}

/** Give where two byte strings part, which is the shorter one's length where neither does. */
export function firstDifference(one, other) {
  const length = Math.min(one.length, other.length);
  for (let at = 0; at < length; at += 1) if (one[at] !== other[at]) return at;
  return length;
}

export function compare(one, other) {
  const at = firstDifference(one, other);
  return at < one.length && at < other.length ? one[at] - other[at] : one.length - other.length;
}

// CRC-32 in slices of eight bytes.
const TABLES = Array.from({ length: 8 }, () => new Int32Array(256));
for (let byte = 0; byte < 256; byte += 1) {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  TABLES[0][byte] = value;
}
for (let byte = 0; byte < 256; byte += 1) {
  for (let table = 1; table < 8; table += 1) {
    const before = TABLES[table - 1][byte];
    TABLES[table][byte] = (before >>> 8) ^ TABLES[0][before & 255];
  }
}

/** Go on with a CRC-32; the first one goes on with 0. */
export function crc32(bytes, before = 0) {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = TABLES;
  let crc = ~before;
  let at = 0;
  for (const end = bytes.length - 7; at < end; at += 8) {
    crc ^= bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
    crc =
      t7[crc & 255] ^ t6[(crc >>> 8) & 255] ^ t5[(crc >>> 16) & 255] ^ t4[crc >>> 24] ^
      t3[bytes[at + 4]] ^ t2[bytes[at + 5]] ^ t1[bytes[at + 6]] ^ t0[bytes[at + 7]];
  }
  for (; at < bytes.length; at += 1) crc = (crc >>> 8) ^ t0[(crc ^ bytes[at]) & 255];
  return ~crc >>> 0;
}

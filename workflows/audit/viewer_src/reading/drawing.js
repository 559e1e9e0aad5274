// Drawing cases by lot: the order of a pool under a seed is that of SHA-256(seed ‖ 0x00 ‖ name).
// The same as workflows/domain/sampling.py; a test holds them together.
import { sha256Hex, toHex, utf8 } from "../proof/bytes.js";

const ZERO = new Uint8Array(1);

/** Put the names of a pool in the order of a seed; a name counts once. */
export function ranked(pool, seed) {
  const lots = unique(pool).map((name) => ({ name, digest: sha256Hex(joined(utf8(seed), ZERO, utf8(name))) }));
  lots.sort((one, other) => compare(one.digest, other.digest));
  return lots.map((lot, at) => ({ place: at + 1, ...lot }));
}

/** Give one hash for a pool: of its names in byte order, each with a line's end. */
export function poolHash(pool) {
  const lines = unique(pool).map((name) => utf8(`${name}\n`));
  lines.sort((one, other) => compare(toHex(one), toHex(other)));
  return sha256Hex(joined(...lines));
}

function unique(pool) {
  return [...new Set(pool)];
}

function compare(one, other) {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

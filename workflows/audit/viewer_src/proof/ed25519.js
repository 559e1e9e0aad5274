// Ed25519 verification after RFC 8032, as strict as the Python verifier: no small-order keys, no
// cofactor, and points and scalars in their one canonical form.
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { concat, equal } from "./bytes.js";

const { Point } = ed25519;
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

/** Tell whether the holder of this key signed this message (RFC 8032, 5.1.7). */
export function isSignature(publicKey, message, signature) {
  const key = keyOf(publicKey);
  if (!key || signature.length !== 64) return false;
  const r = signature.subarray(0, 32);
  const scalar = littleEndian(signature.subarray(32));
  if (scalar >= ORDER) return false;
  const challenge = littleEndian(sha512(concat(r, publicKey, message))) % ORDER;
  // S·B = R + k·A, told by the bytes of R = S·B − k·A: no other spelling of R passes.
  const expected = Point.BASE.multiplyUnsafe(scalar).add(key.negate().multiplyUnsafe(challenge));
  return equal(expected.toBytes(), r);
}

/** Tell whether these bytes are a public key that signatures can be checked with. */
export function isKey(publicKey) {
  return keyOf(publicKey) !== null;
}

function keyOf(publicKey) {
  if (publicKey.length !== 32) return null;
  try {
    const key = Point.fromBytes(publicKey, false);
    return key.isSmallOrder() ? null : key;
  } catch {
    return null;
  }
}

function littleEndian(bytes) {
  let value = 0n;
  for (let at = bytes.length - 1; at >= 0; at -= 1) value = (value << 8n) | BigInt(bytes[at]);
  return value;
}

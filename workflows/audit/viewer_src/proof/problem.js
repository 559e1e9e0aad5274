// What can be wrong with a bundle: a stable code, the same as the Python verifier's, and what fills
// its sentence (words/problems.js).

export class Problem extends Error {
  constructor(code, attributes = {}) {
    super(code);
    this.code = code;
    this.attributes = attributes;
  }
}

/** Show a value in at most 80 characters. */
export function brief(value) {
  let shown;
  try {
    shown = typeof value === "string" ? value : JSON.stringify(value) ?? String(value);
  } catch {
    shown = "…";
  }
  return shown.length <= 80 ? shown : `${shown.slice(0, 77)}...`;
}

/** Tell whether an object has a key of its own: bundles may name one "__proto__". */
export function has(object, key) {
  return Object.prototype.hasOwnProperty.call(object, key);
}

/** Tell whether a value is an object as JSON means it. */
export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Tell whether an object has exactly these keys. */
export function hasKeys(value, keys) {
  return Object.keys(value).length === keys.length && keys.every((key) => has(value, key));
}

/** Compare two JSON values; true is not 1. */
export function same(one, other) {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  if (Array.isArray(one)) {
    return one.length === other.length && one.every((each, at) => same(each, other[at]));
  }
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => has(other, key) && same(one[key], other[key]))
  );
}

/** Order two texts by code points, as Python and UTF-8 do. */
export function byCodePoint(one, other) {
  const [first, second] = [Array.from(one), Array.from(other)];
  const length = Math.min(first.length, second.length);
  for (let at = 0; at < length; at += 1) {
    const difference = first[at].codePointAt(0) - second[at].codePointAt(0);
    if (difference) return difference;
  }
  return first.length - second.length;
}

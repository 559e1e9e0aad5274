// The Merkle tree over all records: RFC 6962, section 2.1, with SHA-256.
//
// Indices are those of leaves, from 0; a range is [start, end). An aligned range has 2^k leaves and
// starts at a multiple of 2^k: whatever else grows, its root stays a node of the tree.
import { equal, sha256 } from "./bytes.js";
import { Problem } from "./problem.js";

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

export function leafHash(content) {
  return sha256(LEAF, content);
}

function nodeHash(left, right) {
  return sha256(NODE, left, right);
}

/** A tree that grows in place: leaves or whole aligned nodes, from left to right. */
export class GrowingTree {
  constructor() {
    this.size = 0;
    this.nodes = [];
  }

  addLeaf(leaf) {
    this.put(leaf, this.size);
    this.size += 1;
  }

  /** Add the root of an aligned range that begins where the tree ends. */
  addRange(start, end, root) {
    this.put(root, start / (end - start));
    this.size = end;
  }

  /** Put a node beside those of its height: an odd place means that one waits to its left. */
  put(node, place) {
    let joined = node;
    for (let rest = place; rest % 2 === 1; rest = (rest - 1) / 2) joined = nodeHash(this.nodes.pop(), joined);
    this.nodes.push(joined);
  }

  /** Give the root of what is there, which must be something. */
  root() {
    return this.nodes.reduceRight((right, left) => (right ? nodeHash(left, right) : left), null);
  }
}

/** Tell whether a range has 2^k leaves and starts at a multiple of 2^k. */
export function isAligned(start, end) {
  let length = end - start;
  if (start < 0 || length <= 0 || start % length !== 0) return false;
  while (length % 2 === 0) length /= 2;
  return length === 1;
}

/** Give the ranges whose roots prove that a tree grew from a smaller one (RFC 6962, 2.1.2). */
function proofRanges(oldSize, newSize) {
  const found = [];
  let [start, end] = [0, newSize];
  if (!(oldSize > 0 && oldSize < newSize)) return found;
  while (oldSize !== end) {
    let half = 1;
    while (half * 2 < end - start) half *= 2;
    const middle = start + half;
    if (oldSize <= middle) {
      found.push([middle, end]);
      end = middle;
    } else {
      found.push([start, middle]);
      start = middle;
    }
  }
  if (start) found.push([start, end]);
  return found.reverse();
}

/** Tell whether a proof shows that the larger tree begins with the smaller, non-empty one. */
export function isConsistent(oldSize, oldRoot, newSize, newRoot, proof) {
  const ranges = proofRanges(oldSize, newSize);
  if (ranges.length !== proof.length) return false;
  let at = 0;
  let [older, newer] = [oldRoot, oldRoot];
  if (!isAligned(0, oldSize)) {
    [older, newer] = [proof[0], proof[0]];
    at = 1;
  }
  for (; at < ranges.length; at += 1) {
    if (ranges[at][0] >= oldSize) {
      newer = nodeHash(newer, proof[at]);
    } else {
      [older, newer] = [nodeHash(proof[at], older), nodeHash(proof[at], newer)];
    }
  }
  return equal(older, oldRoot) && equal(newer, newRoot);
}

export function treeBroken(reason, attributes) {
  return new Problem("tree_broken", { reason, ...attributes });
}

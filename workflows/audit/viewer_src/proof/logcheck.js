// Rebuild the log's roots from a bundle's records and nodes, and compare them.
import { equal, fromHex, toHex } from "./bytes.js";
import { claimedRange } from "./manifest.js";
import { GrowingTree, isAligned, isConsistent, treeBroken } from "./merkle.js";
import { parseCheckpoint, parseNote, verifyNote } from "./notes.js";
import { hasKeys, isObject, Problem } from "./problem.js";
import { isHash, isSize } from "./shape.js";

/** A tree that grows from records and nodes, noting its root at some sizes. */
class Rebuilding {
  constructor({ indices, leaves }, sizes) {
    Object.assign(this, { indices, leaves, at: 0, roots: new Map(), tree: new GrowingTree() });
    this.order = Array.from(indices.keys()).sort((one, other) => indices[one] - indices[other]);
    this.stops = [...new Set(sizes)].sort((one, other) => other - one);
  }

  get stop() {
    return this.stops.length ? this.stops[this.stops.length - 1] : Infinity;
  }

  /** Add the records before a node, then the node. */
  addNode(start, end, root) {
    this.addRecords(start);
    if (this.tree.size !== start) throw new Problem("tree_leaf_doubled", { index: start });
    this.tree.addRange(start, end, root);
    while (this.stop < end) this.stops.pop();
    this.noteRoot();
  }

  /** Add the records up to a leaf; none may be missing. */
  addRecords(end) {
    while (this.tree.size < end) {
      this.tree.addLeaf(this.leafAt(this.tree.size));
      this.noteRoot();
    }
  }

  leafAt(index) {
    const place = this.order[this.at];
    const found = place === undefined ? Infinity : this.indices[place];
    if (found > index) throw new Problem("tree_leaf_missing", { index });
    if (found < index) throw new Problem("tree_leaf_doubled", { index: found });
    this.at += 1;
    return this.leaves[place];
  }

  /** Make sure that no record is left over. */
  checkEnd() {
    if (this.at < this.order.length) {
      throw new Problem("tree_leaf_doubled", { index: this.indices[this.order[this.at]] });
    }
  }

  noteRoot() {
    if (this.stop === this.tree.size) this.roots.set(this.stops.pop(), this.tree.root());
  }
}

/** Counts the leaves of the claimed range that no record of the bundle is. */
class Completeness {
  constructor(manifest) {
    [this.start, this.end] = claimedRange(manifest);
    this.sealed = new Set(manifest.sealed.map((entry) => entry.index));
    this.missing = 0;
    this.first = -1;
  }

  /** Take note of a node; a sealed record is a node of its own. */
  meet(start, end) {
    if (end - start === 1 && this.sealed.delete(start)) return;
    const [first, last] = [Math.max(start, this.start), Math.min(end, this.end)];
    if (first >= last) return;
    if (!this.missing) this.first = first;
    this.missing += last - first;
  }

  check() {
    if (this.missing) {
      const attributes = { missing: this.missing, count: this.end - this.start, index: this.first };
      throw new Problem("range_not_whole", attributes);
    }
    if (this.sealed.size) {
      throw new Problem("range_sealed_wrong", { index: Math.min(...this.sealed) });
    }
  }
}

/**
 * Rebuild the log, compare it with every checkpoint of the bundle, and count its range.
 *
 * bundle: {manifest, members, key, content(name), lines(name)}; found: {indices, leaves} of the records
 * in their order; anchorSizes: further sizes at which the root is wanted.
 * Gives {size, roots: by size, sealed, last: the last checkpoint}.
 */
export function rebuildLog(bundle, found, anchorSizes) {
  const { manifest } = bundle;
  const size = manifest.tree_size;
  const checkpoints = readCheckpoints(bundle);
  const sizes = [...checkpoints.keys(), ...anchorSizes, size].filter((each) => each > 0 && each <= size);
  const rebuilding = new Rebuilding(found, sizes);
  const completeness = new Completeness(manifest);
  for (const [start, end, root] of readNodes(bundle)) {
    rebuilding.addNode(start, end, root);
    completeness.meet(start, end);
  }
  rebuilding.addRecords(size);
  rebuilding.checkEnd();
  const last = checkpoints.get(size);
  compareRoot(last, rebuilding.roots.get(size));
  const roots = new Map([...readProven(bundle, last), ...rebuilding.roots]);
  for (const checkpoint of checkpoints.values()) {
    if (!roots.has(checkpoint.size)) throw new Problem("checkpoint_unproven", { size: checkpoint.size });
    compareRoot(checkpoint, roots.get(checkpoint.size));
  }
  completeness.check();
  return { size, roots, sealed: manifest.sealed.length, last };
}

/** Read the bundle's checkpoints by size and check their form and signatures. */
function readCheckpoints({ manifest, members, key, content }) {
  const last = `checkpoints/${manifest.tree_size}.note`;
  if (!members.has(last)) throw new Problem("file_missing", { file: last });
  const names = [...members.keys()].filter((name) => name.startsWith("checkpoints/")).sort();
  const found = new Map();
  // The last checkpoint is checked first: everything else hangs on it.
  for (const name of [last, ...names.filter((each) => each !== last)]) {
    const note = parseNote(content(name), name);
    const checkpoint = parseCheckpoint(note.text, name);
    const broken = (reason) =>
      new Problem("checkpoint_broken", { file: name, reason, what: checkpoint.sizeText });
    if (`checkpoints/${checkpoint.sizeText}.note` !== name) throw broken("checkpoint_size");
    if (checkpoint.size > manifest.tree_size) throw broken("checkpoint_large");
    if (checkpoint.origin !== manifest.origin) throw broken("checkpoint_origin");
    verifyNote(note, key, name);
    found.set(checkpoint.size, checkpoint);
  }
  return found;
}

function compareRoot(checkpoint, root) {
  if (equal(checkpoint.root, root)) return;
  throw new Problem("tree_root_differs", {
    size: checkpoint.size,
    found: toHex(root),
    expected: toHex(checkpoint.root),
    source: `checkpoints/${checkpoint.size}.note`,
  });
}

function* readNodes({ manifest, lines }) {
  const file = "nodes.jsonl";
  let before = 0;
  for (const [number, , line] of lines(file)) {
    const isNode =
      isObject(line) && hasKeys(line, ["from", "to", "hash"]) && isSize(line.from) && isSize(line.to) && isHash(line.hash);
    if (!isNode) throw new Problem("line_not_canonical", { file, line: number, reason: "not_node" });
    const { from: start, to: end } = line;
    if (start < before || end > manifest.tree_size || !isAligned(start, end)) {
      throw treeBroken("node_place", { start, end });
    }
    before = end;
    yield [start, end, fromHex(line.hash)];
  }
}

/** Give the earlier roots that consistency.jsonl proves against the last checkpoint. */
function* readProven({ lines }, last) {
  const file = "consistency.jsonl";
  let before = 0;
  for (const [number, , line] of lines(file)) {
    if (!isProof(line) || !(line.size > before && line.size < last.size)) {
      throw new Problem("line_not_canonical", { file, line: number, reason: "not_proof" });
    }
    before = line.size;
    const root = fromHex(line.root);
    if (!isConsistent(before, root, last.size, last.root, line.proof.map(fromHex))) {
      throw new Problem("consistency_broken", { line: number, size: before });
    }
    yield [before, root];
  }
}

function isProof(line) {
  return (
    isObject(line) &&
    hasKeys(line, ["size", "root", "proof"]) &&
    isSize(line.size) &&
    isHash(line.root) &&
    Array.isArray(line.proof) &&
    line.proof.every(isHash)
  );
}

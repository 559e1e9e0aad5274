// Copies of a checkpoint that left the house, and what a bundle says to them.
import { equal, fromBase64, fromHex, toHex } from "./bytes.js";
import { LARGEST_NOTE_BYTES, parseCheckpoint, parseNote } from "./notes.js";
import { brief, Problem } from "./problem.js";

/** Read a checkpoint that was kept as a file. */
export function anchorOfNote(label, bytes) {
  try {
    const { size, root } = parseCheckpoint(parseNote(bytes.subarray(0, LARGEST_NOTE_BYTES + 1), label).text, label);
    return { label, size, root };
  } catch (error) {
    if (error instanceof Problem) throw unreadable(label);
    throw error;
  }
}

/** Read what was typed off a slip: size and root, in base64 or 64 hex digits. */
export function anchorOfText(written) {
  const parts = written.trim().split(/\s+/);
  const root = parts.length === 2 ? rootOf(parts[1]) : null;
  if (!root || !/^[0-9]{1,18}$/.test(parts[0])) throw unreadable(brief(written));
  return { label: written.trim(), size: Number(parts[0]), root };
}

function rootOf(written) {
  const root = /^[0-9a-fA-F]{64}$/.test(written) ? fromHex(written) : fromBase64(written);
  return root && root.length === 32 ? root : null;
}

function unreadable(label) {
  return new Problem("anchor_unreadable", { label });
}

/** Compare each copy with the log as the bundle shows it: {label, answer, problem}. */
export function compareAnchors(anchors, log, epochs) {
  return anchors.map((anchor) => {
    const [answer, code, more] = compared(anchor, log, epochs);
    const attributes = { label: anchor.label, size: anchor.size, ...more };
    return { label: anchor.label, answer, problem: code && new Problem(code, attributes) };
  });
}

function compared({ size, root }, log, epochs) {
  const found = log.roots.get(size);
  if (found && equal(found, root)) return ["agrees", null];
  const gap = epochs.find((epoch) => epoch.index < size && size <= epoch.knownSize);
  if (gap) return ["gap", "anchor_in_gap", { since: gap.knownAt, until: gap.recordedAt }];
  if (size > log.size) return ["beyond", "anchor_beyond", { found: log.size }];
  if (!found) return ["unproven", "anchor_unproven"];
  return ["differs", "anchor_differs", { expected: toHex(root), found: toHex(found) }];
}


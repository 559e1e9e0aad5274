// Reading a chosen file in slices, inside a worker: nothing larger than a slice or a line is held.
import { concat } from "../proof/bytes.js";
import { decodeLine } from "../proof/canonical.js";
import { Problem } from "../proof/problem.js";

const SLICE_BYTES = 1024 * 1024;
const LONGEST_LINE_BYTES = 64 * 1024 * 1024;

/** Read the bytes from one place to another. */
export function readBytes(file, from, to) {
  const slice = file.slice(from, to);
  try {
    return new Uint8Array(new FileReaderSync().readAsArrayBuffer(slice));
  } catch (error) {
    throw new Problem("bundle_unreadable", { reason: error.name });
  }
}

/** Give a member's bytes slice by slice. */
export function* slices(file, member) {
  const end = member.contentOffset + member.size;
  for (let at = member.contentOffset; at < end; at += SLICE_BYTES) {
    yield readBytes(file, at, Math.min(end, at + SLICE_BYTES));
  }
}

/** Give a member's lines as [number from 1, bytes, offset in the member]. */
export function* rawLines(file, member) {
  let rest = new Uint8Array(0);
  let number = 0;
  let offset = 0;
  for (const slice of slices(file, member)) {
    const bytes = rest.length ? concat(rest, slice) : slice;
    let start = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
      number += 1;
      if (end + 1 - start > LONGEST_LINE_BYTES) throw endless(member, number);
      yield [number, bytes.subarray(start, end), offset + start];
      start = end + 1;
    }
    rest = bytes.subarray(start);
    offset += start;
    if (rest.length >= LONGEST_LINE_BYTES) throw endless(member, number + 1);
  }
  if (rest.length) throw endless(member, number + 1);
}

function endless(member, line) {
  return new Problem("line_not_canonical", { file: member.name, line, reason: "endless" });
}

/** Give a member's lines as [number, bytes, value, offset]; each must be canonical. */
export function* lines(file, member, onBytes = () => {}) {
  for (const [number, bytes, offset] of rawLines(file, member)) {
    onBytes(bytes.length + 1);
    yield [number, bytes, decodeLine(bytes, member.name, number), offset];
  }
}

// The one form of zip that a bundle may have: every byte outside the members is rebuilt and compared.
import { readBytes } from "../reading/blob.js";
import { compare, concat, firstDifference, text, utf8 } from "./bytes.js";
import { Problem } from "./problem.js";

const FULL_32 = 0xffffffff;
const FULL_16 = 0xffff;
const UTF8_FLAG = 0x0800;
const DATE_1980 = 0x0021;
const [NEEDED, NEEDED_ZIP64] = [20, 45];
const [CENTRAL_BYTES, END_BYTES, END_64_BYTES, LOCATOR_BYTES] = [46, 22, 56, 20];
const LARGEST_DIRECTORY = 256 * 1024 * 1024;

/** Write little-endian fields: [bytes, value] each. */
function pack(...fields) {
  const bytes = new Uint8Array(fields.reduce((sum, [size]) => sum + size, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [size, value] of fields) {
    if (size === 2) view.setUint16(at, value, true);
    else if (size === 4) view.setUint32(at, value, true);
    else view.setBigUint64(at, BigInt(value), true);
    at += size;
  }
  return bytes;
}

function broken(offset, reason, more = {}) {
  return new Problem("zip_form_broken", { offset, reason, ...more });
}

export function localHeader(name, size, crc) {
  const encoded = utf8(name);
  const isLarge = size >= FULL_32;
  const extra = isLarge ? pack([2, 1], [2, 16], [8, size], [8, size]) : new Uint8Array(0);
  const shown = isLarge ? FULL_32 : size;
  const fixed = pack(
    [4, 0x04034b50], [2, isLarge ? NEEDED_ZIP64 : NEEDED], [2, UTF8_FLAG], [2, 0], [2, 0],
    [2, DATE_1980], [4, crc], [4, shown], [4, shown], [2, encoded.length], [2, extra.length],
  );
  return concat(fixed, encoded, extra);
}

function directoryEntry({ name, size, crc, offset }) {
  const large = [];
  if (size >= FULL_32) large.push([8, size], [8, size]);
  if (offset >= FULL_32) large.push([8, offset]);
  const extra = large.length ? pack([2, 1], [2, 8 * large.length], ...large) : new Uint8Array(0);
  const encoded = utf8(name);
  const shown = Math.min(size, FULL_32);
  const fixed = pack(
    [4, 0x02014b50], [2, NEEDED], [2, large.length ? NEEDED_ZIP64 : NEEDED], [2, UTF8_FLAG], [2, 0],
    [2, 0], [2, DATE_1980], [4, crc], [4, shown], [4, shown], [2, encoded.length], [2, extra.length],
    [2, 0], [2, 0], [2, 0], [4, 0], [4, Math.min(offset, FULL_32)],
  );
  return concat(fixed, encoded, extra);
}

function directory(members) {
  const last = members[members.length - 1];
  const start = last ? last.contentOffset + last.size : 0;
  const entries = concat(...members.map(directoryEntry));
  const [count, size] = [members.length, entries.length];
  const end = pack(
    [4, 0x06054b50], [2, 0], [2, 0], [2, Math.min(count, FULL_16)], [2, Math.min(count, FULL_16)],
    [4, Math.min(size, FULL_32)], [4, Math.min(start, FULL_32)], [2, 0],
  );
  if (count < FULL_16 && size < FULL_32 && start < FULL_32) return concat(entries, end);
  const end64 = pack(
    [4, 0x06064b50], [8, 44], [2, NEEDED_ZIP64], [2, NEEDED_ZIP64], [4, 0], [4, 0], [8, count],
    [8, count], [8, size], [8, start],
  );
  const locator = pack([4, 0x07064b50], [4, 0], [8, start + size], [4, 1]);
  return concat(entries, end64, locator, end);
}

/**
 * Read a zip's members by name and make sure that every byte outside them is canonical.
 *
 * What the directory says is only believed to rebuild all headers, which must then be the file's own
 * bytes. The members' bytes themselves are not read.
 */
export function readMembers(file) {
  const start = directoryStart(file);
  const found = readBytes(file, start, file.size);
  const members = parseDirectory(found, start);
  let offset = 0;
  for (const member of members) {
    const header = localHeader(member.name, member.size, member.crc);
    mustBe(readBytes(file, offset, offset + header.length), header, offset, "local_header");
    offset += header.length + member.size;
  }
  if (offset !== start) throw broken(offset, "members_end");
  mustBe(found, directory(members), start, "directory");
  return new Map(members.map((member) => [member.name, member]));
}

function directoryStart(file) {
  const at = file.size - END_BYTES;
  if (at < 0) throw broken(0, "no_zip");
  const end = readBytes(file, at, file.size);
  const view = new DataView(end.buffer);
  if (view.getUint32(0, true) !== 0x06054b50) throw broken(at, "no_zip_or_tail");
  const length = view.getUint32(12, true);
  let start = view.getUint32(16, true);
  if (start === FULL_32 || length === FULL_32) {
    const before = at - LOCATOR_BYTES - END_64_BYTES;
    if (before < 0) throw broken(0, "no_zip64_end");
    const end64 = readBytes(file, before, before + END_64_BYTES);
    start = Number(new DataView(end64.buffer).getBigUint64(END_64_BYTES - 8, true));
  }
  if (start > file.size || file.size - start > LARGEST_DIRECTORY) throw broken(at, "directory_place");
  return start;
}

function parseDirectory(found, start) {
  const members = [];
  const view = new DataView(found.buffer, found.byteOffset, found.length);
  let [at, offset] = [0, 0];
  let before = null;
  while (at + 4 <= found.length && view.getUint32(at, true) === 0x02014b50) {
    const [member, encoded, length] = parseEntry(found, view, at, start, offset);
    if (before && compare(encoded, before) <= 0) throw broken(start + at, "name_order");
    before = encoded;
    members.push(member);
    offset = member.contentOffset + member.size;
    if (offset > start) throw broken(start + at, "member_reaches");
    at += length;
  }
  return members;
}

function parseEntry(found, view, at, start, offset) {
  try {
    const [crc, nameBytes, extraBytes] = [
      view.getUint32(at + 16, true), view.getUint16(at + 28, true), view.getUint16(at + 30, true),
    ];
    view.getUint32(at + 42, true);
    let size = view.getUint32(at + 24, true);
    const from = at + CENTRAL_BYTES;
    const encoded = found.subarray(from, from + nameBytes);
    const name = text(encoded);
    if (size === FULL_32) size = Number(view.getBigUint64(from + nameBytes + 4, true));
    const contentOffset = offset + localHeader(name, size, crc).length;
    const member = { name, size, crc, offset, contentOffset };
    return [member, encoded, CENTRAL_BYTES + nameBytes + extraBytes];
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) throw broken(start + at, "entry");
    throw error;
  }
}

function mustBe(found, expected, offset, reason) {
  const at = firstDifference(found, expected);
  if (at === found.length && at === expected.length) return;
  throw broken(offset + at, reason);
}

// What the pages show of a bundle, read on demand. Whether it holds is the verifier's business: what
// cannot be read here is left out, and the verdict says why.
import { text } from "../proof/bytes.js";
import { areOpenings, open } from "../proof/closed.js";
import { has, isObject } from "../proof/problem.js";
import { checkPayload, checkRecord } from "../proof/shape.js";
import { readManifest } from "../proof/verifier.js";
import { readMembers } from "../proof/zipform.js";
import { rawLines, readBytes } from "./blob.js";

// A record's own id is the one before its kind: keys are in order.
const PLACE = /"id":"([ch]_[a-z2-7]{26})","kind":"([a-z_]+)"/;
const PAYLOAD_PLACE = /^\{"id":"([ch]_[a-z2-7]{26})"/;
// In a canonical line nothing else looks like this: in a text the quotes would be escaped.
const OPENINGS = '","openings":{"';
const MOST_FIELDS = 500;
const PAYLOAD_SEQ = /,"seq":(\d+)\}$/;

export class Reader {
  constructor(file) {
    this.file = file;
    this.members = readMembers(file);
    [this.manifest] = readManifest(file, this.members);
    this.withheld = new Map(this.manifest.withheld.map((each) => [`${each.id} ${each.seq}`, each]));
  }

  /** Give what is needed before anything is shown: manifest without its long lists, names, sizes. */
  open() {
    const { files, streams, withheld, ...manifest } = this.manifest;
    return {
      manifest,
      size: this.file.size,
      streams: Object.keys(streams).length,
      withheld,
      directory: this.objects("directory.jsonl"),
      organisations: this.objects("organisations.jsonl"),
      grants: this.objects("grants.jsonl").length,
      register: this.objects("register.jsonl"),
      attachments: [...this.members.keys()].filter((name) => name.startsWith("attachments/")),
      definitions: [...this.members.keys()].filter((name) => name.startsWith("definitions/")),
      notes: [...this.members.keys()].filter((name) => name.startsWith("checkpoints/")),
    };
  }

  objects(name) {
    const found = [];
    if (!this.members.has(name)) return found;
    for (const [, bytes] of rawLines(this.file, this.members.get(name))) {
      const value = parsed(bytes);
      if (isObject(value)) found.push(value);
    }
    return found;
  }

  /** Give a member's bytes. */
  bytes(name) {
    const member = this.members.get(name);
    return readBytes(this.file, member.contentOffset, member.contentOffset + member.size);
  }

  /** Give the files of a pack as text by path; forms and diagrams alike. */
  pack(hash) {
    const folder = `definitions/${hash}/`;
    const names = [...this.members.keys()].filter((name) => name.startsWith(folder));
    return Object.fromEntries(names.map((name) => [name.slice(folder.length), lenient(this.bytes(name))]));
  }

  /** Find each stream's place in the files, and what a list of cases says of it. */
  index(onProgress) {
    const total = this.sizeOf("records.jsonl") + this.sizeOf("payloads.jsonl") + this.sizeOf("state.jsonl");
    let done = 0;
    const advance = (bytes) => onProgress(Math.min(1, (done += bytes) / Math.max(1, total)));
    this.streams = new Map();
    this.fields = [];
    this.indexRecords(advance);
    this.indexPayloads(advance);
    this.indexStates(advance);
    const streams = [...this.streams.values()];
    return {
      cases: streams.filter((each) => each.id.startsWith("c_")).map(({ places, ...shown }) => shown),
      houses: streams.filter((each) => each.id.startsWith("h_")).map(({ places, ...shown }) => shown),
      fields: this.fields,
    };
  }

  sizeOf(name) {
    return this.members.get(name)?.size ?? 0;
  }

  *named(name, advance) {
    const member = this.members.get(name);
    if (!member) return;
    for (const [, bytes, offset] of rawLines(this.file, member)) {
      advance(bytes.length + 1);
      const line = readable(bytes);
      if (line !== null) yield [line, offset, offset + bytes.length + 1];
    }
  }

  indexRecords(advance) {
    for (const [line, from, to] of this.named("records.jsonl", advance)) {
      const [, id, kind] = PLACE.exec(line) ?? [];
      if (!id) continue;
      if (!this.streams.has(id)) this.streams.set(copied(id), newStream(copied(id), from));
      const stream = this.streams.get(id);
      stream.places.records[1] = to;
      stream.records += 1;
      stream.lastAt = copied(timeIn(line));
      stream.openedAt ||= stream.lastAt;
      if (kind === "clock_fired" && !line.includes('"opened":[]')) stream.escalations += 1;
      if (stream.records === 1) stream.definition = parse(line)?.definition ?? null;
    }
  }

  indexPayloads(advance) {
    for (const [line, from, to] of this.named("payloads.jsonl", advance)) {
      const stream = this.streams.get(PAYLOAD_PLACE.exec(line)?.[1]);
      if (!stream) continue;
      stream.places.payloads ??= [from, to];
      stream.places.payloads[1] = to;
      if (line.includes(OPENINGS)) this.noteFields(parse(line));
      if (PAYLOAD_SEQ.exec(line)?.[1] === "1") Object.assign(stream, headOf(parse(line)?.payload));
    }
  }

  /** Note the fields of a payload that are withheld; of very many, the first ones. */
  noteFields({ id, seq, openings }) {
    if (!areOpenings(openings) || this.fields.length >= MOST_FIELDS) return;
    for (const { reason, by } of Object.values(openings)) {
      if (reason) this.fields.push({ id, seq, reason, by, isField: true });
    }
  }

  indexStates(advance) {
    for (const [line] of this.named("state.jsonl", advance)) {
      const state = parse(line);
      const stream = isObject(state) && this.streams.get(state.id);
      if (!stream) continue;
      const tasks = Array.isArray(state.tasks) ? state.tasks.filter(isObject) : [];
      stream.ended = state.ended === true;
      stream.tasks = tasks.map(({ activity, rung }) => ({ activity: String(activity), rung: Number(rung) || 0 }));
      stream.withheld = Array.isArray(state.withheld) ? state.withheld.map(String) : [];
    }
  }

  /** Give the records of a stream with their payloads, and why one or a field of it is not here; broken ones are left out. */
  stream(id) {
    const { places } = this.streams.get(id);
    const payloads = new Map();
    for (const line of this.range("payloads.jsonl", places.payloads)) {
      if (line?.id === id && holds(() => checkPayload(line.payload, id, line.seq))) {
        const openings = areOpenings(line.openings) ? line.openings : {};
        payloads.set(line.seq, { ...open(line.payload, openings, id, line.seq), openings });
      }
    }
    const entries = [];
    for (const record of this.range("records.jsonl", places.records)) {
      if (record?.id !== id || !holds(() => checkRecord(record))) continue;
      const withheld = this.withheld.get(`${id} ${record.seq}`) ?? null;
      const { payload = null, openings = {} } = payloads.get(record.seq) ?? {};
      entries.push({ record, payload, openings, withheld });
    }
    return entries;
  }

  *range(name, range) {
    if (!range) return;
    const member = this.members.get(name);
    const bytes = readBytes(this.file, member.contentOffset + range[0], member.contentOffset + range[1]);
    let start = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
      yield parsed(bytes.subarray(start, end));
      start = end + 1;
    }
  }

  /** Give the places that markings name, by the hashes asked for. */
  markings(hashes) {
    const wanted = new Set(hashes);
    const found = {};
    for (const { hash, marking } of this.objects("markings.jsonl")) {
      if (wanted.has(hash) && isObject(marking)) found[hash] = marking;
    }
    return found;
  }
}

function newStream(id, from) {
  return {
    id, records: 0, openedAt: "", lastAt: "", escalations: 0, definition: null, number: "",
    organisation: null, subject: null, about: null, ended: false, tasks: [], withheld: [],
    places: { records: [from, from], payloads: null },
  };
}

function holds(check) {
  try {
    check();
    return true;
  } catch {
    return false;
  }
}

/** Copy a part of a line, which would keep the whole line in memory. */
function copied(part) {
  return ` ${part}`.slice(1);
}

function timeIn(line) {
  return /"recorded_at":"([0-9TZ:.-]{27})"/.exec(line)?.[1] ?? "";
}

function headOf(payload) {
  const form = isObject(payload?.form) ? payload.form : {};
  const textOf = (key) => (has(form, key) && typeof form[key] === "string" ? form[key] : null);
  return {
    number: textOf("case_number") ?? "",
    organisation: textOf("organisation"),
    subject: textOf("subject"),
    about: textOf("description"),
  };
}

function readable(bytes) {
  try {
    return text(bytes);
  } catch {
    return null;
  }
}

function parse(line) {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

function parsed(bytes) {
  const line = readable(bytes);
  return line === null ? null : parse(line);
}

function lenient(bytes) {
  return new TextDecoder().decode(bytes);
}

// Follow the records of a bundle: chains, commitments, references and the fold.
//
// Records, payloads, positions and state lines are read once, side by side, one stream in memory at a time. The
// named problem is that of the earliest check in the journal page's order.
import { fromHex, sha256, text, toHex, utf8 } from "./bytes.js";
import { encode } from "./canonical.js";
import { areOpenings, NONE, open } from "./closed.js";
import { CaseState } from "./fold.js";
import { leafHash } from "./merkle.js";
import { brief, has, hasKeys, isObject, Problem } from "./problem.js";
import { checkPayload, checkRecord, isCount, isStreamId, ZERO_HASH } from "./shape.js";
import { isStatement, statementOf } from "./statements.js";

export const STAGE = { FORM: 0, CHAIN: 1, COMMITMENT: 2, REFERENCE: 3, POSITION: 4, FOLD: 5, NONE: 6 };
const PAYLOAD_MARK = Uint8Array.of(0x10);
const POSITION = /^\{"id":"([ch]_[a-z2-7]{26})","index":(0|[1-9][0-9]{0,15}),"seq":([1-9][0-9]{0,15})\}$/;
const SALT = /^[0-9a-f]{32}$/;

export class Trail {
  /**
   * known: the hashes that records may refer to, as sets `packs`, `markings`, `calendars`.
   * maySkipHouse: whether a house stream may leave out records.
   */
  constructor(manifest, known, maySkipHouse) {
    this.maySkipHouse = maySkipHouse;
    // Where each record stands in the log and the hash of its leaf, in the order of the records.
    this.indices = [];
    this.leaves = [];
    this.statements = [];
    this.streams = new Map(Object.entries(manifest.streams));
    this.withheld = new Set(manifest.withheld.map(({ id, seq }) => place(id, seq)));
    this.known = known;
    this.counts = { records: 0, streams: 0, cases: 0, payloads: 0, withheld: 0, erased: 0, fields: 0 };
    this.stage = STAGE.NONE;
    this.problem = null;
    this.id = "";
    this.begin("");
  }

  /** Read everything to its end, noting the earliest problem; positions are null where there is no log. */
  follow(records, payloads, states, positions) {
    try {
      this.read(records, payloads, states, positions);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.fail(STAGE.FORM, error);
    }
  }

  read(records, payloads, states, positions) {
    this.payloadLines = payloads;
    this.stateLines = states;
    this.positions = positions;
    this.payload = this.nextPayload();
    this.state = this.nextState();
    for (const [, bytes, record] of records) {
      checkRecord(record);
      if (record.id !== this.id) {
        this.endStream();
        this.begin(record.id);
      }
      this.followRecord(bytes, record);
    }
    this.endStream();
    this.endBundle();
  }

  begin(id) {
    [this.previousId, this.id] = [this.id, id];
    [this.seq, this.head, this.recordedAt] = [0, ZERO_HASH, ""];
    this.missing = [];
    this.erased = new Set();
    this.case = id.startsWith("c_") ? new CaseState() : null;
    this.maySkip = this.maySkipHouse && id.startsWith("h_");
  }

  /** Run a check unless this one or an earlier one has failed before. */
  attempt(stage, act) {
    if (stage >= this.stage) return;
    try {
      act();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.fail(stage, error);
    }
  }

  fail(stage, problem) {
    if (stage < this.stage) [this.stage, this.problem] = [stage, problem];
  }

  // ------------------------------------------------------------ records

  followRecord(bytes, record) {
    this.counts.records += 1;
    this.attempt(STAGE.CHAIN, () => this.checkChain(record));
    [this.seq, this.recordedAt] = [record.seq, record.recorded_at];
    this.head = toHex(sha256(bytes));
    const payload = this.payloadOf(record);
    if (this.positions) this.attempt(STAGE.POSITION, () => this.notePosition(bytes, record, payload));
    this.attempt(STAGE.REFERENCE, () => this.checkReferences(record));
    if (this.case) this.attempt(STAGE.FOLD, () => this.case.apply(record, payload));
  }

  checkChain(record) {
    if (record.id <= this.previousId) throw broken(record, "id", `> ${this.previousId}`);
    if (record.recorded_at < this.recordedAt) {
      throw broken(record, "recorded_at", `≥ ${this.recordedAt}`);
    }
    if (this.maySkip && record.seq > this.seq + 1) return;
    if (record.seq !== this.seq + 1) throw broken(record, "seq", this.seq + 1);
    if (record.prev !== this.head) throw broken(record, "prev", this.head);
  }

  /** Take the record's position and, of some house records, what they state. */
  notePosition(bytes, record, payload) {
    const next = this.positions.next();
    const [number, line] = next.done ? ["–", new Uint8Array(0)] : next.value;
    const { id, seq } = record;
    const found = positionOf(line);
    if (!found || found.id !== id || found.seq !== seq) {
      throw new Problem("position_broken", { line: number, id, seq });
    }
    this.indices.push(found.index);
    this.leaves.push(leafHash(bytes));
    if (isStatement(record)) this.statements.push(statementOf(record, found.index, payload));
  }

  checkNoPosition() {
    const next = this.positions.next();
    if (!next.done) throw new Problem("position_broken", { line: next.value[0], id: "–", seq: "–" });
  }

  checkReferences(record) {
    const { id, seq, definition, calendar } = record;
    const missing = (key) => new Problem("reference_missing", { id, seq, key, found: record[key] });
    if (definition !== null && !this.known.packs.has(definition.split("/")[0])) {
      throw missing("definition");
    }
    for (const key of ["from", "to"]) {
      if (record[key] !== null && !this.known.markings.has(record[key])) throw missing(key);
    }
    if (calendar !== null && !this.known.calendars.has(calendar)) throw missing("calendar");
  }

  // ----------------------------------------------------------- payloads

  /** Take the record's payload from payloads.jsonl, or note that it is missing. */
  payloadOf(record) {
    const { id, seq } = record;
    while (this.payload && isBefore(this.payload, record)) this.refusePayload();
    if (record.kind === "payload_erased") this.erased.add(record.about.seq);
    if (!this.payload || this.payload.id !== id || this.payload.seq !== seq) {
      if (record.payload !== null) this.missing.push(seq);
      return null;
    }
    if (record.payload === null) {
      this.refusePayload();
      return null;
    }
    const found = this.payload;
    if (found.commitment !== record.payload) {
      this.fail(STAGE.COMMITMENT, new Problem("payload_differs", { id, seq }));
    }
    if (found.problem) this.fail(STAGE.COMMITMENT, found.problem);
    this.counts.payloads += 1;
    this.counts.fields += found.withheld;
    this.payload = this.nextPayload();
    return found.payload;
  }

  refusePayload() {
    const { id, seq } = this.payload;
    this.fail(STAGE.COMMITMENT, new Problem("payload_unexpected", { id, seq }));
    this.payload = this.nextPayload();
  }

  nextPayload() {
    const next = this.payloadLines.next();
    if (next.done) return null;
    const [number, bytes, line] = next.value;
    checkPayloadLine(number, line);
    const { id, seq, salt, payload } = line;
    // The line is canonical, so the payload's own form is a slice of it; all around it is ASCII.
    let start = `{"id":"${id}","payload":`.length;
    if (has(line, "openings")) start += utf8(`"openings":${encode(line.openings)},`).length;
    const end = bytes.length - `,"salt":"${salt}","seq":${seq}}`.length;
    const commitment = sha256(PAYLOAD_MARK, fromHex(salt), bytes.subarray(start, end));
    return { id, seq, commitment: toHex(commitment), ...open(payload, line.openings ?? NONE, id, seq) };
  }

  checkMissing() {
    for (const seq of this.missing) {
      if (this.withheld.delete(place(this.id, seq))) {
        this.counts.withheld += 1;
      } else if (this.erased.has(seq)) {
        this.counts.erased += 1;
      } else {
        throw new Problem("payload_missing", { id: this.id, seq });
      }
    }
  }

  // ------------------------------------------------------ ends of things

  endStream() {
    if (!this.id) return;
    this.counts.streams += 1;
    this.attempt(STAGE.CHAIN, () => this.checkHead());
    this.attempt(STAGE.COMMITMENT, () => this.checkMissing());
    if (!this.case) return;
    this.counts.cases += 1;
    while (this.state && this.state.id < this.id) this.refuseState();
    if (!this.state || this.state.id !== this.id) {
      this.fail(STAGE.FOLD, new Problem("state_missing", { id: this.id }));
      return;
    }
    const { line } = this.state;
    this.attempt(STAGE.FOLD, () => this.case.compare(line));
    this.state = this.nextState();
  }

  checkHead() {
    const [id, found] = [this.id, `${this.seq} ${this.head}`];
    const expected = this.streams.get(id);
    this.streams.delete(id);
    if (!expected) throw new Problem("chain_head_differs", { id, expected: "–", found });
    if (expected.last !== this.seq || expected.head !== this.head) {
      const said = `${expected.last} ${expected.head}`;
      throw new Problem("chain_head_differs", { id, expected: said, found });
    }
  }

  endBundle() {
    if (this.streams.size) {
      const [id] = [...this.streams.keys()].sort();
      const expected = String(this.streams.get(id).last);
      this.fail(STAGE.CHAIN, new Problem("chain_head_differs", { id, expected, found: "0" }));
    }
    while (this.payload) this.refusePayload();
    if (this.withheld.size) {
      const [id, seq] = [...this.withheld][0].split(" ");
      this.fail(STAGE.COMMITMENT, new Problem("payload_withheld_wrong", { id, seq: Number(seq) }));
    }
    while (this.state) this.refuseState();
    if (this.positions) this.attempt(STAGE.POSITION, () => this.checkNoPosition());
  }

  refuseState() {
    const { id, number } = this.state;
    this.fail(STAGE.FOLD, new Problem("state_unexpected", { id: brief(id), line: number }));
    this.state = this.nextState();
  }

  nextState() {
    const next = this.stateLines.next();
    if (next.done) return null;
    const [number, , line] = next.value;
    if (!isObject(line) || !has(line, "id") || typeof line.id !== "string") {
      throw new Problem("state_unexpected", { id: "–", line: number });
    }
    return { id: line.id, number, line };
  }
}

/** Read a canonical line of positions.jsonl, or give null. */
function positionOf(line) {
  let found;
  try {
    found = POSITION.exec(text(line));
  } catch {
    return null;
  }
  return found && { id: found[1], index: Number(found[2]), seq: Number(found[3]) };
}

function broken(record, key, expected) {
  const { id, seq } = record;
  return new Problem("chain_broken", { id, seq, key, found: record[key], expected });
}

function place(id, seq) {
  return `${id} ${seq}`;
}

function isBefore(one, other) {
  return one.id < other.id || (one.id === other.id && one.seq < other.seq);
}

/** Make sure that a line of payloads.jsonl has its keys and a payload in them. */
function checkPayloadLine(number, line) {
  const isRight =
    isObject(line) &&
    hasKeys(line, ["id", "seq", "salt", "payload", ...(has(line, "openings") ? ["openings"] : [])]) &&
    isStreamId(line.id) &&
    isCount(line.seq) &&
    typeof line.salt === "string" &&
    SALT.test(line.salt);
  if (!isRight) {
    const attributes = { id: "?", seq: `? (${number})`, key: "line", value: brief(line) };
    throw new Problem("payload_invalid", attributes);
  }
  const { id, seq, openings } = line;
  if (has(line, "openings") && !areOpenings(openings)) {
    throw new Problem("payload_invalid", { id, seq, key: "openings", value: brief(openings) });
  }
  checkPayload(line.payload, id, seq);
}

// The state of a case as a fold over its records (the journal's page, "The fold").
import { isClosed } from "./closed.js";
import { brief, has, isObject, Problem, same } from "./problem.js";

const UNDO_MICROSECONDS = 60_000_000;
const NEVER_UNDONE = [
  "case_opened", "clock_fired", "withdrawn", "case_migrated", "payload_erased", "corrected",
];
const STATE_KEYS = ["id", "seq", "marking", "ended", "facts", "withheld", "tasks", "clocks"];

/** What is known of a case after some of its records; after an error it is not to be used. */
export class CaseState {
  constructor() {
    this.id = null;
    this.seq = 0;
    this.marking = null;
    this.ended = false;
    this.facts = new Map();
    this.writtenBy = new Map();
    this.tasks = new Map();
    this.clocks = new Map();
    this.entered = new Map();
    this.lastGap = 0;
    this.undoable = [];
    this.firings = new Map();
  }

  /** Take the next record, with its payload where that is here. */
  apply(record, payload) {
    this.checkPlace(record);
    if (record.kind === "undone") {
      this.undo(record, payload);
    } else {
      this.remember(record, payload);
      this.change(record, payload);
    }
    this.seq = record.seq;
  }

  /** Make sure that a line of state.jsonl says what the records say. */
  compare(line) {
    const expected = {
      id: this.id,
      seq: this.seq,
      marking: this.marking,
      ended: this.ended,
      tasks: sorted(this.tasks).map(([, task]) => task),
      clocks: sorted(this.clocks).map(([, clock]) => shownClock(clock)),
    };
    const keys = Object.keys(line).sort();
    if (!same(keys, [...STATE_KEYS].sort())) throw this.differs("keys", STATE_KEYS, keys);
    for (const key of ["id", "seq", "marking", "ended", "tasks", "clocks"]) {
      if (!same(line[key], expected[key])) throw this.differs(key, expected[key], line[key]);
    }
    this.compareFacts(line.facts, line.withheld);
  }

  compareFacts(shown, withheld) {
    if (!isObject(shown) || !Array.isArray(withheld)) {
      throw this.differs("facts", "{}, []", [shown, withheld]);
    }
    const isText = withheld.every((name) => typeof name === "string");
    const others = isText ? [...new Set(withheld)].filter((name) => !has(shown, name)).sort() : [];
    if (withheld.length && (!isText || !same(withheld, others))) {
      throw this.differs("withheld", others, withheld);
    }
    const names = new Set([...this.facts.keys(), ...Object.keys(shown), ...withheld]);
    for (const name of [...names].sort()) this.compareFact(name, shown, withheld);
  }

  compareFact(name, shown, withheld) {
    const known = this.facts.get(name);
    if (withheld.includes(name)) {
      if ((this.writtenBy.get(name) ?? 0) >= this.lastGap && !isClosed(known)) {
        throw this.differs(`facts.${name}`, known, "withheld");
      }
    } else if (!this.facts.has(name) || !has(shown, name)) {
      throw this.differs(`facts.${name}`, this.facts.has(name), has(shown, name));
    } else if (isClosed(known) || !same(shown[name], known)) {
      throw this.differs(`facts.${name}`, known, shown[name]);
    }
  }

  differs(key, expected, found) {
    return new Problem("state_differs", {
      id: this.id, seq: this.seq, key, expected: brief(expected), found: brief(found),
    });
  }

  problem(code, record, attributes) {
    return new Problem(code, { id: this.id, seq: record.seq, ...attributes });
  }

  checkPlace(record) {
    this.id ??= record.id;
    if (record.id !== this.id || record.seq !== this.seq + 1) {
      const expected = `${this.id} seq ${this.seq + 1}`;
      throw new Problem("fold_out_of_order", { id: record.id, seq: record.seq, expected });
    }
    if (record.from !== this.marking) {
      const [found, expected] = [record.from, this.marking];
      throw this.problem("fold_marking_differs", record, { key: "from", found, expected });
    }
  }

  change(record, payload) {
    const withdrawn = record.kind === "withdrawn" ? this.firingOf(record) : null;
    this.moveMarking(record);
    this.changeTasks(record);
    this.changeClocks(record, withdrawn);
    if (withdrawn) this.checkWithdrawal(record, withdrawn);
    this.writeFacts(record, payload);
  }

  moveMarking(record) {
    if (record.to !== null) {
      if (this.ended && record.kind !== "withdrawn") throw this.problem("fold_after_end", record, {});
      this.marking = record.to;
      this.ended = false;
    }
    if (record.effects.ended) this.ended = true;
  }

  changeTasks(record) {
    for (const { task, activity, rung, office, roles } of record.effects.opened) {
      this.enter(record, task);
      this.tasks.set(task, { task, activity, rung, office, roles, claimant: null });
    }
    for (const { task, claimant, office } of record.effects.assigned) {
      const before = this.openTask(record, task, "assigned");
      this.tasks.set(task, { ...before, claimant, office });
    }
    for (const task of record.effects.closed) {
      this.openTask(record, task, "closed");
      this.tasks.delete(task);
    }
  }

  /** Count a task's entry; a path is entered with a number never used before. */
  enter(record, task) {
    const at = task.lastIndexOf("#");
    const [path, number] = [task.slice(0, at), BigInt(task.slice(at + 1))];
    if (number <= (this.entered.get(path) ?? 0n)) {
      throw this.problem("fold_task_differs", record, { task, key: "opened", reason: "used_before" });
    }
    this.entered.set(path, number);
  }

  openTask(record, task, key) {
    if (this.tasks.has(task)) return this.tasks.get(task);
    throw this.problem("fold_task_differs", record, { task, key, reason: "not_open" });
  }

  changeClocks(record, withdrawn) {
    const { armed, moved, paused, resumed, cancelled, fired } = record.effects;
    for (const each of armed) {
      if (this.clocks.has(each.clock)) throw this.clockDiffers(record, each.clock, "armed", "runs");
      this.clocks.set(each.clock, { ...each, paused: false });
    }
    for (const { clock, due_on, due_at, provisional } of moved) {
      if (withdrawn?.fired.has(clock) && !this.clocks.has(clock)) {
        this.clocks.set(clock, withdrawn.fired.get(clock));
      }
      const before = this.running(record, clock, "moved");
      this.clocks.set(clock, { ...before, due_on, due_at, provisional });
    }
    paused.forEach((clock) => this.pause(record, clock, "paused", true));
    resumed.forEach((clock) => this.pause(record, clock, "resumed", false));
    cancelled.forEach((clock) => this.stop(record, clock, "cancelled"));
    fired.forEach((clock) => this.stop(record, clock, "fired"));
  }

  pause(record, clock, key, isPaused) {
    const before = this.running(record, clock, key);
    if (before.paused === isPaused) throw this.clockDiffers(record, clock, key, `${key}_already`);
    this.clocks.set(clock, { ...before, paused: isPaused });
  }

  stop(record, clock, key) {
    const isPaused = this.running(record, clock, key).paused;
    if (isPaused && key === "fired") throw this.clockDiffers(record, clock, key, "is_paused");
    this.clocks.delete(clock);
  }

  running(record, clock, key) {
    if (this.clocks.has(clock)) return this.clocks.get(clock);
    throw this.clockDiffers(record, clock, key, "not_running");
  }

  clockDiffers(record, clock, key, reason) {
    return this.problem("fold_clock_differs", record, { clock, key, reason });
  }

  writeFacts(record, payload) {
    if (!payload) {
      if (record.payload !== null) this.lastGap = record.seq;
      return;
    }
    const isErasing = record.kind === "payload_erased";
    for (const [name, change] of Object.entries(payload.facts)) {
      const known = this.facts.get(name) ?? null;
      // A closed value says nothing; each is committed to anew, so hashes differ too.
      const isOpen = !isClosed(known) && !isClosed(change.old);
      const isKnown = isOpen && (this.writtenBy.get(name) ?? 0) >= this.lastGap;
      if (isKnown && !isErasing && !same(known, change.old)) {
        const [expected, found] = [brief(known), brief(change.old)];
        throw this.problem("fold_fact_differs", record, { fact: name, expected, found });
      }
      this.facts.set(name, change.new);
      this.writtenBy.set(name, record.seq);
    }
  }

  // ------------------------------------------------------------- undone

  /** Keep the state before an officer's act for as long as he may undo it. */
  remember(record, payload) {
    if (!record.actor.startsWith("u_")) {
      this.undoable = [];
    } else {
      const at = microseconds(record.recorded_at);
      while (this.undoable.length && at - this.undoable[0].at > UNDO_MICROSECONDS) this.undoable.shift();
      this.undoable.push({
        seq: record.seq,
        actor: record.actor,
        at,
        refusal: whyNotUndoable(record, payload),
        marking: this.marking,
        ended: this.ended,
        lastGap: this.lastGap,
        facts: new Map(this.facts),
        writtenBy: new Map(this.writtenBy),
        tasks: new Map(this.tasks),
        clocks: new Map(this.clocks),
        entered: new Map(this.entered),
      });
    }
    this.rememberFiring(record);
  }

  /** Go back to the state before the last record that stands. */
  undo(record, payload) {
    const before = this.undoable.pop();
    const refuse = (reason) =>
      this.problem("fold_not_undoable", record, { about: record.about.seq, reason });
    if (!before || before.seq !== record.about.seq) throw refuse("not_the_last");
    if (before.refusal) throw refuse(before.refusal);
    if (before.actor !== record.actor) throw refuse("somebody_else");
    if (microseconds(record.recorded_at) - before.at > UNDO_MICROSECONDS) throw refuse("too_late");
    if (payload && Object.keys(payload.facts).length) throw refuse("writes_facts");
    const expected = before.marking === this.marking ? null : before.marking;
    if (record.to !== expected) {
      const found = record.to;
      throw this.problem("fold_marking_differs", record, { key: "to", found, expected });
    }
    const { marking, ended, lastGap, facts, writtenBy, tasks, clocks, entered } = before;
    Object.assign(this, { marking, ended, lastGap, facts, writtenBy, tasks, clocks, entered });
  }

  // ---------------------------------------------------------- withdrawn

  /** Keep what a fired clock did for as long as the case lives. */
  rememberFiring(record) {
    if (record.kind !== "clock_fired") return;
    const { opened, armed, fired } = record.effects;
    this.firings.set(record.seq, {
      opened: opened.map((each) => each.task),
      armed: armed.map((each) => each.clock),
      fired: new Map(fired.map((clock) => [clock, this.running(record, clock, "fired")])),
    });
  }

  firingOf(record) {
    const firing = this.firings.get(record.about.seq);
    if (!firing) throw this.notWithdrawable(record, { reason: "no_firing" });
    this.firings.delete(record.about.seq);
    return firing;
  }

  /** Make sure that nothing is left of what the firing opened and its clock is back. */
  checkWithdrawal(record, firing) {
    const left = [
      ...firing.opened.filter((task) => this.tasks.has(task)),
      ...firing.armed.filter((clock) => this.clocks.has(clock)),
    ];
    if (left.length) throw this.notWithdrawable(record, { reason: "left", what: left[0] });
    const moved = record.effects.moved.map((each) => each.clock);
    for (const clock of firing.fired.keys()) {
      if (!moved.includes(clock)) {
        throw this.notWithdrawable(record, { reason: "not_restored", what: clock });
      }
    }
  }

  notWithdrawable(record, more) {
    return this.problem("fold_not_withdrawable", record, { about: record.about.seq, ...more });
  }
}

function whyNotUndoable(record, payload) {
  if (NEVER_UNDONE.includes(record.kind)) return "kind_stays";
  if (record.effects.thrown.length) return "sent";
  const opens = payload && has(payload.links, "opens") ? payload.links.opens : "";
  return opens.length ? "opened_case" : null;
}

function sorted(map) {
  return [...map].sort(([one], [other]) => (one < other ? -1 : 1));
}

function shownClock({ clock, rule, due_on, due_at, provisional, paused }) {
  return { clock, rule, due_on, due_at, provisional, paused };
}

/** Give a journal's time in microseconds; exact for the dates of a journal. */
function microseconds(time) {
  return Date.parse(`${time.slice(0, 23)}Z`) * 1000 + Number(time.slice(23, 26));
}

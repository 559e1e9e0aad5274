// Asking the worker. Its source stands inside this very page, so it starts from a file too.
import source from "worker-source";

/** What the worker answered instead of a result; the code is the verifier's. */
export class Refused extends Error {
  constructor({ code, attributes }) {
    super(code);
    this.code = code;
    this.attributes = attributes;
  }
}

export class Desk {
  constructor() {
    this.address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    this.worker = new Worker(this.address);
    this.waiting = new Map();
    this.number = 0;
    this.worker.onmessage = ({ data }) => this.answer(data);
    this.worker.onerror = (event) => this.fail(event.message);
  }

  /** Ask for an act; onProgress gets the share that is done. */
  ask(act, given = [], onProgress = () => {}) {
    this.number += 1;
    const number = this.number;
    this.worker.postMessage({ number, act, given });
    return new Promise((resolve, reject) => this.waiting.set(number, { resolve, reject, onProgress }));
  }

  answer({ number, share, result, problem }) {
    const asked = this.waiting.get(number);
    if (!asked) return;
    if (share !== undefined) {
      asked.onProgress(share);
      return;
    }
    this.waiting.delete(number);
    if (problem) asked.reject(new Refused(problem));
    else asked.resolve(result);
  }

  fail(reason) {
    for (const { reject } of this.waiting.values()) {
      reject(new Refused({ code: "viewer_failed", attributes: { reason } }));
    }
    this.waiting.clear();
  }

  close() {
    this.worker.terminate();
    URL.revokeObjectURL(this.address);
    this.waiting.clear();
  }
}

// The worker behind the page: reads, searches and verifies the chosen file, one request at a time.
import { anchorOfNote, anchorOfText } from "./proof/anchors.js";
import { Problem } from "./proof/problem.js";
import { verifyBundle } from "./proof/verifier.js";
import { readBytes } from "./reading/blob.js";
import { Reader } from "./reading/reader.js";
import { search } from "./reading/searching.js";

let reader = null;

const ACTS = {
  open: (onProgress, file) => {
    reader = new Reader(file);
    return reader.open();
  },
  index: (onProgress) => reader.index(onProgress),
  stream: (onProgress, id) => reader.stream(id),
  markings: (onProgress, hashes) => reader.markings(hashes),
  pack: (onProgress, hash) => reader.pack(hash),
  bytes: (onProgress, name) => reader.bytes(name),
  search: (onProgress, wanted) => search(reader, wanted, onProgress),
  verify: (onProgress, file, asked) => verifyBundle(file, readAsked(asked), onProgress),
};

/** Read what a reviewer has from elsewhere: a fingerprint, slips as text, checkpoints as files. */
function readAsked({ fingerprint, slips, notes }) {
  const anchors = [
    ...notes.map((file) => anchorOfNote(file.name, readBytes(file, 0, file.size))),
    ...slips.map(anchorOfText),
  ];
  return { fingerprint, anchors };
}

self.onmessage = ({ data: { number, act, given } }) => {
  let told = 0;
  const onProgress = (share) => {
    // A message for each percent is enough for a bar.
    if (share < 1 && share - told < 0.01) return;
    told = share;
    self.postMessage({ number, share });
  };
  try {
    self.postMessage({ number, result: ACTS[act](onProgress, ...given) });
  } catch (error) {
    const isOurs = error instanceof Problem;
    const problem = isOurs
      ? { code: error.code, attributes: error.attributes }
      : { code: "viewer_failed", attributes: { reason: String(error?.message ?? error) } };
    self.postMessage({ number, problem });
  }
};

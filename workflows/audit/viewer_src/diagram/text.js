// Fitting names into shapes: Chinese breaks anywhere, Latin between words.

const WIDE = /[\u1100-\u115f\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6“”‘’…—]/;
const PIECES = /[\u2e80-\u9fff\uff00-\uffef]|[^\s\u2e80-\u9fff\uff00-\uffef]+|\s+/g;
// These never begin a line.
const CLOSING = new Set("、。，；：！？）》」%,.;:!?)");
const LONGEST_NAME = 400;

/** Estimate how wide a text is; wide characters take a whole square. */
function widthOf(text, size) {
  let width = 0;
  for (const char of text) width += WIDE.test(char) ? size : size * 0.56;
  return width;
}

/** Break a text into lines; what goes beyond the last one ends with an ellipsis. */
export function wrap(text, width, size, most) {
  let lines = [];
  let line = "";
  for (const piece of pieces(text.slice(0, LONGEST_NAME), width, size)) {
    if (line && widthOf(line + piece.trimEnd(), size) > width && !CLOSING.has(piece)) {
      lines.push(line.trim());
      line = "";
    }
    if (line || piece.trim()) line += piece;
  }
  if (line.trim()) lines.push(line.trim());
  if (lines.length > most) {
    lines = [...lines.slice(0, most - 1), `${lines[most - 1].trimEnd().slice(0, -1)}…`];
  }
  return lines;
}

/** Find the largest size in which a text fits into a box without cutting a word; gives [lines, size]. */
export function fit(text, width, height, sizes) {
  for (const size of sizes) {
    if (longestWord(text, size) > width) continue;
    const lines = wrap(text, width, size, 99);
    if (lines.length * size * 1.25 <= height) return [balanced(text, width, size, lines), size];
  }
  const size = sizes[sizes.length - 1];
  return [wrap(text, width, size, Math.max(1, Math.floor(height / (size * 1.25)))), size];
}

/** Even out lines, so that no single character stands alone on the last. */
function balanced(text, width, size, lines) {
  const narrowest = Math.max(longestWord(text, size), widthOf(text, size) / Math.max(1, lines.length));
  for (let step = 0; step < 8; step += 1) {
    const tried = narrowest + (step * size) / 2;
    const wrapped = wrap(text, tried, size, 99);
    if (wrapped.length === lines.length && tried <= width) return wrapped;
  }
  return lines;
}

function longestWord(text, size) {
  return (text.match(PIECES) ?? []).reduce((most, piece) => Math.max(most, widthOf(piece, size)), 0);
}

/** Cut a text where it may break; a word wider than the line is cut as it must be. */
function pieces(text, width, size) {
  const found = [];
  for (let rest of text.match(PIECES) ?? []) {
    while (widthOf(rest, size) > width && rest.length > 1) {
      let cut = 1;
      while (cut < rest.length && widthOf(rest.slice(0, cut + 1), size) <= width) cut += 1;
      found.push(rest.slice(0, cut));
      rest = rest.slice(cut);
    }
    found.push(rest);
  }
  return found;
}

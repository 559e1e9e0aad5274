// Phrases are put where the cursor was; rows pasted from a spreadsheet become lines.
// The server writes rows as lines too (webapp/forms/pasted.py): without a script nothing is lost.

const BETWEEN = "；";

function insert(field, text) {
  field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
}

// A quoted cell may hold line ends: then the server does it, which reads quotes.
function inLines(text) {
  const lines = text.split(/\r?\n/).map((line) => line.split("\t").map((cell) => cell.trim()));
  return lines.map((cells) => cells.filter(Boolean).join(BETWEEN)).filter(Boolean).join("\n");
}

export function startWording(root) {
  root.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-insert]");
    const field = button && document.getElementById(button.dataset.insert);
    if (field) insert(field, button.textContent);
  });
  root.addEventListener("paste", (event) => {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!event.target.matches?.("textarea") || !text.includes("\t") || text.includes('"')) return;
    event.preventDefault();
    insert(event.target, inLines(text));
  });
}

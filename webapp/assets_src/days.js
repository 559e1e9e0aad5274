// A date field takes what is pasted only in the browser's own form: the server reads the rest.

function sideOf(input) {
  if (input.min && !input.max) return "coming";
  return input.max && !input.min ? "past" : "this_year";
}

async function readInto(input, url, text) {
  const asked = new URLSearchParams({ text, side: sideOf(input) });
  const answer = await fetch(`${url}?${asked}`);
  if (!answer.ok) return;
  const { on, said } = await answer.json();
  if (on) input.value = on;
  input.dispatchEvent(new Event("input", { bubbles: true }));
  if (on) return;
  input.setCustomValidity(said);
  input.reportValidity();
}

export function startDays() {
  const url = document.body.dataset.daysUrl;
  if (!url) return;
  document.addEventListener("paste", (event) => {
    const input = event.target;
    if (!(input instanceof HTMLInputElement) || input.type !== "date" || input.readOnly) return;
    const text = event.clipboardData.getData("text").trim();
    if (!text) return;
    event.preventDefault();
    readInto(input, url, text);
  });
  document.addEventListener("input", (event) => {
    if (event.target.type === "date") event.target.setCustomValidity("");
  });
}

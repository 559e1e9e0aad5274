// People are looked up while their name is typed; without this script the button beside does it.

const DELAY = 250;

async function fill(picker, text) {
  const select = picker.querySelector("select");
  const answer = await fetch(`${picker.dataset.picker}?q=${encodeURIComponent(text)}`);
  if (!answer.ok) return;
  const chosen = select.selectedOptions[0];
  const found = await answer.json();
  const kept = chosen && chosen.value && !found.some((each) => each.id === chosen.value) ? [chosen] : [];
  select.replaceChildren(
    new Option("—", ""),
    ...found.map((each) => new Option(each.label, each.id, false, chosen?.value === each.id)),
    ...kept,
  );
  if (!select.value && found.length === 1) select.value = found[0].id;
}

export function startPickers(root) {
  for (const picker of root.querySelectorAll("[data-picker]")) {
    const text = picker.querySelector("[data-picker-text]");
    if (!picker.dataset.picker || !text || picker.dataset.watched) continue;
    picker.dataset.watched = "1";
    let timer = 0;
    text.addEventListener("input", (event) => {
      event.stopPropagation();
      clearTimeout(timer);
      timer = setTimeout(() => fill(picker, text.value), DELAY);
    });
    text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      event.preventDefault();
      fill(picker, text.value);
    });
    picker.querySelector("button").addEventListener("click", (event) => {
      event.preventDefault();
      fill(picker, text.value);
    });
  }
}

// When the kind of problem is chosen, what was registered before of that kind is shown.
export function startEarlier(root) {
  const place = root.querySelector("[data-earlier]");
  const select = root.querySelector("select[name=problem_type]");
  if (!place || !select) return;
  select.addEventListener("change", async () => {
    const address = `${place.dataset.earlier}&problem_type=${encodeURIComponent(select.value)}`;
    const answer = await fetch(address);
    if (answer.ok) place.innerHTML = await answer.text();
  });
}

// What the rules suggest follows what is chosen; files stay out of the question.
export function startSuggestions(root) {
  for (const form of root.querySelectorAll("form[data-suggest-url]")) {
    form.addEventListener("change", async () => {
      const asked = new URLSearchParams();
      for (const [key, value] of new FormData(form)) {
        if (typeof value === "string" && key !== "csrf_token") asked.append(key, value);
      }
      const answer = await fetch(`${form.dataset.suggestUrl}?${asked}`);
      if (!answer.ok) return;
      for (const [key, value] of Object.entries(await answer.json())) {
        const place = form.querySelector(`[data-suggested="${key}"]`);
        if (!place) continue;
        place.hidden = !value;
        place.querySelector("strong").textContent = value;
      }
    });
  }
}

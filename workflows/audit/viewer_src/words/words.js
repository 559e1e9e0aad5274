// The page's language, and how its sentences, dates and times are written.
import { PAGES } from "./pages.js";
import { PROBLEMS, REASONS, STAGES } from "./problems.js";
import { RECORDS } from "./records.js";

const WORDS = { ...PAGES, ...RECORDS };
const MONTHS = [
  "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
];
const DAYS_ZH = "日一二三四五六";
const DAYS_EN = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const EAST_8_MILLISECONDS = 8 * 3600 * 1000;

let chosen = "zh";

export function language() {
  return chosen;
}

export function speak(code) {
  chosen = code === "en" ? "en" : "zh";
  document.documentElement.lang = chosen === "en" ? "en" : "zh-CN";
}

function pick([zh, en]) {
  return chosen === "en" ? en : zh;
}

/** Fill {name} into a sentence; {name|one|many} chooses the English word that fits a number. */
function fill(sentence, values) {
  return sentence.replace(/\{(\w+)(?:\|([^|}]*)\|([^|}]*))?\}/g, (_, name, one, many) => {
    const value = String(values[name] ?? "");
    return one === undefined ? value : `${value} ${values[name] === 1 ? one : many}`;
  });
}

/** Say a sentence of the catalogue. */
export function t(key, values = {}) {
  return fill(pick(WORDS[key]), values);
}

/** Say why something is withheld; a reason that the catalogue lacks stands as it is. */
export function reasonOf(reason) {
  return knows(`reason_${reason}`) ? t(`reason_${reason}`) : reason;
}

/** Tell whether the catalogue has a word. */
export function knows(key) {
  return Object.prototype.hasOwnProperty.call(WORDS, key);
}

/** Say what is wrong, as the verifier does. */
export function sentenceOf({ code, attributes }) {
  const values = { ...attributes };
  if (REASONS[values.reason]) values.reason = fill(pick(REASONS[values.reason]), values);
  return PROBLEMS[code] ? fill(pick(PROBLEMS[code]), values) : code;
}

/** Name the step of verification that a code belongs to. */
export function stageOf(code) {
  const found = STAGES.find(([prefix]) => code.startsWith(prefix));
  return found ? pick(found.slice(1)) : code;
}

/** Put names one after the other. */
export function listed(names) {
  return names.join(chosen === "en" ? ", " : "、");
}

function inPlace(moment) {
  const at = Date.parse(moment);
  return Number.isNaN(at) ? null : new Date(at + EAST_8_MILLISECONDS).toISOString();
}

/** Give the day of a moment at the place (UTC+8). */
export function dayOf(moment) {
  return inPlace(moment)?.slice(0, 10) ?? String(moment);
}

/** Write a moment on the clock of the place: 2026年3月2日 09:05. */
export function moment(at) {
  const there = inPlace(at);
  return there ? `${day(there.slice(0, 10))} ${there.slice(11, 16)}` : String(at);
}

/** Say whether a value is a day as records keep it. */
export function isDay(value) {
  return /^\d{4}-\d\d-\d\d$/.test(value);
}

/** Write a date: 2026年3月2日. */
export function day(date) {
  const at = new Date(`${date}T00:00:00Z`);
  if (Number.isNaN(at.getTime())) return String(date);
  const [year, month, on] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()];
  return chosen === "en" ? `${on} ${MONTHS[month]} ${year}` : `${year}年${month + 1}月${on}日`;
}

/** Write a date as a term is told, with the day of the week. */
export function longDay(date) {
  const at = new Date(`${date}T00:00:00Z`);
  if (Number.isNaN(at.getTime())) return String(date);
  const week = at.getUTCDay();
  return chosen === "en" ? `${DAYS_EN[week]} ${day(date)}` : `${day(date)}（周${DAYS_ZH[week]}）`;
}

/** Give the days from one day to another. */
export function daysBetween(one, other) {
  return Math.round((Date.parse(other) - Date.parse(one)) / 86400000);
}

/** Give the moment at which a day of the place begins, as the journal writes it. */
export function startOfDay(date, plus = 0) {
  const at = Date.parse(`${date}T00:00:00Z`);
  if (Number.isNaN(at)) return "";
  return `${new Date(at + plus * 86400000 - EAST_8_MILLISECONDS).toISOString().slice(0, -1)}000Z`;
}

export function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(1)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

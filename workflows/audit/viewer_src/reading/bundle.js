// A bundle as the pages know it: what the worker read of it, and the names behind ids.
import { isObject } from "../proof/problem.js";
import { knows, t } from "../words/words.js";
import { readPack } from "./pack.js";

export class Bundle {
  constructor(desk, file, opened) {
    this.desk = desk;
    this.file = file;
    Object.assign(this, opened);
    this.named = new Map();
    for (const each of [...this.organisations, ...this.directory]) {
      if (typeof each.id === "string" && typeof each.name === "string") this.named.set(each.id, each);
    }
    this.kept = new Set(this.attachments.map((name) => name.slice("attachments/".length)));
    this.packs = new Map();
  }

  /** Read the list of cases; onProgress gets the share that is done. */
  async index(onProgress) {
    const { cases, houses, fields } = await this.desk.ask("index", [], onProgress);
    this.cases = cases;
    this.houses = houses;
    this.fields = fields;
    this.byId = new Map([...cases, ...houses].map((each) => [each.id, each]));
  }

  /** Give the pack of a record's definition and the process, or nulls. */
  async definition(written) {
    const [hash, process] = String(written ?? "").split("/");
    if (!this.definitions.some((name) => name.startsWith(`definitions/${hash}/`))) return [null, null];
    if (!this.packs.has(hash)) {
      this.packs.set(hash, this.desk.ask("pack", [hash]).then((files) => readPack(hash, files)));
    }
    return [await this.packs.get(hash), process];
  }

  /** Give every pack of the bundle. */
  async allPacks() {
    const hashes = new Set(this.definitions.map((name) => name.split("/")[1]));
    const read = [...hashes].map((hash) => this.definition(`${hash}/`));
    return (await Promise.all(read)).map(([pack]) => pack).filter(Boolean);
  }

  /** Give the name behind an id, or the id itself where it is not told. */
  name(id) {
    return this.named.get(id)?.name ?? String(id);
  }

  /** Name an account or a person; jobs by what they do. */
  person(id) {
    if (!id) return "";
    if (id.startsWith("system:")) return t(id === "system:sweep" ? "by_sweep" : "by_system");
    return this.name(id);
  }

  /** Give the ids whose names hold a text: accounts, persons and organisations. */
  idsNamed(text) {
    const wanted = text.toLowerCase();
    const found = [...this.named.values()].filter((each) => each.name.toLowerCase().includes(wanted));
    const ids = new Set(found.map((each) => each.id));
    // An account's person acts too, and the other way round.
    for (const each of this.directory.filter(isObject)) {
      if (ids.has(each.person)) ids.add(each.id);
      if (ids.has(each.id) && typeof each.person === "string") ids.add(each.person);
    }
    return [...ids];
  }

  role(code) {
    return knows(`role_${code}`) ? t(`role_${code}`) : code;
  }

  /** Say what a scope is. */
  scope() {
    const { scope } = this.manifest;
    const named = knows(`scope_${scope.type}`) ? t(`scope_${scope.type}`) : scope.type;
    const more = [scope.name, scope.number, this.named.get(scope.organisation)?.name, scope.id].filter(
      (each) => typeof each === "string",
    );
    if (typeof scope.from === "string" && typeof scope.to === "string") {
      more.push(t("period_between", { from: scope.from, to: scope.to }));
    }
    return [named, ...more].join(" · ");
  }
}

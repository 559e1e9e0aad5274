// Makes viewer.html: one file with its script, its style and the source of its worker inside.
// Called by hatch_build.py with the file to write and the hash of what it is made from.
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const [target, madeFrom] = process.argv.slice(2);
if (!target || !madeFrom) {
  console.error("usage: node build.mjs FILE SOURCE_HASH");
  process.exit(2);
}

const here = fileURLToPath(new URL(".", import.meta.url));
const settings = {
  absWorkingDir: here,
  bundle: true,
  charset: "utf8",
  legalComments: "inline",
  logLevel: "warning",
  minify: true,
  write: false,
  // The oldest browsers that government desktops still run.
  target: ["chrome92"],
};

async function bundle(entry, more = {}) {
  const { outputFiles } = await build({ ...settings, entryPoints: [entry], ...more });
  return outputFiles[0].text;
}

const worker = await bundle("worker.js", { format: "iife" });
const workerInside = {
  name: "worker-inside",
  setup(builder) {
    builder.onResolve({ filter: /^worker-source$/ }, ({ path }) => ({ path, namespace: "worker" }));
    builder.onLoad({ filter: /./, namespace: "worker" }, () => ({ contents: worker, loader: "text" }));
  },
};
const script = await bundle("viewer.js", { format: "iife", plugins: [workerInside] });
const style = await bundle("style/viewer.css");

function fingerprint(content) {
  return `'sha256-${createHash("sha256").update(content).digest("base64")}'`;
}

// Nothing from anywhere but this file: no request can leave the page, whatever a bundle holds.
const policy = [
  "default-src 'none'",
  `script-src ${fingerprint(script)}`,
  `style-src ${fingerprint(style)}`,
  "img-src data:",
  "worker-src blob:",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

const parts = { policy, madeFrom, style, script };
const page = await readFile(new URL("page.html", import.meta.url), "utf8");
// A function as replacement: "$&" in a script shall stay what it is.
await writeFile(target, page.replace(/\{\{(\w+)\}\}/g, (_, name) => parts[name]));

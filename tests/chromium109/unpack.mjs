// Unpacks the browser of @sparticuz/chromium beside this file.
import { createReadStream, createWriteStream } from "node:fs";
import { rename } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";

const packed = new URL("node_modules/@sparticuz/chromium/bin/chromium.br", import.meta.url);
const draft = new URL("chromium.part", import.meta.url);
const target = new URL("chromium", import.meta.url);
await pipeline(createReadStream(packed), createBrotliDecompress(), createWriteStream(draft, { mode: 0o755 }));
await rename(draft, target);

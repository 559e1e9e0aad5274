// Bundles app.js and app.css with what they import into webapp/static/dist.
// Called by hatch_build.py with the folder to write to.
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const [outdir] = process.argv.slice(2);
if (!outdir) {
  console.error("usage: node build.mjs OUTDIR");
  process.exit(2);
}

// The pages' content security policy is default-src 'self': images written
// into a style sheet as data: addresses would stay blank, so they become files.
const drawingsAsFiles = {
  name: "drawings-as-files",
  setup(builder) {
    const prefix = /^data:image\/svg\+xml,/;
    const drawings = [];
    builder.onResolve({ filter: prefix }, ({ path }) => {
      drawings.push(decodeURIComponent(path.replace(prefix, "")));
      return { path: `${drawings.length - 1}.svg`, namespace: "drawing" };
    });
    builder.onLoad({ filter: /./, namespace: "drawing" }, ({ path }) => ({
      contents: drawings[parseInt(path, 10)],
      loader: "file",
    }));
  },
};

await build({
  absWorkingDir: fileURLToPath(new URL(".", import.meta.url)),
  entryPoints: ["app.js", "app.css"],
  outdir,
  assetNames: "img/[hash]",
  bundle: true,
  minify: true,
  charset: "utf8",
  legalComments: "linked",
  logLevel: "warning",
  plugins: [drawingsAsFiles],
  sourcemap: false,
  // The oldest browsers that government desktops still run.
  target: ["chrome92"],
});

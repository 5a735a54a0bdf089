// Builds the page into the package's assets; with --check, says whether what lies there is what these sources build.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const HERE = dirname(fileURLToPath(import.meta.url));
const ASSETS = join(HERE, "../src/everytale/publish/assets");
const PLACES = ["head", "style", "data", "script"];

/** One script without imports, and the style sheet that it imports, if any: file name → text. */
async function bundle(entry, name) {
  const { output } = await build({
    root: HERE,
    configFile: false,
    logLevel: "warn",
    build: {
      write: false,
      target: "es2022",
      cssTarget: ["chrome111", "firefox113", "safari16.4"],
      modulePreload: false,
      assetsInlineLimit: 0,
      lib: { entry: join(HERE, "src", entry), formats: ["iife"], name: "everytale", fileName: () => name, cssFileName: "page" },
    },
  }).then((built) => (Array.isArray(built) ? built[0] : built));
  return output.map((one) => [one.fileName, one.type === "chunk" ? one.code : String(one.source)]);
}

function checked(name, text) {
  if (name.endsWith(".js") && /<\/script|<!--/i.test(text)) throw new Error(`${name} cannot stand inside of a page: it has “</script” or “<!--”`);
  if (name === "page.html")
    for (const place of PLACES)
      if (text.split(`<!--everytale:${place}-->`).length !== 2) throw new Error(`page.html has not one place for its ${place}`);
  return text;
}

const built = [
  ["page.html", readFileSync(join(HERE, "page.html"), "utf8")],
  ...(await bundle("main.ts", "page.js")),
  ...(await bundle("worker.ts", "worker.js")),
];
let same = true;
for (const [name, text] of built) {
  const path = join(ASSETS, name);
  checked(name, text);
  if (!process.argv.includes("--check")) writeFileSync(path, text);
  else if (readFileSync(path, "utf8") !== text) {
    console.error(`${name} is not what the sources in web/ build: run make web.`);
    same = false;
  }
}
process.exit(same ? 0 : 1);

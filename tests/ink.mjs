// Plays an exported story in inkjs: `node ink.mjs COMPILER STORY`, then a line of JSON for each tale, {"seed": 1, "choose": [0.2, 0.9]}, of which
// each number picks among the choices, and a line for each with its steps: the knot that asks, what was told before, with tags, and the choices.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const [compiler, file] = process.argv.slice(2);
const { Compiler } = createRequire(import.meta.url)(compiler);
const story = new Compiler(readFileSync(file, "utf8")).Compile();

for await (const line of createInterface({ input: process.stdin })) {
  const { seed, choose } = JSON.parse(line);
  story.ResetState();
  story.state.storySeed = seed;
  const steps = [];
  for (const number of [...choose, undefined]) {
    const told = [];
    while (story.canContinue) told.push({ text: story.Continue().trimEnd(), tags: story.currentTags });
    const choices = story.currentChoices;
    const picked = number === undefined ? -1 : Math.floor(number * choices.length);
    steps.push({ told, knot: choices[0]?.sourcePath.split(".")[0] ?? null, choices: choices.map((one) => one.text), picked });
    if (choices.length === 0 || picked < 0) break;
    story.ChooseChoiceIndex(picked);
  }
  process.stdout.write(JSON.stringify(steps) + "\n");
}

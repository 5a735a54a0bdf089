// Asks the core as WebAssembly: `node engine.mjs ENGINE PACK`, then a line of JSON for each call, ["tale_choose", [2]], ["tale_begin",
// [0, 0, 7], [moves made before]] or ["engine_open", [], "a pack in base64"], and a line with what it answers for each.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

const [engine, pack] = process.argv.slice(2);
const imports = {
  env: { emscripten_notify_memory_growth() {} },
  wasi_snapshot_preview1: {
    proc_exit(code) {
      throw new Error(`exit ${code}`);
    },
  },
};
const { exports } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(engine)), imports);
exports._initialize();

function put(bytes) {
  const place = exports.engine_room(bytes.length);
  new Uint8Array(exports.memory.buffer).set(bytes, place);
}

function text(place) {
  const memory = new Uint8Array(exports.memory.buffer);
  return new TextDecoder().decode(memory.subarray(place, memory.indexOf(0, place)));
}

put(readFileSync(pack));
process.stdout.write(text(exports.engine_open()) + "\n");
for await (const line of createInterface({ input: process.stdin })) {
  const [call, values, numbers] = JSON.parse(line);
  if (typeof numbers === "string") put(Buffer.from(numbers, "base64"));
  else if (numbers) put(new Uint8Array(Uint32Array.from(numbers).buffer));
  const began = performance.now();
  const answer = text(exports[call](...values));
  process.stdout.write(JSON.stringify({ answer: JSON.parse(answer), took: performance.now() - began, memory: exports.memory.buffer.byteLength }) + "\n");
}

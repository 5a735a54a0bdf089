/** The engine's worker: loads the WebAssembly, hands it what is asked, and its answers back, in the order of asking. */

import type { Packed } from "./config";
import type { Answer, Question } from "./engine";

/** What core/engine.cpp exports: besides these, its calls, from numbers to the place of a text that ends in a byte 0. */
interface Exports {
  memory: WebAssembly.Memory;
  _initialize(): void;
  /** Makes room for so many bytes that go in, and says where. */
  engine_room(size: number): number;
}

let exports: (Exports & Record<string, (...numbers: number[]) => number>) | null = null;
let before: Promise<void> = Promise.resolve();

addEventListener("message", ({ data }: MessageEvent<Question>) => {
  before = before.then(async () => {
    try {
      postMessage({ id: data.id, text: await answer(data) } satisfies Answer);
    } catch (error) {
      postMessage({ id: data.id, fault: error instanceof Error ? error.message : String(error) } satisfies Answer);
    }
  });
});

async function answer({ call, numbers, room }: Question): Promise<string> {
  if (call === "start") {
    exports = await started(await bytes(room as Packed));
    return "{}";
  }
  if (exports === null) throw new Error("it could not be loaded");
  if (room !== undefined) put(room instanceof Uint8Array ? room : await bytes(room));
  return text((exports[call] as (...numbers: number[]) => number)(...numbers));
}

async function started(wasm: Uint8Array<ArrayBuffer>): Promise<typeof exports> {
  const stop = (code: number) => {
    throw new Error(`it stopped (${code})`);
  };
  const imports = { env: { emscripten_notify_memory_growth: () => undefined }, wasi_snapshot_preview1: { proc_exit: stop } };
  const { instance } = await WebAssembly.instantiate(wasm, imports);
  const found = instance.exports as unknown as NonNullable<typeof exports>;
  found._initialize();
  return found;
}

function put(given: Uint8Array): void {
  if (exports === null) return;
  const at = exports.engine_room(given.length);
  new Uint8Array(exports.memory.buffer, at >>> 0, given.length).set(given);
}

function text(at: number): string {
  const memory = new Uint8Array(exports?.memory.buffer ?? new ArrayBuffer(0));
  return new TextDecoder().decode(memory.subarray(at >>> 0, memory.indexOf(0, at >>> 0)));
}

/** Bytes of a resource: packed text of the page (base64 of gzip), or what lies at an address. */
async function bytes(resource: Packed): Promise<Uint8Array<ArrayBuffer>> {
  if (resource.address !== undefined) {
    const found = await fetch(resource.address);
    if (!found.ok) throw new Error(`${resource.address}: ${found.status}`);
    return new Uint8Array(await found.arrayBuffer());
  }
  const binary = atob((resource.text ?? "").replace(/\s/g, ""));
  const zipped = Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
  const stream = new Blob([zipped]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

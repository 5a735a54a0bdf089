/** The engine's worker: loads the WebAssembly, hands it what is asked, and its answers back. */

import type { Packed } from "./config";
import type { Answer, Question } from "./engine";

/** Bytes of a resource: packed text of the page (base64 of gzip), or what lies at an address. */
async function bytes(resource: Packed): Promise<Uint8Array> {
  if (resource.address !== undefined) {
    const answer = await fetch(resource.address);
    if (!answer.ok) throw new Error(`${resource.address}: ${answer.status}`);
    return new Uint8Array(await answer.arrayBuffer());
  }
  const binary = atob((resource.text ?? "").replace(/\s/g, ""));
  const zipped = Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
  const stream = new Blob([zipped]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

void bytes;
addEventListener("message", (event: MessageEvent<Question>) => {
  postMessage({ id: event.data.id, fault: "the engine is missing" } satisfies Answer);
});

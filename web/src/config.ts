/** What the page is told about the story that it plays, and where the parts of it are. */

/** Somebody whom one can play. `pack`: the story with the prose of that person's shoulder. */
export interface Person {
  name: string;
  label: string;
  teller: string;
  pack: string;
}

export interface Config {
  title: string;
  story: string;
  fingerprint: string;
  version: string;
  language: string;
  engine: string;
  worker: string;
  people: Person[];
  saves: string | null;
  changes: string | null;
}

/** What somebody is called. */
export function labelOf({ people }: Config, name: string | null): string {
  return people.find((one) => one.name === name)?.label ?? name ?? "";
}

export function readConfig(): Config {
  return JSON.parse(document.getElementById("everytale-config")?.textContent ?? "{}") as Config;
}

/** The text of the element that a resource names, or `null` where it is an address. */
function inline(resource: string): string | null {
  return resource.startsWith("#") ? (document.getElementById(resource.slice(1))?.textContent ?? "") : null;
}

/** A resource, as it is handed to a worker: packed text of this page, or an address. */
export interface Packed {
  text?: string;
  address?: string;
}

export function packed(resource: string): Packed {
  const text = inline(resource);
  return text === null ? { address: new URL(resource, location.href).href } : { text };
}

/** A worker of the page. From a file, it can only be made of text. */
export function startWorker(resource: string): Worker {
  const text = inline(resource);
  if (text === null) return new Worker(resource);
  const address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  const worker = new Worker(address);
  worker.addEventListener("message", () => URL.revokeObjectURL(address), { once: true });
  return worker;
}

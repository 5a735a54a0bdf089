/** Where saves are kept, in slots that have names: this browser, or the server of the page. */

import type { Config } from "./config";
import { Fault } from "./fault";
import { parse } from "./json";
import { read, written, type Save } from "./save";
import type { Seed } from "./view";

const MOST_AUTOSAVES = 10;
const AUTOSAVE = /^auto-([1-9]\d{0,8})$/;
const SLOT = /^\w(?:[\w -]{0,38}\w)?$/;

/** One slot. `player` is `null` where what lies in it cannot be read; `saved`: seconds since 1970. */
export interface Slot {
  name: string;
  saved: number;
  player: string | null;
  moves: number;
  seed: Seed;
}

export interface Shelf {
  /** All slots, those saved last first. */
  slots(): Promise<Slot[]>;
  load(name: string): Promise<string>;
  save(name: string, save: Save): Promise<void>;
  delete(name: string): Promise<void>;
}

export function isAutosave(name: string): boolean {
  return name.startsWith("auto");
}

/** Refuses what cannot be the name of a save. */
export function checkName(name: string): void {
  if (isAutosave(name)) throw new Fault("no-such-save", `“${name}” is a name for what is saved by itself. Choose another name.`);
  if (!SLOT.test(name)) throw new Fault("no-such-save", "A save is called by up to 40 letters of a to z, digits, spaces and “-”.");
}

/** A slot for the autosaves of a new tale. Of older ones, the last few are kept. */
export async function nextAutosave(shelf: Shelf): Promise<string> {
  const numbers = (await shelf.slots())
    .map((slot) => Number(AUTOSAVE.exec(slot.name)?.[1] ?? 0))
    .filter((number) => number > 0)
    .sort((a, b) => a - b);
  for (const number of numbers.slice(0, Math.max(0, numbers.length - MOST_AUTOSAVES + 1))) await shelf.delete(`auto-${number}`);
  return `auto-${(numbers.at(-1) ?? 0) + 1}`;
}

export function shelf(config: Config): Shelf {
  return config.saves === null ? new LocalShelf(config.story) : new ServerShelf(config.saves);
}

class LocalShelf implements Shelf {
  private readonly prefix: string;

  constructor(story: string) {
    this.prefix = `everytale/${story}/`;
  }

  async slots(): Promise<Slot[]> {
    const names = Object.keys(storage()).filter((key) => key.startsWith(this.prefix));
    return names.map((key) => this.slot(key)).sort((a, b) => b.saved - a.saved || a.name.localeCompare(b.name));
  }

  async load(name: string): Promise<string> {
    const found = storage().getItem(this.prefix + name);
    if (found === null) throw new Fault("no-such-save", `There is no save called “${name}”.`);
    return split(found)[1];
  }

  async save(name: string, save: Save): Promise<void> {
    try {
      storage().setItem(this.prefix + name, `${Date.now() / 1000}\n${written(save)}`);
    } catch {
      throw new Fault("full", "This browser has no room for another save. Throw some away, or keep this one as a file.");
    }
  }

  async delete(name: string): Promise<void> {
    storage().removeItem(this.prefix + name);
  }

  private slot(key: string): Slot {
    const [saved, text] = split(storage().getItem(key) ?? "");
    const name = key.slice(this.prefix.length);
    try {
      const save = read(text);
      return { name, saved, player: save.player, moves: save.made.length, seed: save.seed };
    } catch {
      return { name, saved, player: null, moves: 0, seed: 0 };
    }
  }
}

/** When something was saved stands in a line before it. */
function split(kept: string): [number, string] {
  const end = kept.indexOf("\n");
  return [Number(kept.slice(0, Math.max(end, 0))) || 0, kept.slice(end + 1)];
}

function storage(): Storage {
  try {
    return window.localStorage;
  } catch {
    throw new Fault("no-storage", "This browser keeps nothing for this page, so saves have to go into files.");
  }
}

class ServerShelf implements Shelf {
  constructor(private readonly address: string) {}

  async slots(): Promise<Slot[]> {
    return parse(await this.fetched("")) as Slot[];
  }

  load(name: string): Promise<string> {
    return this.fetched(name);
  }

  async save(name: string, save: Save): Promise<void> {
    await this.fetched(name, { method: "PUT", body: written(save) });
  }

  async delete(name: string): Promise<void> {
    await this.fetched(name, { method: "DELETE" });
  }

  private async fetched(name: string, request: RequestInit = {}): Promise<string> {
    const address = name === "" ? this.address : `${this.address}/${encodeURIComponent(name)}`;
    const answer = await fetch(address, request).catch(() => null);
    if (answer === null) throw new Fault("no-server", "The server does not answer. The tale goes on here; keep it as a file to be safe.");
    const text = await answer.text();
    if (!answer.ok) throw refusal(answer.status, text);
    return text;
  }
}

function refusal(status: number, text: string): Fault {
  try {
    const { error } = JSON.parse(text) as { error: { what: string; words: string } };
    return new Fault(error.what, error.words);
  } catch {
    return new Fault("server", `The server would not (${status}).`);
  }
}

/** A save: who is played, the seed, and the moves made, as text. The same text as that of the terminal, so a save goes to and fro. */

import { Fault } from "./fault";
import { parse } from "./json";
import type { Seed, View } from "./view";

const FORMAT = 1;
const LARGEST = 4 * 1024 * 1024;
const MOST_MOVES = 10_000;
const MOST_TEXT = 10_000;
// eslint-disable-next-line no-control-regex
const CONTROL = /[\x00-\x1f\x7f-\x9f]|\p{Surrogate}/u;

/** A move as it is kept: chosen by the player, or drawn by chance and the others. */
export interface Played {
  move: string;
  chosen: boolean;
}

export interface Save {
  title: string;
  fingerprint: string;
  version: string;
  player: string;
  teller: string | null;
  seed: Seed;
  made: Played[];
}

/** The save as JSON, one move a line. */
export function written(save: Save): string {
  const head = [
    ["everytale", JSON.stringify(save.version)],
    ["format", String(FORMAT)],
    ["story", `{"title": ${JSON.stringify(save.title)}, "fingerprint": ${JSON.stringify(save.fingerprint)}}`],
    ["player", JSON.stringify(save.player)],
    ["teller", JSON.stringify(save.teller)],
    ["seed", String(save.seed)],
  ].map(([key, value]) => `  "${key}": ${value},`);
  const moves = save.made.map((one) => `    {"${one.chosen ? "chosen" : "drawn"}": ${JSON.stringify(one.move)}}`);
  return `${["{", ...head, '  "moves": [', moves.join(",\n"), "  ]", "}"].join("\n")}\n`;
}

/** A save from its text. Throws a `Fault` for what is none, and for that of a later version. */
export function read(text: string): Save {
  if (text.length > LARGEST) throw damaged("it is larger than 4 MB");
  let data: unknown;
  try {
    data = parse(text);
  } catch {
    throw damaged("it is not JSON");
  }
  if (!isRecord(data) || !Number.isInteger(data.format) || (data.format as number) < 1) throw damaged("it is not a save of Everytale");
  if ((data.format as number) > FORMAT) {
    const writer = line(data, "everytale");
    throw new Fault(
      "damaged-save",
      `A later version of Everytale (${writer}) wrote this save, and keeps saves in another form. Play it with that version, or a later one.`,
    );
  }
  const { story, moves, seed, teller } = data;
  if (!isRecord(story)) throw damaged("it does not say of which story it is");
  if (!isSeed(seed)) throw damaged("its seed is not a whole number below 2 to the 64th");
  if (!Array.isArray(moves) || moves.length > MOST_MOVES) throw damaged("it has no list of at most 10,000 moves");
  return {
    title: line(story, "title"),
    fingerprint: line(story, "fingerprint"),
    version: line(data, "everytale"),
    player: line(data, "player"),
    teller: teller === null || teller === undefined ? null : line(data, "teller"),
    seed,
    made: moves.map((one: unknown, number) => played(one, number + 1)),
  };
}

/** The moves so far, to be kept: with the seed, they are the whole tale. */
export function made(view: View): Played[] {
  return view.turns.map((turn) => ({ move: turn.move, chosen: turn.chosen }));
}

/** Whether it is a whole number below 2 to the 64th. */
export function isSeed(seed: unknown): seed is Seed {
  if (typeof seed === "number") return Number.isSafeInteger(seed) && seed >= 0;
  return typeof seed === "string" && /^\d{1,20}$/.test(seed) && BigInt(seed) < 1n << 64n;
}

function played(data: unknown, number: number): Played {
  if (isRecord(data) && Object.keys(data).length === 1) {
    const move = data.chosen ?? data.drawn;
    if (typeof move === "string" && isLine(move) && move.trim() !== "") return { move, chosen: "chosen" in data };
  }
  throw damaged(`its move ${number} is no move`);
}

function line(data: Record<string, unknown>, key: string): string {
  const found = data[key];
  if (typeof found !== "string" || !isLine(found)) throw damaged(`its “${key}” is missing, or is no line of text`);
  return found;
}

function isLine(text: string): boolean {
  return text.length <= MOST_TEXT && !CONTROL.test(text);
}

function isRecord(data: unknown): data is Record<string, unknown> {
  return typeof data === "object" && data !== null && !Array.isArray(data);
}

function damaged(what: string): Fault {
  const hint = "Load another one: each choice was saved, so the one before may do.";
  return new Fault("damaged-save", `This save cannot be read. It is damaged, or is something else: ${what}. ${hint}`);
}

/**
 * The engine, in a worker of its own. It speaks of moves and people by their numbers, of a realm by columns; here they get their names.
 * core/engine.cpp is the other side.
 */

import { labelOf, packed, startWorker, type Config, type Packed, type Person } from "./config";
import { Fault } from "./fault";
import type { Played } from "./save";
import type { Bounds, Extent, Fate, Mind, Moment, RealmMap, Reasons, Seed, View } from "./view";

/** What goes to the worker: a call by its name, its numbers, and what lies in the room for what goes in. */
export interface Question {
  id: number;
  call: string;
  numbers: number[];
  room?: Uint8Array | Packed;
}
/** What comes back: the answer, or why there is none. */
export interface Answer {
  id: number;
  text?: string;
  fault?: string;
}

/** The names of what the engine numbers. */
interface Names {
  title: [string];
  people: string[];
  ending_titles: string[];
  moves: string[];
}

type Raw<T, Replaced> = Omit<T, keyof Replaced> & Replaced;
type RawView = Raw<
  View,
  { player: number; turns: Raw<View["turns"][number], { move: number }>[]; seed: string; departure: { number: number; reason: string } | null }
>;
type RawReasons = Raw<Reasons, { people: Raw<Reasons["people"][number], { person: number }>[] }>;
type RawMind = { person: number; might: string[]; thinks: { fact: string; value: unknown }[] };
type RawMoment = { odds: Bounds[]; choices: { move: number | null; odds: Bounds[] }[] };
type RawMap = Raw<RealmMap, { places: (Omit<RealmMap["places"][number], "name" | "fate"> & { fate: number; rest: boolean; facts: unknown[] })[] }>;

export class Engine {
  private readonly worker: Worker;
  private readonly waiting = new Map<number, { resolve: (text: string) => void; reject: (fault: Fault) => void }>();
  private asked = 0;
  private pack: string | null = null;
  private names: Names = { title: [""], people: [], ending_titles: [], moves: [] };
  private numbers = new Map<string, number>();
  private made: readonly Played[] = [];

  constructor(private readonly config: Config) {
    this.worker = startWorker(config.worker);
    this.worker.addEventListener("message", (event: MessageEvent<Answer>) => this.answered(event.data));
    this.worker.addEventListener("error", (event) => this.failed(event.message));
    this.ask("start", [], packed(config.engine)).catch(() => undefined); // whatever is asked next fails as well, and says so
  }

  /** No more is asked; what is not answered never will be. */
  close(): void {
    this.worker.terminate();
  }

  // ---- a tale ----

  /** A tale of the person of that name, with the moves that were made before, as far as they fit. */
  async begin(name: string, seed: Seed, made: readonly Played[]): Promise<View> {
    await this.open(this.person(name));
    this.made = made;
    const whole = BigInt(seed);
    const numbers = [this.names.people.indexOf(name), Number(whole >> 32n) | 0, Number(whole & 0xffffffffn) | 0];
    const room = made.map((one) => 2 * ((this.numbers.get(one.move) ?? -1) + 1) + (one.chosen ? 1 : 0));
    return this.view(await this.json<RawView>("tale_begin", numbers, inBytes(room)));
  }

  async choose(option: number): Promise<View> {
    return this.view(await this.json<RawView>("tale_choose", [option]));
  }

  async undo(): Promise<View> {
    return this.view(await this.json<RawView>("tale_undo"));
  }

  async rewind(turn: number): Promise<View> {
    return this.view(await this.json<RawView>("tale_rewind", [turn]));
  }

  async why(turn: number): Promise<Reasons> {
    const raw = await this.json<RawReasons>("tale_why", [turn]);
    return { ...raw, people: raw.people.map((one) => ({ ...one, person: this.label(one.person) })) };
  }

  async people(): Promise<Mind[]> {
    const { people } = await this.json<{ people: RawMind[] }>("tale_people");
    return people.map((one) => ({
      person: this.label(one.person),
      might: one.might,
      thinks: one.thinks.map(({ fact, value }) => factWords(fact, value)),
    }));
  }

  // ---- the realm of the story in which that person is played ----

  async realmBegin(name: string): Promise<Extent> {
    await this.open(this.person(name));
    return this.json("realm_begin", [this.names.people.indexOf(name)]);
  }

  realmRun(count: number): Promise<Extent> {
    return this.json("realm_run", [count]);
  }

  /** The odds as far as the realm is known, worked out to within `precision`: what the way and the map say next rests on them. */
  async realmOdds(precision: number): Promise<Fate[]> {
    const { odds } = await this.json<{ odds: Bounds[] }>("realm_odds", [precision]);
    const endings = this.names.ending_titles;
    return odds.map((one, index) => ({
      name: endings[index] ?? "",
      kind: index < endings.length ? "ending" : index === endings.length ? "dead end" : "endless",
      odds: one,
    }));
  }

  /** The moments of the tale of those moves, the first before any of them, as far as the realm is known. */
  async realmWay(moves: readonly string[]): Promise<Moment[]> {
    const room = inBytes(moves.map((move) => this.numbers.get(move) ?? -1));
    const { moments } = await this.json<{ moments: RawMoment[] }>("realm_way", [], room);
    return moments.map(({ odds, choices }) => ({
      odds,
      choices: choices.map((one) => ({ move: one.move === null ? null : (this.names.moves[one.move] ?? ""), odds: one.odds })),
    }));
  }

  /** The map by the author's first view, or by facts that tell much of the ending, with the way of the tale that was asked about last. */
  async realmMap(): Promise<RealmMap> {
    const raw = await this.json<RawMap>("realm_map", [0]);
    const places = raw.places.map(({ fate, rest, facts, ...place }) => ({
      ...place,
      name: fate === OPEN ? ["not looked at"] : rest ? ["elsewhere"] : facts.map((value, index) => factWords(raw.facts[index] ?? "", value)),
      fate: fate >= 0 ? fate : fate === DEAD_END ? this.names.ending_titles.length : null,
    }));
    return { ...raw, places };
  }

  // ---- the worker ----

  private person(name: string): Person {
    const found = this.config.people.find((one) => one.name === name);
    if (found === undefined) throw new Fault("unknown-name", `There is nobody called ${name} whom one could play.`);
    return found;
  }

  private label(index: number): string {
    const name = this.names.people[index] ?? "";
    return labelOf(this.config, name);
  }

  private async open({ pack }: Person): Promise<void> {
    if (pack === this.pack) return;
    this.names = await this.json<Names>("engine_open", [], packed(pack));
    this.numbers = new Map(this.names.moves.map((move, index) => [move, index]));
    this.pack = pack;
  }

  private view(raw: RawView): View {
    const player = this.names.people[raw.player] ?? "";
    const turns = raw.turns.map((turn) => ({ ...turn, move: this.names.moves[turn.move] ?? "" }));
    const departure = raw.departure && departureWords(raw.departure, this.made);
    return { ...raw, title: this.config.title, player, teller: this.person(player).teller, seed: raw.seed, turns, departure };
  }

  private async json<T>(call: string, numbers: number[] = [], room?: Uint8Array | Packed): Promise<T> {
    const answer = JSON.parse(await this.ask(call, numbers, room)) as T & { error?: { what: string; words: string } };
    if (answer.error) throw new Fault(answer.error.what, answer.error.words);
    return answer;
  }

  private ask(call: string, numbers: number[], room?: Uint8Array | Packed): Promise<string> {
    return new Promise((resolve, reject) => {
      this.asked += 1;
      this.waiting.set(this.asked, { resolve, reject });
      this.worker.postMessage({ id: this.asked, call, numbers, ...(room && { room }) } satisfies Question);
    });
  }

  private answered({ id, text, fault }: Answer): void {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    if (fault !== undefined) waiting?.reject(cannot(fault));
    else waiting?.resolve(text ?? "");
  }

  private failed(message: string): void {
    for (const one of this.waiting.values()) one.reject(cannot(message));
    this.waiting.clear();
  }
}

/** As the core numbers what is no ending. */
const OPEN = -1;
const DEAD_END = -3;

/** Whole numbers of 32 bits, one after another, the least byte first. */
function inBytes(numbers: readonly number[]): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(numbers.length * 4));
  for (const [index, number] of numbers.entries()) bytes.setInt32(index * 4, number, true);
  return new Uint8Array(bytes.buffer);
}

/** A fact as the language writes it. */
function factWords(fact: string, value: unknown): string {
  if (value === true) return fact;
  if (value === false) return `not ${fact}`;
  return value === null ? `${fact} is unknown` : `${fact} = ${String(value)}`;
}

function departureWords({ number, reason }: { number: number; reason: string }, made: readonly Played[]): string {
  const fit = `Of ${made.length} moves, ${number - 1} fit the story as it is now.`;
  return `${fit} Move ${number}, ${made[number - 1]?.move ?? ""}, does not: ${reason}.`;
}

function cannot(why: string): Fault {
  return new Fault("engine", `The story cannot be played on in this browser: ${why}. What was chosen is among the saves; load the page again.`);
}

/** The engine, in a worker of its own: what is asked of it is answered in the order of asking. */

import { packed, startWorker, type Config } from "./config";
import { parse } from "./json";
import type { Extent, Fate, Mind, Path, RealmMap, Reasons, Seed, View } from "./view";

/** Something that cannot be done, in words for the player. */
export class Fault extends Error {
  constructor(
    readonly what: string,
    words: string,
  ) {
    super(words);
  }
}

/** What goes to the worker, and what comes back. */
export interface Question {
  id: number;
  call: string;
  arguments: unknown[];
}
export interface Answer {
  id: number;
  text?: string;
  fault?: string;
}

interface Waiting {
  resolve: (text: string) => void;
  reject: (fault: Fault) => void;
}

export class Engine {
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private asked = 0;
  private opened: string | null = null;

  constructor(private readonly config: Config) {
    this.worker = startWorker(config.worker);
    this.worker.addEventListener("message", (event: MessageEvent<Answer>) => this.answered(event.data));
    this.worker.addEventListener("error", (event) => this.failed(event.message));
    this.ask("start", packed(config.engine)).catch(() => undefined); // whatever is asked next fails as well, and says so
  }

  /** A tale of the person of that name, with the moves that were made before, as far as they fit. */
  async begin(person: string, seed: Seed, made: readonly string[]): Promise<View> {
    await this.open(person);
    return this.json<View>("begin", person, String(seed), made.join("\n"));
  }

  choose(option: number): Promise<View> {
    return this.json("choose", option);
  }

  undo(): Promise<View> {
    return this.json("undo");
  }

  rewind(turn: number): Promise<View> {
    return this.json("rewind", turn);
  }

  why(turn: number): Promise<Reasons> {
    return this.json("why", turn);
  }

  people(): Promise<Mind[]> {
    return this.json("people");
  }

  realmBegin(person: string): Promise<unknown> {
    return this.json("realm_begin", person);
  }

  realmRun(count: number): Promise<Extent> {
    return this.json("realm_run", count);
  }

  async realmOdds(precision: number): Promise<Fate[]> {
    return (await this.json<{ fates: Fate[] }>("realm_odds", precision)).fates;
  }

  realmPath(): Promise<Path> {
    return this.json("realm_path");
  }

  realmMap(): Promise<RealmMap> {
    return this.json("realm_map");
  }

  /** No more is asked; what is not answered never will be. */
  close(): void {
    this.worker.terminate();
  }

  private async open(person: string): Promise<void> {
    const pack = this.config.people.find((one) => one.name === person)?.pack;
    if (pack === undefined) throw new Fault("unknown-name", `There is nobody called ${person} whom one could play.`);
    if (pack === this.opened) return;
    await this.json("open", packed(pack));
    this.opened = pack;
  }

  private async json<T>(call: string, ...values: unknown[]): Promise<T> {
    const answer = parse(await this.ask(call, ...values)) as T & { error?: { what: string; words: string } };
    if (answer.error) throw new Fault(answer.error.what, answer.error.words);
    return answer;
  }

  private ask(call: string, ...values: unknown[]): Promise<string> {
    return new Promise((resolve, reject) => {
      this.asked += 1;
      this.waiting.set(this.asked, { resolve, reject });
      this.worker.postMessage({ id: this.asked, call, arguments: values } satisfies Question);
    });
  }

  private answered(answer: Answer): void {
    const waiting = this.waiting.get(answer.id);
    this.waiting.delete(answer.id);
    if (answer.fault !== undefined) waiting?.reject(new Fault("engine", `The story cannot be played in this browser: ${answer.fault}.`));
    else waiting?.resolve(answer.text ?? "");
  }

  private failed(message: string): void {
    for (const one of this.waiting.values()) one.reject(new Fault("engine", `The story cannot be played in this browser: ${message}.`));
    this.waiting.clear();
  }
}

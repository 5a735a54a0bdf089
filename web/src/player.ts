/** The page: its two states, the title and a tale under way, and what the player can do in them. */

import type { Config } from "./config";
import { still } from "./display";
import { button, h, known } from "./dom";
import { Engine } from "./engine";
import { Game } from "./game";
import { showHelp, showMenu } from "./menu";
import { clearNotices, notice, say, wordsOf } from "./notices";
import { showRealm } from "./realm";
import { showAnother } from "./another";
import { showHistory } from "./history";
import { showPeople } from "./people";
import { showSaves } from "./saves";
import { closeSheet } from "./sheet";
import { shelf } from "./shelf";
import { choicesElement, endedWords, endingElement, spoken, Tale } from "./tale";
import { titlePage } from "./title";
import type { Seed } from "./view";

/** After so many milliseconds it is said that somebody is still thinking. */
const PATIENCE = 400;

export class Player {
  readonly game: Game;
  private readonly tale = new Tale();
  private busy = false;

  constructor(readonly config: Config) {
    this.game = new Game(config, new Engine(config), shelf(config), (words) => notice(words, "trouble"));
    known("bar").append(
      button("Back", () => void this.undo(), { id: "back", "aria-keyshortcuts": "Backspace PageUp" }),
      button("People", () => void showPeople(this), { id: "people", "aria-keyshortcuts": "p" }),
      button("Menu", () => showMenu(this), { id: "menu", "aria-keyshortcuts": "Escape" }),
    );
  }

  get playing(): boolean {
    return document.body.dataset.state === "playing";
  }

  // ---- what is shown ----

  /** The title page. */
  async title(): Promise<void> {
    closeSheet();
    clearNotices();
    document.body.dataset.state = "title";
    this.tale.clear();
    const page = await titlePage(this);
    known("main").replaceChildren(page);
    page.querySelector<HTMLElement>("button")?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }

  /** The tale as it stands, the new of it in view. `departure`: what is to be said of a save that is gone on with. */
  private show(departure: string | null = null): void {
    const { view } = this.game;
    const beginning = !this.playing;
    if (beginning) this.tale.clear();
    document.body.dataset.state = "playing";
    const part = this.tale.show(view);
    known("main").replaceChildren(this.tale.element, this.offers());
    (known("back") as HTMLButtonElement).disabled = view.points.length === 0;
    if (departure !== null) notice(departure);
    part.focus({ preventScroll: true });
    const top = beginning && view.points.length === 0;
    if (top) scrollTo(0, 0);
    else part.scrollIntoView({ behavior: still() ? "auto" : "smooth", block: "start" });
    const count = view.options.length;
    say([departure, spoken(part), view.stopped ? endedWords(view) : `${count} ${count === 1 ? "choice" : "choices"}.`].filter(Boolean).join("\n"));
  }

  /** What can be done next: the story's options or, at the end, what is left to do. */
  private offers(): HTMLElement {
    const { view } = this.game;
    const foot = h("p", { class: "foot" }, `Seed ${view.seed}`);
    if (view.stopped === null) return h("div", { class: "offers" }, choicesElement(view.options, (index) => void this.choose(index)), foot);
    const left = this.left();
    const choices = choicesElement(left.map(([label]) => label), (index) => left[index]?.[1]());
    return h("div", { class: "offers" }, endingElement(view), choices, foot);
  }

  private left(): [label: string, act: () => void][] {
    const back: [string, () => void][] = [
      ["Take the last choice back", () => void this.undo()],
      ["Look back: what happened, and why", () => showHistory(this)],
    ];
    return [
      ["See what else could have been", () => showRealm(this)],
      ...(this.game.view.points.length > 0 ? back : []),
      ["Another tale", () => showAnother(this)],
      ["Back to the title", () => void this.title()],
    ];
  }

  // ---- what is done ----

  begin(person: string, seed: Seed): Promise<boolean> {
    return this.does(async () => {
      await this.game.begin(person, seed);
      this.tale.clear();
      document.body.dataset.state = "title";
      return null;
    });
  }

  load(name: string): Promise<boolean> {
    return this.does(() => this.resumed(this.game.load(name)));
  }

  async import(file: Blob): Promise<boolean> {
    return this.does(async () => this.resumed(this.game.import(await file.text())));
  }

  async choose(index: number): Promise<void> {
    if (index < this.game.view.options.length) await this.does(() => this.game.choose(index));
  }

  async undo(): Promise<void> {
    if (this.game.view.points.length > 0) await this.does(() => this.game.undo());
  }

  rewind(turn: number): Promise<boolean> {
    return this.does(() => this.game.rewind(turn));
  }

  /** The choice of that number, counted from 0, whatever it is that is offered. */
  press(number: number): void {
    known("main").querySelectorAll<HTMLElement>(".choice")[number]?.click();
  }

  private async resumed(departure: Promise<string | null>): Promise<string | null> {
    const words = await departure;
    document.body.dataset.state = "title";
    return words;
  }

  /** Does something to the tale, and shows what came of it; whether it could be done. One thing at a time. */
  private async does(act: () => Promise<string | null | void>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    known("main").setAttribute("aria-busy", "true");
    const slow = setTimeout(() => document.body.setAttribute("data-thinking", ""), PATIENCE);
    try {
      const departure = await act();
      clearNotices();
      closeSheet();
      this.show(departure ?? null);
      return true;
    } catch (error) {
      notice(wordsOf(error), "trouble");
      return false;
    } finally {
      clearTimeout(slow);
      document.body.removeAttribute("data-thinking");
      known("main").setAttribute("aria-busy", "false");
      this.busy = false;
    }
  }

  // ---- keys ----

  /** A key that was pressed while no sheet lies there. Returns whether it meant something. */
  key(key: string): boolean {
    if (/^[1-9]$/.test(key)) return this.press(Number(key) - 1), true;
    const common: Record<string, () => void> = { l: () => void showSaves(this, "load"), "?": () => showHelp(), Escape: () => showMenu(this) };
    const tale: Record<string, () => void> = {
      Backspace: () => void this.undo(),
      PageUp: () => void this.undo(),
      u: () => void this.undo(),
      s: () => void showSaves(this, "save"),
      r: () => showAnother(this),
      h: () => showHistory(this),
      p: () => void showPeople(this),
      " ": () => this.onward(),
      Enter: () => this.onward(),
    };
    const act = common[key] ?? (this.playing ? tale[key] : undefined);
    act?.();
    return act !== undefined;
  }

  /** To the next screen of text or, where that is the end of it, to the choices. */
  private onward(): void {
    const first = known("main").querySelector<HTMLElement>(".choice");
    if (first === null) return;
    if (first.getBoundingClientRect().bottom <= innerHeight) first.focus();
    else scrollBy({ top: innerHeight * 0.8, behavior: still() ? "auto" : "smooth" });
  }
}

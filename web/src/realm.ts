/** All that could have been: how such tales end, what each choice would have come to, and the way that this one went. */

import { h } from "./dom";
import { Engine } from "./engine";
import { whyButton } from "./history";
import { mapElement } from "./map";
import { say, wordsOf } from "./notices";
import { bar, colour, fateWords, oddsWords } from "./odds";
import type { Player } from "./player";
import { openSheet } from "./sheet";
import { firstWords } from "./tale";
import type { Extent, Fate, Moment, View } from "./view";

/** Situations looked at between two answers. */
const STEP = 4_000;
/** Situations that are looked at without being asked: more take more memory than a page should. */
const MOST = 250_000;
const PRECISION = { rough: 0.02, fine: 0.0005 };
/** Milliseconds between two looks at the odds while there is more to find. */
const LOOK = 2_000;

export function showRealm(player: Player): void {
  const view = new RealmView(player);
  const sheet = openSheet("What else could have been", [view.element], { wide: true, closed: () => view.stop() });
  view.run(sheet.clientWidth).catch((error: unknown) => view.failed(wordsOf(error)));
}

class RealmView {
  readonly element: HTMLElement;
  private readonly progress = h("p", { class: "note", tabindex: -1, "data-first": true }, "Looking at what can happen …");
  private readonly fates = h("div", {});
  private readonly map = h("div", {});
  private readonly choices = h("div", {});
  private readonly engine: Engine;
  private readonly tale: View;
  private stopped = false;

  constructor(private readonly player: Player) {
    this.tale = player.game.view;
    this.engine = new Engine(player.config);
    this.element = h("div", { class: "realm" }, this.progress, this.fates, this.map, this.choices);
  }

  stop(): void {
    this.stopped = true;
    this.engine.close();
  }

  failed(words: string): void {
    if (!this.stopped) this.progress.textContent = words;
  }

  /** Explores, shows what is known from time to time, and at the end all of it. */
  async run(width: number): Promise<void> {
    const { player, seed } = this.tale;
    const made = this.player.game.save.made;
    const offered = await this.offered(await this.engine.begin(player, seed, made));
    let extent = await this.engine.realmBegin(player);
    let looked = performance.now();
    while (!extent.whole && !extent.full && extent.expanded < MOST) {
      extent = await this.engine.realmRun(STEP);
      this.progress.textContent = progressWords(extent);
      if (!extent.whole && performance.now() - looked > LOOK) {
        this.showFates(await this.engine.realmOdds(PRECISION.rough));
        looked = performance.now();
      }
    }
    const fates = await this.engine.realmOdds(PRECISION.fine);
    this.showFates(fates);
    this.showChoices(await this.engine.realmWay(made.map((one) => one.move)), offered, fates);
    this.map.replaceChildren(h("h3", {}, "The way you went"), mapElement(await this.engine.realmMap(), fates, Math.max(288, width)));
    this.progress.textContent = doneWords(extent);
    say(doneWords(extent));
  }

  /** What was offered at every choice of the tale, by its turn. */
  private async offered({ points }: View): Promise<Map<number, string[]>> {
    const found = new Map<number, string[]>();
    for (const turn of points.toReversed()) found.set(turn, (await this.engine.rewind(turn)).options);
    return found;
  }

  private showFates(fates: readonly Fate[]): void {
    const possible = fates.map((fate, index) => ({ fate, index })).filter(({ fate }) => fate.odds[1] > 0);
    const rows = possible.map(({ fate, index }) =>
      h(
        "tr",
        { class: this.isOwn(fate) ? "own" : null },
        h("th", { scope: "row" }, h("span", { class: `swatch ${colour(index)}` }), fateWords(fate), this.isOwn(fate) ? h("small", {}, " yours") : null),
        h("td", { class: "bar" }, bar(fate.odds, index)),
        h("td", { class: "number" }, oddsWords(fate.odds)),
      ),
    );
    const never = fates.filter((fate) => fate.kind === "ending" && fate.odds[1] <= 0).map(fateWords);
    const head = h("tr", {}, h("th", { scope: "col" }, "How it ends"), h("td", {}), h("th", { scope: "col" }, "Odds"));
    this.fates.replaceChildren(
      h("h3", {}, "How such tales end"),
      h("p", { class: "note" }, "For somebody who chooses at random. The others act for reasons of their own; chance is as the author weighed it."),
      h("table", { class: "fates" }, h("thead", {}, head), h("tbody", {}, ...rows)),
      ...(never.length > 0 ? [h("p", { class: "note" }, `Never: ${never.join(", ")}.`)] : []),
    );
  }

  private showChoices(way: readonly Moment[], offered: ReadonlyMap<number, string[]>, fates: readonly Fate[]): void {
    const parts = [...this.tale.points].map((turn, index) => this.choice(turn, index, way[turn], offered.get(turn) ?? [], fates));
    this.choices.replaceChildren(
      h("h3", {}, "What each choice would have come to"),
      parts.length > 0 ? h("ol", { class: "crossroads" }, ...parts) : h("p", {}, "There was nothing to choose."),
    );
  }

  private choice(turn: number, index: number, moment: Moment | undefined, labels: readonly string[], fates: readonly Fate[]): HTMLElement {
    const chosen = this.tale.turns[turn]?.option ?? "";
    const shown = fates.map((fate, number) => ({ fate, number })).filter(({ number }) => (moment?.odds[number]?.[1] ?? 1) > 0);
    const columns = shown.map(({ fate, number }) => h("th", { scope: "col" }, h("span", { class: `swatch ${colour(number)}` }), fateWords(fate)));
    const rows = labels.map((label, number) => {
      const odds = shown.map((one) => {
        const bounds = moment?.choices[number]?.odds[one.number] ?? [0, 1];
        return h("td", {}, h("span", { class: "number" }, oddsWords(bounds)), bar(bounds, one.number));
      });
      const own = label === chosen;
      return h("tr", { class: own ? "own" : null }, h("th", { scope: "row" }, label, own ? h("small", {}, " yours") : null), ...odds);
    });
    const title = `Choice ${index + 1}`;
    const table = h("table", { class: "options" }, h("thead", {}, h("tr", {}, h("td", {}), ...columns)), h("tbody", {}, ...rows));
    return h(
      "li",
      {},
      h("h4", {}, `${title}: ${chosen}`),
      h("div", { class: "window", tabindex: 0, role: "region", "aria-label": `${title}, what it would have come to` }, table),
      ...this.others(turn),
    );
  }

  /** What others did until the next choice, and why. */
  private others(from: number): HTMLElement[] {
    const found: HTMLElement[] = [];
    for (let number = from; number < this.tale.turns.length; number += 1) {
      const turn = this.tale.turns[number];
      if (turn === undefined || (number > from && turn.option !== null)) break;
      const words = firstWords(turn);
      if (!turn.chosen && words !== "") found.push(h("p", { class: "then" }, words, " ", whyButton(this.player, number, words)));
    }
    return found;
  }

  private isOwn(fate: Fate): boolean {
    return this.tale.stopped === "dead end" ? fate.kind === "dead end" : fate.kind === "ending" && fate.name === this.tale.ending;
  }
}

function progressWords({ states, expanded }: Extent): string {
  return `Looked at ${expanded.toLocaleString()} of ${states.toLocaleString()} situations found so far. The odds lie between the bounds shown.`;
}

function doneWords({ states, whole, expanded }: Extent): string {
  if (whole) return `All ${states.toLocaleString()} situations that this story can come to with you in it have been looked at.`;
  return `${expanded.toLocaleString()} situations have been looked at, and there are more. The odds lie between the bounds shown.`;
}

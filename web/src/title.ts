/** The title page: go on, or choose whom to play. */

import { ago, drawSeed } from "./another";
import { labelOf } from "./config";
import { button, h } from "./dom";
import { showDisplay, showHelp } from "./menu";
import type { Player } from "./player";
import { isSeed } from "./save";
import { showSaves } from "./saves";
import type { Slot } from "./shelf";
import { choicesElement, typeset } from "./tale";

export async function titlePage(player: Player): Promise<HTMLElement> {
  const { config, game } = player;
  const [last] = (await game.shelf.slots().catch((): Slot[] => [])).filter((slot) => slot.player !== null);
  const seed = h("input", { id: "seed", inputmode: "numeric", autocomplete: "off", maxlength: 20, placeholder: "any" });
  const begin = (person: string) => void player.begin(person, isSeed(seed.value.trim()) ? seed.value.trim() : drawSeed());
  const offers: [label: string, act: () => void][] = config.people.map((one) => [
    config.people.length === 1 ? `Begin, as ${one.label}` : `Be ${one.label}`,
    () => begin(one.name),
  ]);
  if (last) offers.unshift([`Go on as ${labelOf(config, last.player)} (${ago(last.saved)})`, () => void player.load(last.name)]);
  return h(
    "div",
    { class: "cover" },
    h("h1", { class: "title" }, typeset(config.title)),
    h("div", { class: "break", role: "separator" }),
    h("p", { class: "over" }, config.people.length === 1 ? "A tale with you in it" : "Whose part do you take?"),
    choicesElement(offers.map(([label]) => label), (index) => offers[index]?.[1]()),
    h(
      "p",
      { class: "row" },
      button("Saves", () => void showSaves(player, "load")),
      button("Display", showDisplay),
      button("Keys", showHelp),
    ),
    h("p", { class: "row seed" }, h("label", { for: "seed" }, "Seed"), seed, h("span", { class: "note" }, "the same seed and choices give the same tale")),
  );
}

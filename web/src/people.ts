/** The others, as the person sees them over whose shoulder one reads. They may be otherwise. */

import { h } from "./dom";
import { notice, wordsOf } from "./notices";
import type { Player } from "./player";
import { openSheet } from "./sheet";
import { labelOf } from "./title";
import type { Mind } from "./view";

export async function showPeople(player: Player): Promise<void> {
  const minds = await player.game.engine.people().catch((error: unknown) => (notice(wordsOf(error), "trouble"), null));
  if (minds === null) return;
  const teller = labelOf(player, player.game.view.teller);
  openSheet("People", [
    h("p", { class: "note" }, `As ${teller} sees them. Any of it may be wrong.`),
    ...minds.map((mind) => person(mind, teller)),
    minds.length === 0 ? h("p", {}, `There is nobody else in ${teller}’s mind.`) : null,
  ]);
}

function person(mind: Mind, teller: string): HTMLElement {
  return h(
    "section",
    { class: "person" },
    h("h3", {}, mind.person),
    list(`${mind.person} thinks`, mind.thinks),
    ...mind.believes.map((one) => list(one.person === teller ? `${mind.person} thinks that you think` : `${mind.person} thinks that ${one.person} thinks`, one.thinks)),
    list(`${mind.person} might`, mind.might ?? []),
  );
}

function list(title: string, entries: readonly string[]): HTMLElement | null {
  if (entries.length === 0) return null;
  return h("div", {}, h("p", { class: "over" }, `${title} …`), h("ul", {}, ...entries.map((one) => h("li", {}, one))));
}

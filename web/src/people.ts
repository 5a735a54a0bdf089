/** The others, as the person sees them over whose shoulder one reads. They may be otherwise. */

import { labelOf } from "./config";
import { h } from "./dom";
import { notice, wordsOf } from "./notices";
import type { Player } from "./player";
import { openSheet } from "./sheet";
import type { Mind } from "./view";

export async function showPeople(player: Player): Promise<void> {
  const minds = await player.game.engine.people().catch((error: unknown) => (notice(wordsOf(error), "trouble"), null));
  if (minds === null) return;
  const me = labelOf(player.config, player.game.view.player);
  openSheet("People", [
    h("p", { class: "note" }, `As ${me} sees them. They may have other reasons than ${me} knows of.`),
    ...minds.map((mind) => person(mind, me)),
    minds.length === 0 ? h("p", {}, "There is nobody else.") : null,
  ]);
}

function person(mind: Mind, me: string): HTMLElement {
  const nothing = `nothing that ${me} can think of`;
  return h(
    "section",
    { class: "person" },
    h("h3", {}, mind.person),
    h("p", { class: "over" }, `${mind.person} might now …`),
    h("ul", {}, ...(mind.might.length > 0 ? mind.might : [nothing]).map((one) => h("li", {}, one))),
    mind.thinks.length > 0
      ? h(
          "details",
          {},
          h("summary", {}, `Where ${mind.person} sees it otherwise than ${me}`),
          h("ul", {}, ...mind.thinks.map((one) => h("li", {}, one))),
        )
      : null,
  );
}

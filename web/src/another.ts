/** Beginning another tale: as whom, and with which seed. */

import { button, h } from "./dom";
import { notice } from "./notices";
import type { Player } from "./player";
import { isSeed } from "./save";
import { closeSheet, openSheet } from "./sheet";
import type { Seed } from "./view";

const MOST_SEED = 1_000_000;

/** A seed that is short enough to be typed again. */
export function drawSeed(): Seed {
  return (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) % MOST_SEED;
}

/** How long ago that was, in words. */
export function ago(seconds: number): string {
  const minutes = Math.max(0, Math.round((Date.now() / 1000 - seconds) / 60));
  if (minutes < 1) return "a moment ago";
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 60 * 36) return `${Math.round(minutes / 60)} h ago`;
  return new Date(seconds * 1000).toLocaleDateString();
}

export function showAnother(player: Player): void {
  const { config, game } = player;
  const people = config.people.map((one) =>
    h("label", {}, h("input", { type: "radio", name: "person", value: one.name, checked: one.name === game.view.player }), h("span", {}, one.label)),
  );
  const seed = h("input", { id: "another-seed", value: String(drawSeed()), inputmode: "numeric", autocomplete: "off", maxlength: 20 });
  const begin = (event: Event) => {
    event.preventDefault();
    const chosen = form.querySelector<HTMLInputElement>("input[name=person]:checked")?.value ?? game.view.player;
    const number = seed.value.trim();
    if (isSeed(number)) void player.begin(chosen, number);
    else notice("A seed is a whole number below 2 to the 64th.", "trouble");
  };
  const form = h(
    "form",
    { submit: begin },
    h("p", {}, game.view.stopped === null ? "This tale is not at its end. It stays among the saves, and another one begins." : "This tale stays among the saves."),
    config.people.length > 1 ? h("fieldset", {}, h("legend", {}, "As whom"), ...people) : null,
    h("p", {}, h("label", { for: "another-seed" }, "Seed "), seed, " ", button("The same again", () => (seed.value = String(game.view.seed)), { class: "plain" })),
    h("p", { class: "row" }, h("button", { type: "submit", "data-first": true, class: "main" }, "Begin another tale"), button("Stay", closeSheet)),
  );
  openSheet("Another tale?", [form]);
}

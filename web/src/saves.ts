/** Saving, loading, and carrying a save elsewhere. */

import { ago } from "./another";
import { labelOf } from "./config";
import { button, download, h } from "./dom";
import { notice, say, wordsOf } from "./notices";
import type { Player } from "./player";
import { written } from "./save";
import { isAutosave, type Slot } from "./shelf";
import { openSheet } from "./sheet";

/** `first`: what the player came for. */
export async function showSaves(player: Player, first: "save" | "load"): Promise<void> {
  await player.game.saved();
  const slots = h("ul", { class: "slots" });
  const refresh = async () => slots.replaceChildren(...(await entries(player, refresh)));
  await attempt(refresh);
  const parts = [loading(player, slots)];
  if (player.playing) parts[first === "save" ? "unshift" : "push"](saving(player, refresh));
  openSheet("Saves", parts);
}

/** A name for a file that is kept of the tale as it stands. */
export function fileName(player: Player, kind: "json" | "md"): string {
  return `${player.config.story} ${player.game.view.player} ${new Date().toISOString().slice(0, 10)}.${kind}`;
}

function saving(player: Player, refresh: () => Promise<void>): HTMLElement {
  const name = h("input", { id: "save-name", value: suggestion(player), maxlength: 40, autocomplete: "off" });
  const keep = async (event: Event) => {
    event.preventDefault();
    await attempt(async () => {
      await player.game.keep(name.value.trim());
      await refresh();
      say(`Saved as ${name.value.trim()}.`);
    });
  };
  const keepFile = () => download(fileName(player, "json"), written(player.game.save), "application/json");
  return h(
    "form",
    { class: "saving", submit: (event: Event) => void keep(event) },
    h("h3", {}, "Keep this tale"),
    h("label", { for: "save-name" }, "Name"),
    h("div", { class: "row" }, name, h("button", { type: "submit", class: "main" }, "Save"), button("Save as a file", keepFile)),
  );
}

function loading(player: Player, slots: HTMLElement): HTMLElement {
  const file = h("input", { type: "file", id: "save-file", accept: ".json,application/json", class: "unseen" });
  file.addEventListener("change", () => {
    const [chosen] = file.files ?? [];
    file.value = "";
    if (chosen) void player.import(chosen);
  });
  return h(
    "div",
    { class: "loading" },
    h("h3", {}, "Go on with"),
    slots,
    h("p", { class: "row" }, h("label", { for: "save-file", class: "unseen" }, "A save in a file"), file, button("Open a file", () => file.click())),
  );
}

async function entries(player: Player, refresh: () => Promise<void>): Promise<HTMLElement[]> {
  const slots = await player.game.shelf.slots();
  if (slots.length === 0) return [h("li", {}, "Nothing has been saved of this story yet.")];
  return slots.map((slot) => entry(player, slot, refresh));
}

function entry(player: Player, slot: Slot, refresh: () => Promise<void>): HTMLElement {
  const title = isAutosave(slot.name) ? `Saved by itself (${slot.name})` : slot.name;
  const about =
    slot.player === null
      ? `cannot be read · ${ago(slot.saved)}`
      : `${labelOf(player.config, slot.player)} · ${slot.moves} ${slot.moves === 1 ? "move" : "moves"} · seed ${slot.seed} · ${ago(slot.saved)}`;
  const export_ = async () => download(`${player.config.story} ${slot.name}.json`, await player.game.shelf.load(slot.name), "application/json");
  const remove = button("Throw away", () => {
    if (remove.dataset.sure === undefined) {
      remove.dataset.sure = "";
      remove.textContent = "For good?";
      remove.setAttribute("aria-label", `For good? Throw away ${slot.name}`);
      return;
    }
    void attempt(async () => {
      await player.game.shelf.delete(slot.name);
      await refresh();
    });
  });
  remove.setAttribute("aria-label", `Throw away ${slot.name}`);
  return h(
    "li",
    {},
    h("p", {}, h("b", {}, title), h("span", { class: "note" }, about)),
    h(
      "p",
      { class: "row" },
      slot.player === null ? null : button("Load", () => void player.load(slot.name), { "aria-label": `Load ${slot.name}` }),
      button("As a file", () => void attempt(export_), { "aria-label": `Save ${slot.name} as a file` }),
      remove,
    ),
  );
}

function suggestion(player: Player): string {
  return `${player.game.view.player} ${player.game.view.points.length + 1}`.replace(/[^\w -]/g, "");
}

async function attempt(act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    notice(wordsOf(error), "trouble");
  }
}

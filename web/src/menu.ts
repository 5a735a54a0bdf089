/** The menu, the keys, and how the page looks. */

import { showAnother } from "./another";
import { displayForm } from "./display";
import { button, download, h, type Child } from "./dom";
import { showHistory } from "./history";
import { showPeople } from "./people";
import type { Player } from "./player";
import { fileName, showSaves } from "./saves";
import { closeSheet, openSheet } from "./sheet";
import { typeset } from "./tale";
import { transcript } from "./transcript";

const KEYS: [keys: string[], does: string][] = [
  [["1", "…", "9"], "choose"],
  [["Enter", "Space"], "read on; to the choices; choose"],
  [["↑", "↓"], "from choice to choice"],
  [["Backspace", "Page Up"], "take the last choice back"],
  [["H"], "what happened, and why; go back to any choice"],
  [["P"], "what your person thinks of the others"],
  [["S", "L"], "save, load"],
  [["R"], "another tale; asks first"],
  [["Esc"], "the menu; away with what lies over the tale"],
  [["?"], "these keys"],
];

export function showMenu(player: Player): void {
  if (!player.playing) return showDisplay();
  const entries: [string, () => void][] = [
    ["Go on", closeSheet],
    ["Save", () => void showSaves(player, "save")],
    ["Load", () => void showSaves(player, "load")],
    ["What happened, and why", () => showHistory(player)],
    ["People", () => void showPeople(player)],
    ["Keep the text as a file", () => download(fileName(player, "md"), transcript(player.game.view), "text/markdown")],
    ["Print the text", () => (closeSheet(), setTimeout(() => print()))],
    ["Another tale", () => showAnother(player)],
    ["Display", showDisplay],
    ["Keys", showHelp],
    ["Back to the title", () => void player.title()],
  ];
  const { view } = player.game;
  openSheet(typeset(view.title), [
    h("ul", { class: "menu" }, ...entries.map(([label, act]) => h("li", {}, button(label, act)))),
    h("p", { class: "note" }, `Seed ${view.seed}. Every choice is saved by itself. Everytale ${player.config.version}.`),
  ]);
}

export function showHelp(): void {
  const rows = KEYS.map(([keys, does]) =>
    h("tr", {}, h("td", {}, ...keys.flatMap((key): Child[] => [h("kbd", {}, key), " "])), h("td", {}, does)),
  );
  const head = h("tr", {}, h("th", { scope: "col" }, "Key"), h("th", { scope: "col" }, "Does"));
  openSheet("Keys", [
    h("table", { class: "keys" }, h("thead", {}, head), h("tbody", {}, ...rows)),
    h("p", { class: "note" }, "Everything can be reached by Tab and pressed by Enter as well, or touched."),
  ]);
}

export function showDisplay(): void {
  openSheet("Display", [displayForm()]);
}

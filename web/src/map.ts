/** The map of a realm, from the beginning at the top to the endings: places, how tales flow between them, and the way that one went. */

import { h, svg } from "./dom";
import { colour, fateWords } from "./odds";
import type { Fate, RealmMap } from "./view";

const ROW = 64;
const TOP = 26;
const DOT = { least: 4, most: 15 };

interface Spot {
  x: number;
  y: number;
  r: number;
}

/** The map as a picture for a column so many pixels wide, and as a table behind it. */
export function mapElement(map: RealmMap, fates: readonly Fate[], width: number): HTMLElement {
  const went = new Set(map.way);
  const [long, short] = [false, true].map((brief) => map.places.map((_, index) => nameOf(map, index, fates, brief))) as [string[], string[]];
  const rows = map.places.map((place, index) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, h("span", { class: `swatch ${colour(place.fate)}` }), long[index]),
      h("td", { class: "number" }, place.situations.toLocaleString()),
      h("td", {}, went.has(index) ? "yes" : "no"),
    ),
  );
  const head = ["Place", "Situations", "You came here"].map((title) => h("th", { scope: "col" }, title));
  return h(
    "figure",
    {},
    picture(map, short, width),
    h("figcaption", {}, captionOf(map)),
    h(
      "details",
      {},
      h("summary", {}, "The map as a table"),
      h("div", { class: "window", tabindex: 0, role: "region", "aria-label": "The map as a table" }, h("table", {}, h("thead", {}, h("tr", {}, ...head)), h("tbody", {}, ...rows))),
    ),
  );
}

function picture(map: RealmMap, names: readonly string[], width: number): SVGElement {
  const spots = layout(map, width);
  const height = Math.max(...spots.map((spot) => spot.y)) + TOP + 12;
  const label = "The map of the realm, and the way you went on it; the table below says the same.";
  return svg(
    "svg",
    { class: "map", viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": label },
    svg("g", { class: "flows" }, ...flows(map, spots)),
    svg("path", { class: "way", d: wayPath(map.way, spots) }),
    svg("g", { class: "places" }, ...map.places.map((place, index) => spotElement(place.fate, spots[index] as Spot, map.way.includes(index)))),
    svg("g", { class: "names" }, ...map.places.map((_, index) => nameElement(names[index] ?? "", spots[index] as Spot, spots, width))),
  );
}

/** Rows by depth; the endings in the last ones. */
function layout(map: RealmMap, width: number): Spot[] {
  const most = Math.max(2, Math.floor(width / 150));
  const order = map.places.map((_, index) => index);
  const inner = order.filter((index) => map.places[index]?.fate === null).sort((a, b) => (depth(map, a) < depth(map, b) ? -1 : 1));
  const ends = order.filter((index) => map.places[index]?.fate !== null);
  const rows: number[][] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const index of inner) {
    const row = rows.at(-1);
    if (row === undefined || row.length >= most || depth(map, index) - last > 1.5) rows.push([index]);
    else row.push(index);
    if (rows.at(-1)?.length === 1) last = depth(map, index);
  }
  const even = Math.ceil(ends.length / Math.ceil(ends.length / most)) || 1;
  for (let from = 0; from < ends.length; from += even) rows.push(ends.slice(from, from + even));
  const spots: Spot[] = [];
  for (const [y, row] of rows.entries()) {
    for (const [x, index] of row.entries()) {
      const shift = row.length === 1 ? 0.5 + (y === 0 || y >= rows.length - 1 ? 0 : (y % 2) * 0.3 - 0.15) : (x + 0.5) / row.length;
      spots[index] = { x: shift * width, y: TOP + y * ROW, r: radius(map, index) };
    }
  }
  return spots;
}

/** How far from the beginning a place lies; nothing lies before that. */
function depth(map: RealmMap, index: number): number {
  return index === map.way[0] ? Number.NEGATIVE_INFINITY : (map.places[index]?.depth ?? 0);
}

function radius(map: RealmMap, index: number): number {
  const most = Math.max(...map.places.map((place) => place.visits));
  return DOT.least + (DOT.most - DOT.least) * Math.sqrt((map.places[index]?.visits ?? 0) / most);
}

function flows(map: RealmMap, spots: readonly Spot[]): SVGElement[] {
  const most = Math.max(...map.flow.map(([, , , often]) => often));
  return map.flow.flatMap(([from, to, , often]) => {
    const [a, b] = [spots[from], spots[to]];
    if (a === undefined || b === undefined || from === to) return [];
    const back = b.y <= a.y;
    const path = svg("path", { class: `band ${colour(map.places[to]?.fate ?? null)}${back ? " back" : ""}`, d: curve(a, b) });
    path.style.strokeWidth = `${Math.max(0.75, Math.sqrt(often / most) * 14)}px`;
    return [path];
  });
}

function curve(a: Spot, b: Spot): string {
  const bend = Math.max(24, Math.abs(b.y - a.y) / 2);
  const side = b.y <= a.y ? 40 : 0;
  return `M${at(a)}C${Math.round(a.x + side)} ${Math.round(a.y + bend)} ${Math.round(b.x + side)} ${Math.round(b.y - bend)} ${at(b)}`;
}

function wayPath(way: readonly number[], spots: readonly Spot[]): string {
  const steps = way.filter((place, index) => index === 0 || place !== way[index - 1]);
  const first = spots[steps[0] ?? 0];
  if (first === undefined) return "";
  return steps.slice(1).reduce((path, place, index) => {
    const [a, b] = [spots[steps[index] ?? 0], spots[place]];
    return a && b ? path + curve(a, b) : path;
  }, `M${at(first)}`);
}

function spotElement(fate: number | null, { x, y, r }: Spot, went: boolean): SVGElement {
  return svg("circle", { class: `spot ${colour(fate)}${went ? " went" : ""}`, cx: x, cy: y, r });
}

function nameElement(name: string, spot: Spot, spots: readonly Spot[], width: number): SVGElement {
  const near = spots.filter((other) => other !== spot && Math.abs(other.y - spot.y) < 1);
  const room = near.length === 0 ? width : width / (near.length + 1);
  const most = Math.max(8, Math.floor(room / 7));
  const text = name.length > most ? `${name.slice(0, most - 1)}…` : name;
  return svg("text", { x: Math.min(Math.max(spot.x, text.length * 3.2), width - text.length * 3.2), y: spot.y + spot.r + 14, "text-anchor": "middle" }, svg("title", {}, name), text);
}

/** A place in words; in brief, those of its facts that were otherwise at the beginning. */
function nameOf(map: RealmMap, index: number, fates: readonly Fate[], brief: boolean): string {
  const place = map.places[index];
  const fate = place?.fate === null || place === undefined ? undefined : fates[place.fate];
  if (fate !== undefined) return fateWords(fate);
  const beginning = map.places[map.way[0] ?? 0]?.name ?? [];
  const facts = (place?.name ?? []).filter((fact, number) => !brief || fact !== beginning[number]);
  return facts.join(", ") || "the beginning";
}

function captionOf(map: RealmMap): string {
  const facts = map.facts.length > 0 ? ` Situations are told apart by ${map.facts.join(", ")}.` : "";
  return `Tales begin at the top. The larger a place, and the wider a band, the more often tales come there; the line is the way you went.${facts}`;
}

function at({ x, y }: Spot): string {
  return `${Math.round(x)} ${Math.round(y)}`;
}

/** What the engine answers, as it comes out of it in JSON. */

/** A piece of prose. `title`: that of a scene which opens, if it has one. */
export interface Told {
  occasion: "scene" | "close" | "move" | "learned" | "ending";
  title: string | null;
  paragraphs: string[];
}

/** One move of the tale. `option`: what the player chose, or `null` where it followed by itself; `chosen`: whether the move is theirs. */
export interface Turn {
  move: string;
  chosen: boolean;
  option: string | null;
  told: Told[];
}

/** A number up to 2 to the 64th: those that are too long for JavaScript come as text. */
export type Seed = number | string;

/** A tale as it stands. Its turns before `from` are those of the answer before. */
export interface View {
  title: string;
  player: string;
  teller: string;
  seed: Seed;
  from: number;
  turns: Turn[];
  opening: Told[];
  options: string[];
  points: number[];
  stopped: "ending" | "dead end" | "length" | null;
  ending: string | null;
  departure: string | null;
  count: number;
}

/** What the teller takes to be in somebody's mind. */
export interface Mind {
  person: string;
  thinks: string[];
  might?: string[];
  believes: { person: string; thinks: string[] }[];
}

/** Why a move was made, in truth. */
export interface Reasons {
  move: string;
  people: { person: string; because: string[]; plan: string[] }[];
}

export type Bounds = [low: number, high: number];

/** How far the realm is known. */
export interface Extent {
  states: number;
  expanded: number;
  moves: number;
  whole: boolean;
}

/** A way in which tales turn out. */
export interface Fate {
  name: string;
  kind: "ending" | "dead end" | "endless";
  low: number;
  high: number;
}

/** The situations that the tale came through at which there was something to choose, and what each option would have come to. */
export interface Path {
  turns: { turn: number; option: number | null; odds: Bounds[]; options: { label: string; odds: Bounds[] }[] }[];
  end: Bounds[];
}

/** Situations that are alike in `facts`, and how tales flow between them. `way`: where this one was after each turn. */
export interface RealmMap {
  facts: string[];
  places: { name: string[]; fate: number | null; depth: number; situations: number; passing: Bounds | null; odds: Bounds[] }[];
  flows: { from: number; to: number; share: number }[];
  way: number[];
}

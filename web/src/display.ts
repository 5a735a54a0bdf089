/** How the page looks to this player: kept in this browser, for every story. */

import { h } from "./dom";

const KEY = "everytale:display";

interface Setting {
  name: "theme" | "size" | "face" | "motion";
  title: string;
  /** Value → what it reads. */
  values: [value: string, label: string][];
  /** What holds until something is chosen. */
  usual: string;
}

const SETTINGS: Setting[] = [
  {
    name: "theme",
    title: "Light and dark",
    values: [
      ["system", "As the system"],
      ["light", "Light"],
      ["dark", "Dark"],
    ],
    usual: "system",
  },
  {
    name: "size",
    title: "Size of the text",
    values: [
      ["small", "Small"],
      ["normal", "Normal"],
      ["large", "Large"],
      ["larger", "Larger"],
      ["largest", "Largest"],
    ],
    usual: "normal",
  },
  {
    name: "face",
    title: "Letters",
    values: [
      ["serif", "With serifs, as in books"],
      ["sans", "Without serifs"],
      ["easy", "Easy to tell apart: wide letters, wide spaces"],
    ],
    usual: "serif",
  },
  {
    name: "motion",
    title: "Motion",
    values: [
      ["system", "As the system"],
      ["none", "None"],
    ],
    usual: "system",
  },
];

type Display = Partial<Record<Setting["name"], string>>;

/** Puts what was chosen before into effect. */
export function applyDisplay(): void {
  const display = kept();
  for (const { name, values, usual } of SETTINGS) {
    const chosen = values.find(([value]) => value === display[name]);
    document.documentElement.dataset[name] = chosen?.[0] ?? usual;
  }
}

/** Whether nothing is to glide. */
export function still(): boolean {
  return document.documentElement.dataset.motion === "none" || matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** Groups of radio buttons, one for each setting. */
export function displayForm(): HTMLElement {
  return h("form", { class: "settings" }, ...SETTINGS.map(fieldset));
}

function fieldset(setting: Setting): HTMLElement {
  const now = document.documentElement.dataset[setting.name];
  const choices = setting.values.map(([value, label]) => {
    const change = () => {
      keep({ ...kept(), [setting.name]: value });
      applyDisplay();
    };
    const input = h("input", { type: "radio", name: setting.name, value, checked: value === now, change });
    return h("label", { class: `as-${value}` }, input, h("span", {}, label));
  });
  return h("fieldset", {}, h("legend", {}, setting.title), ...choices);
}

function kept(): Display {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return typeof found === "object" && found !== null ? (found as Display) : {};
  } catch {
    return {};
  }
}

function keep(display: Display): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(display));
  } catch {
    // It holds until the page is closed.
  }
}

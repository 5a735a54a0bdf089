/** JSON as it is read here: numbers that are too long for JavaScript come as text. */

const LONG = /"(?:[^"\\]|\\.)*"|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g;

export function parse(text: string): unknown {
  return JSON.parse(text.replace(LONG, (found) => (found.startsWith('"') ? found : `"${found}"`)));
}

#!/usr/bin/env bash
# Builds the core for the page, with Emscripten, into OUT (src/everytale/publish/assets/engine.wasm unless given); or, with --check, says
# whether what lies there is what these sources build. The same sources and the same Emscripten give the same bytes, anywhere; with
# another one than that below there is nothing to compare, and it is only built.
set -euo pipefail
cd "$(dirname "$0")/.."
made_by="3.1.6~dfsg-5"  # Debian's package emscripten
asset=src/everytale/publish/assets/engine.wasm
out=${1:-$asset}
command -v emcc >/dev/null || {
  echo "emcc is missing, so the engine of the page is not built (Debian: emscripten and node-acorn)."
  [ "$out" = --check ] && exit 0 || exit 2
}
export NODE_PATH=${NODE_PATH:-/usr/share/nodejs}
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
exports=$(grep -oE '^(const )?char \*(engine|tale|realm)_[a-z_]+' src/everytale/core/engine.cpp | sed 's/.*\*/_/' | paste -sd,)
emcc -std=c++20 -O2 -DNDEBUG -fwasm-exceptions -Wall -Wextra -Isrc/everytale/core -ffile-prefix-map="$PWD"=. \
  -sSTANDALONE_WASM --no-entry -sALLOW_MEMORY_GROWTH -sMAXIMUM_MEMORY=2GB -sTOTAL_STACK=1MB -sEXPORTED_FUNCTIONS="$exports" \
  src/everytale/core/engine.cpp -o "$room/engine.wasm"
if [ "$out" != --check ]; then
  mkdir -p "$(dirname "$out")"
  install -m 644 "$room/engine.wasm" "$out"
elif [ "$(dpkg-query -W -f '${Version}' emscripten 2>/dev/null)" != "$made_by" ]; then
  echo "The engine of the page builds; whether the committed one is the same cannot be said with another Emscripten than $made_by."
elif ! cmp -s "$room/engine.wasm" "$asset"; then
  echo "$asset is not what these sources build: run make engine, and commit it." >&2
  exit 1
fi

#!/usr/bin/env bash
# Builds the core for the page: OUT (src/everytale/publish/assets/engine.wasm unless given), with Emscripten (emcc). It stands alone:
# what it imports is in web/src/engine.ts. The same sources and the same Emscripten give the same bytes.
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-src/everytale/publish/assets/engine.wasm}
command -v emcc >/dev/null || { echo "emcc is missing: install Emscripten (Debian: emscripten and node-acorn)" >&2; exit 2; }
export NODE_PATH=${NODE_PATH:-/usr/share/nodejs}
mkdir -p "$(dirname "$out")"
exports=$(grep -oE '^(const )?char \*(engine|tale|realm)_[a-z_]+' src/everytale/core/engine.cpp | sed 's/.*\*/_/' | paste -sd,)
emcc -std=c++20 -O2 -DNDEBUG -fwasm-exceptions -Wall -Wextra -Isrc/everytale/core -ffile-prefix-map="$PWD"=. \
  -sSTANDALONE_WASM --no-entry -sALLOW_MEMORY_GROWTH -sMAXIMUM_MEMORY=2GB -sTOTAL_STACK=1MB -sEXPORTED_FUNCTIONS="$exports" \
  src/everytale/core/engine.cpp -o "$out"
chmod 644 "$out"

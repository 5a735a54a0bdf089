#!/bin/sh
# Builds the core with AddressSanitizer and UndefinedBehaviorSanitizer and runs its tests in it.
# PYTHON names an interpreter that has the development dependencies (default: python3); arguments go to pytest.
set -eu
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
site=build/sanitize/site
packages=$("$python" -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')

rm -rf "$site"
CMAKE_ARGS= SKBUILD_BUILD_DIR=build/sanitize/objects "$python" -m pip install --quiet --no-deps --no-build-isolation --target "$site" \
    --config-settings=cmake.define.EVERYTALE_SANITIZE=ON .

# -S leaves out an editable install of the same package. The C++ runtime must be there before ASan looks for `throw`.
exec env LD_PRELOAD="$(g++ -print-file-name=libasan.so) $(g++ -print-file-name=libstdc++.so)" \
    ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1 PYTHONMALLOC=malloc \
    PYTHONPATH="$PWD/$site:$packages" "$python" -S -m pytest -p no:cacheprovider tests/core "$@"

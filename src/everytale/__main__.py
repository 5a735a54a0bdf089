"""The command ``everytale``, also as ``python -m everytale``: what is typed is answered from the moment the process began."""

from __future__ import annotations

import sys
import time


def run() -> None:
    """Run the command; Ctrl-C ends it also while it is being loaded."""
    try:
        from everytale.cli import main

        main(obj=time.monotonic() - _age())
    except KeyboardInterrupt:
        sys.exit(130)


def _age() -> float:
    """Seconds since the process began; the time it has computed where the system does not say."""
    try:
        import os

        with open("/proc/self/stat", "rb") as status:
            began = int(status.read().rpartition(b")")[2].split()[19]) / os.sysconf("SC_CLK_TCK")
        age = time.clock_gettime(time.CLOCK_BOOTTIME) - began
    except (AttributeError, OSError, ValueError, IndexError):
        return time.process_time()
    return age if 0 <= age < 60 else time.process_time()  # its clock may be another's


if __name__ == "__main__":
    run()

"""How long a command takes from nothing: a new process each time, against the goals that we set ourselves.

python benchmarks/start.py [RUNS]
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

EVERYTALE = Path(sys.executable).with_name("everytale")
GOALS = {"--help": 0.15, "check dont-stay": 0.3, "tell dont-stay --seed 1": 0.5, "tell dont-stay --as-written": 0.5}


def seconds(command: list[str]) -> float:
    begun = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    return time.perf_counter() - begun


def main(runs: int) -> int:
    print(f"{'command':<32}{'median s':>10}{'best s':>10}{'goal s':>10}")
    slow = False
    for arguments, goal in GOALS.items():
        command = [str(EVERYTALE), *arguments.split()]
        seconds(command)  # the first one fills the disk's cache and is not counted
        times = [seconds(command) for _ in range(runs)]
        slow |= min(times) > goal
        print(f"{arguments:<32}{statistics.median(times):>10.3f}{min(times):>10.3f}{goal:>10.2f}")
    return int(slow)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10))

"""`python -m bench STACK TIMES COMMANDS FOLDER`: the program and the flat script, one after the other."""

import sys
from pathlib import Path

from bench.sides import FLAT, OURS, Side
from bench.stack_files import dev, scaled

COMMANDS = {"preview": ["preview"], "up": ["up", "--yes", "--skip-preview"]}


def main(size: str, times: int, commands: str, home: Path) -> None:
    """Measure commands on dev, or on a number of volumes."""
    home.mkdir(exist_ok=True)
    sides = [Side(OURS, home), Side(FLAT, home)]
    for side in sides:
        side.fresh()
        side.configure(f"n{size}", dev() if size == "dev" else scaled(int(size)))
    for command in commands.split(","):
        for _ in range(times):
            for side in sides:
                print(command, size, side.name, side.pulumi(f"n{size}", *COMMANDS[command]), flush=True)


main(sys.argv[1], int(sys.argv[2]), sys.argv[3], Path(sys.argv[4]))

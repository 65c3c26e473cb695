# SPDX-License-Identifier: Apache-2.0
"""Who may include what: only sim/systemc sees SystemC, and folders include only what lies below them."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
INCLUDE = re.compile(r'^\s*#\s*include\s+["<]([^">]+)[">]', re.MULTILINE)
# From the command line down to the numerics. A folder may include its own level's left-hand side and everything below.
LEVELS = [["sim/cli"], ["sim/sweep", "sim/report", "sim/training"], ["sim/fast", "sim/systemc", "energy"],
          ["sim/schedule", "sim/trace"], ["sim/mapping"],
          ["sim/data", "sim/accumulation", "sim/import", "sim/study"], ["sim/workload", "sim/arch"], ["sim/numerics"],
          ["sim/support"]]


def level_of(name):
    """The level of a file: that of the longest name in LEVELS that contains it."""
    found = [(len(folder), level) for level, folders in enumerate(LEVELS) for folder in folders
             if name == folder or name.startswith(folder + "/")]
    return max(found)[1] if found else None


def problems_of(path):
    name = path.relative_to(ROOT).as_posix()
    own = level_of(name)
    for included in INCLUDE.findall(path.read_text(encoding="utf-8")):
        if re.match(r"systemc(\.h)?$|sysc/|tlm", included) and not name.startswith("sim/systemc/"):
            yield f"{name} includes {included}: only sim/systemc may"
        other = level_of(included)
        if own is not None and other is not None and other < own:
            yield f"{name} includes {included}, which lies above it"


def main():
    files = [p for folder in ["sim", "energy"] for p in sorted((ROOT / folder).rglob("*.[ch]pp"))]
    problems = [problem for path in files for problem in problems_of(path)]
    print("\n".join(problems) or f"{len(files)} files include only what they may")
    return 1 if problems or not files else 0


if __name__ == "__main__":
    sys.exit(main())

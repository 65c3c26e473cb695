#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Shows that the equality of both engines can fail: applies the mutations of mutations.md one at a time in a copy of the
sources and reports which random case catches each.

  tests/property/mutate.py                 all, in a temporary copy
  tests/property/mutate.py --work DIR      in DIR, which is made on first use and kept
  tests/property/mutate.py --only 3 --only 17
"""
import argparse
import filecmp
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIST = pathlib.Path(__file__).with_name("mutations.md")


def read_mutations():
    """[(number, title, file, from, to)] of the headings "### 1. title" and their three lines."""
    pattern = re.compile(
        r"^### (\d+)\. (.+)\n\n- file: `(.+)`\n- from: `(.+)`\n- to: `(.*)`\n", re.MULTILINE)
    return [(int(number), *rest) for number, *rest in pattern.findall(LIST.read_text())]


def copy_sources(work):
    """Copies what differs, so that a build in `work` only makes what has changed."""
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-co", "--exclude-standard"], check=True,
                            capture_output=True, text=True).stdout.split("\n")
    for name in filter(None, listed):
        source, target = ROOT / name, work / name
        if not source.is_file() or (target.is_file() and filecmp.cmp(source, target, shallow=False)):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)


def build(work, jobs):
    folder = work / "build" / "mutations"
    if not (folder / "build.ninja").exists():
        subprocess.run(["cmake", "-S", work, "-B", folder, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release"], check=True,
                       stdout=subprocess.DEVNULL)
    done = subprocess.run(["ninja", "-C", folder, f"-j{jobs}", "equality"], capture_output=True, text=True)
    return (folder / "tests" / "property" / "equality") if done.returncode == 0 else None


def replay(program, work):
    """The cases that are kept, which every run of the tests repeats."""
    return subprocess.run([program, "--replay", work / "tests" / "golden" / "equality"], capture_output=True, text=True)


def run(program, arguments):
    command = [program, "--cases", str(arguments.cases), "--jobs", str(arguments.jobs), "--failures", "1", "--no-shrink"]
    return subprocess.run(command, capture_output=True, text=True)


def try_mutation(work, arguments, mutation):
    """What happened, and whether that is as it should be."""
    _, _, name, old, new = mutation
    path = work / name
    text = path.read_text()
    if text.count(old) != 1:
        return f"is {text.count(old)} times in {name}: mend mutations.md", False
    try:
        path.write_text(text.replace(old, new))
        program = build(work, arguments.jobs)
        if program is None:
            return "does not build", False
        kept = replay(program, work)
        done = run(program, arguments)
    finally:
        path.write_text(text)
    caught = re.search(r"^seed (\d+): (.*(?:\n  .*)?)", done.stdout, re.MULTILINE)
    if kept.returncode == 1 and (done.returncode == 0 or caught is None):
        return "caught by a case that is kept", True
    if done.returncode == 0 or caught is None:
        return "SURVIVES", False
    return f"caught by seed {caught.group(1)}: " + " ".join(caught.group(2).split())[:120], True


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=pathlib.Path)
    parser.add_argument("--only", type=int, action="append")
    parser.add_argument("--cases", type=int, default=3000)
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    mutations = [m for m in read_mutations() if not arguments.only or m[0] in arguments.only]
    with tempfile.TemporaryDirectory() as temporary:
        work = (arguments.work or pathlib.Path(temporary)).resolve()
        copy_sources(work)
        program = build(work, arguments.jobs)
        if program is None or run(program, arguments).returncode != 0:
            sys.exit("the sources do not build, or the engines differ without a mutation")
        good = 0
        for mutation in mutations:
            text, as_it_should = try_mutation(work, arguments, mutation)
            good += as_it_should
            print(f"{mutation[0]:3d} {mutation[1]}: {text}", flush=True)
    print(f"{good} of {len(mutations)} mutations caught within {arguments.cases} cases")
    return 0 if good == len(mutations) else 1


if __name__ == "__main__":
    sys.exit(main())

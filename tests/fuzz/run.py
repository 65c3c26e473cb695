# SPDX-License-Identifier: Apache-2.0
"""Runs a fuzzer for some time from seeds, with the words of the seeds as its dictionary.

  run.py --seconds N --work DIR FUZZER FOLDER...

Folders hold seeds; those that do not exist are passed over. What the fuzzer learns stays in DIR/learned/NAME. An input
that crashes, hangs or takes too much memory ends it with its file in DIR/findings; once the reader is mended it belongs
into tests/fuzz/corpus/READER.
"""

import argparse
import pathlib
import re
import subprocess
import sys

MOST_SEED_BYTES = 60000
LIMITS = ["-timeout=10", "-rss_limit_mb=2048", "-malloc_limit_mb=1024", "-max_len=65536", "-print_final_stats=1"]


def words_of(seeds):
    """Strings of JSON files: names of fields and values."""
    words = {}
    for seed in seeds:
        for word in re.findall(rb'"([A-Za-z0-9_./ ]{1,40})"', seed.read_bytes()):
            words[word.decode()] = None
    return list(words)[:2000]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fuzzer", type=pathlib.Path)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("folders", nargs="*", type=pathlib.Path)
    given = parser.parse_args()
    name = given.fuzzer.name
    seeds = [file for folder in given.folders if folder.is_dir() for file in sorted(folder.iterdir())
             if file.is_file() and file.stat().st_size <= MOST_SEED_BYTES]
    if not seeds:
        sys.exit(f"{name}: no seeds in {', '.join(map(str, given.folders))}")
    learned, findings, chosen = (given.work / kind / name for kind in ("learned", "findings", "seeds"))
    for folder in (learned, findings, chosen):
        folder.mkdir(parents=True, exist_ok=True)
    for file in chosen.iterdir():
        file.unlink()
    for i, seed in enumerate(seeds):
        (chosen / f"{i}-{seed.name}").write_bytes(seed.read_bytes())
    dictionary = given.work / f"{name}.dict"
    dictionary.write_text("".join(f'"\\"{word}\\""\n' for word in words_of(seeds)) + '"null"\n')
    command = [given.fuzzer, f"-max_total_time={given.seconds}", f"-seed={given.seed}", f"-dict={dictionary}",
               f"-artifact_prefix={findings}/", *LIMITS, learned, chosen]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    lines = done.stdout.decode(errors="replace").splitlines()
    if done.returncode != 0:
        print("\n".join(lines[-80:]))
        sys.exit(f"{name}: a finding; its input is in {findings}")
    print("\n".join(line for line in lines if line.startswith("stat::") or " cov: " in line[:40] and "DONE" in line))


if __name__ == "__main__":
    main()

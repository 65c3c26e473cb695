#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a study of trainings: every configuration with every seed, and keeps the result of each run.

usage: study.py LNSIM [--study FILE] [--results FILE] [--group NAME] [--seeds LIST] [--jobs N]

Resumable: runs whose result is in the results file are skipped, a run that was killed goes on from its checkpoint.
The results file is replaced whole after each run. Standard library only; results do not depend on the machine.
"""
import argparse
import copy
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def changed(scheme, changes):
    """The scheme with the values at some JSON pointers replaced."""
    scheme = copy.deepcopy(scheme)
    for pointer, value in changes.items():
        *path, last = pointer.strip("/").split("/")
        at = scheme
        for key in path:
            at = at[key]
        if last not in at:
            raise SystemExit(f"{pointer} is not in the scheme")
        at[last] = value
    return scheme


def write_whole(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.chmod(file.name, 0o644)
    os.replace(file.name, path)


def train(program, group, configuration, seed, work, jobs):
    """One run of lnsim train; its epochs."""
    base = configuration.get("base", group.get("base"))
    scheme = json.loads((ROOT / "configs" / "schemes" / f"{base}.json").read_text(encoding="utf-8"))
    scheme = changed(scheme, configuration["changes"])
    folder = work / f"{group['name']}-{configuration['name']}-{seed}".replace(" ", "_").replace(",", "")
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "scheme.json"
    file.write_text(json.dumps(scheme), encoding="utf-8")
    command = [program, "train", "--scheme", file, "--seed", seed, "--checkpoint", folder, "--resume", "--quiet",
               "--jobs", jobs, "--format", "json",
               "--learning-rate", group["rates"][scheme["optimizer"]["cnn"]]]
    for option, value in group["arguments"].items():
        command += [f"--{option}", value]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1) or not done.stdout:
        raise SystemExit(f"{' '.join(map(str, command))}: {done.stderr}")
    return json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("program")
    parser.add_argument("--study", type=Path, default=ROOT / "scripts" / "studies" / "training.json")
    parser.add_argument("--results", type=Path, default=ROOT / "docs" / "studies" / "training.json")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "study")
    parser.add_argument("--group", help="only this group")
    parser.add_argument("--seeds", help="other seeds than the study's, separated by commas")
    parser.add_argument("--jobs", type=int, default=0, help="threads of each run")
    options = parser.parse_args()
    study = json.loads(options.study.read_text(encoding="utf-8"))
    seeds = [int(s) for s in options.seeds.split(",")] if options.seeds else study["seeds"]
    results = {"schema": "lnsim.study_results/1", "study": study["name"], "runs": []}
    if options.results.exists():
        results = json.loads(options.results.read_text(encoding="utf-8"))
    known = {(run["group"], run["configuration"], run["seed"]) for run in results["runs"]}
    wanted = [(group, configuration, seed) for group in study["groups"] if options.group in (None, group["name"])
              for seed in seeds for configuration in group["configurations"]]
    for group, configuration, seed in wanted:
        key = (group["name"], configuration["name"], seed)
        if key in known:
            continue
        report = train(options.program, group, configuration, seed, options.work, options.jobs)
        (run,) = report["schemes"]
        epochs = [{name: epoch[name] for name in ("epoch", "train_loss", "test_loss", "test_accuracy", "saturations")}
                  for epoch in run["epochs"]]
        results["runs"].append({"group": key[0], "configuration": key[1], "seed": seed, "diverged": run["diverged"],
                                "energy_j": run["run"]["it_kwh"] * 3.6e6, "epochs": epochs})
        lines = ",\n    ".join(json.dumps(one) for one in results["runs"])
        head = json.dumps({name: results[name] for name in ("schema", "study")})[:-1]
        write_whole(options.results, head + ', "runs": [\n    ' + lines + "]\n}\n")
        final = f"{epochs[-1]['test_accuracy']:.4f}" if epochs else "diverged"
        print(*key, final, flush=True)


if __name__ == "__main__":
    sys.exit(main())

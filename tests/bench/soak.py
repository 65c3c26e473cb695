# SPDX-License-Identifier: Apache-2.0
"""Kills running sweeps, again and again, and fills the disk; the store must end as one that was left in peace.

  soak.py LNSIM [--kills N] [--seed S]

Each run is killed (SIGKILL; sometimes a worker of it, sometimes all of them, mostly the parent) after a random time and
resumed. After every kill the store must be sound and must not have lost a row. When a sweep is complete, its rows and
figures are compared with those of an uninterrupted one, and the next store is begun, until all kills are spent.
"""

import argparse
import json
import os
import pathlib
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

SPEC = {
    "schema": "lnsim.sweep/1", "name": "soak", "base": {"workload": "lenet"},
    "axes": [
        {"name": "lanes", "at": "/accelerator/pe/lanes", "range": {"from": 1, "to": 32}},
        {"name": "hold_rows", "at": "/accelerator/pe/hold_rows", "values": [8, 16, 0]},  # 0 fails
        {"name": "batch", "at": "/batch", "range": {"from": 1, "to": 40}}],
    "constraints": ["lanes * batch < 1000"],
}


def rows_of(store):
    with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as database:
        if database.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            sys.exit(f"{store}: not sound")
        rows = database.execute("SELECT sweep, number, status, axes, key, error FROM rows ORDER BY sweep, number").fetchall()
        figures = database.execute("SELECT * FROM figures ORDER BY key").fetchall()
    database.close()
    return rows, figures


def children_of(parent):
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(path.read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


def kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


class Soak:
    def __init__(self, program, folder, seed):
        self.program, self.folder, self.random = program, folder, random.Random(seed)
        (folder / "soak.json").write_text(json.dumps(SPEC))

    def command(self, store):
        return [self.program, "sweep", "./soak.json", "--quiet", "--jobs", "2", "--store", store, "--format", "json"]

    def whole(self, store):
        return subprocess.run(self.command(store), cwd=self.folder, check=True, capture_output=True).stdout

    def killed(self, store, seconds):
        """Runs a sweep and kills it after some time. True if it was killed, False if it ended before."""
        process = subprocess.Popen(self.command(store), cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(timeout=self.random.uniform(0.002, 2 * seconds))
            return False
        except subprocess.TimeoutExpired:
            pass
        victims = self.random.choice(["parent", "parent", "parent", "all"])
        if victims == "all":
            for child in children_of(process.pid):
                kill(child)
        process.kill()
        process.wait()
        while children_of(process.pid):
            time.sleep(0.001)
        return True

    def kills(self, count, wanted, rows, seconds):
        kills = stores = 0
        last = 0
        store = "killed0.sqlite"
        while kills < count:
            kills += self.killed(store, seconds)
            path = self.folder / store
            if not path.exists():
                continue  # killed before it had one
            try:
                now = len(rows_of(path)[0])
            except sqlite3.OperationalError:  # killed before its tables were made
                now = 0
            if now < last:
                sys.exit(f"{last - now} rows were lost by kill {kills}")
            last = now
            if now == len(rows[0]):
                self.compare(store, wanted, rows)
                stores += 1
                store, last = f"killed{stores}.sqlite", 0
        self.compare(store, wanted, rows)
        print(f"{kills} kills, {stores + 1} stores: each equals that of a sweep that was left in peace")

    def compare(self, store, wanted, rows):
        if self.whole(store) != wanted or rows_of(self.folder / store) != rows:
            sys.exit(f"{store}: not what an uninterrupted sweep gives")

    def full_disk(self, wanted, rows):
        """A disk too small for the store, then a larger one."""
        disk = self.folder / "disk"
        disk.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", disk], capture_output=True, check=False).returncode == 0
        if mounted:
            how = "a tmpfs of 400 KiB"
            command = self.command("disk/full.sqlite")
        else:
            how = "RLIMIT_FSIZE of 400 KiB, as mounting was refused"
            command = ["bash", "-c", 'ulimit -f 400; trap "" XFSZ; exec "$@"', "bash", *self.command("disk/full.sqlite")]
        try:
            done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
            if done.returncode == 0 or "disk/full.sqlite" not in done.stderr:
                sys.exit(f"a full disk: exit code {done.returncode}, {done.stderr}")
            for file in disk.glob("full.sqlite*"):
                shutil.copy(file, self.folder / file.name)
        finally:
            if mounted:
                subprocess.run(["umount", disk], check=True)
        kept = len(rows_of(self.folder / "full.sqlite")[0])
        self.compare("full.sqlite", wanted, rows)
        print(f"{how}: exit code {done.returncode}, {kept} rows kept, then complete and equal\n  {done.stderr.strip()}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="lnsim-soak-"))
    try:
        soak = Soak(str(given.program.resolve()), folder, given.seed)
        start = time.monotonic()
        wanted = soak.whole("whole.sqlite")
        seconds = time.monotonic() - start
        rows = rows_of(folder / "whole.sqlite")
        print(f"{len(rows[0])} designs in {seconds:.1f} s without interruption")
        soak.kills(given.kills, wanted, rows, seconds / 20)
        soak.full_disk(wanted, rows)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""Shared by the tests of the command line: running the program in an empty folder."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("LNSIM_PROGRAM", str(ROOT / "build" / "release" / "bin" / "lnsim"))
DONE, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130


class ProgramTest(unittest.TestCase):
    """Each test works in a folder of its own, `self.folder`, that is removed afterwards."""

    maxDiff = None

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="lnsim-cli-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def write(self, name, content):
        """Writes text or bytes to a file of the folder; returns its name."""
        data = content if isinstance(content, bytes) else content.encode()
        (self.folder / name).write_bytes(data)
        return name

    def run_program(self, *arguments, stdin=subprocess.DEVNULL, environment=None, **options):
        variables = {k: v for k, v in os.environ.items() if k != "LNSIM_DATA_DIR"}
        variables.update(environment or {})
        return subprocess.run([PROGRAM, *arguments], cwd=self.folder, env=variables, stdin=stdin,
                              stdout=options.pop("stdout", subprocess.PIPE), stderr=subprocess.PIPE,
                              encoding="utf-8", errors="backslashreplace", timeout=300, **options)

    def refused(self, *arguments):
        """Runs the program on bad input; checks exit code 2 and that nothing was printed; returns the message."""
        done = self.run_program(*arguments)
        self.assertEqual(done.returncode, BAD_INPUT, done.stderr)
        self.assertEqual(done.stdout, "")
        for line in done.stderr.splitlines():
            self.assertTrue(line.startswith("lnsim: "), line)
        return "\n".join(line[len("lnsim: "):] for line in done.stderr.splitlines())

# SPDX-License-Identifier: Apache-2.0
"""cmake --install: the installed program runs from any place and finds the shipped files beside itself."""

import os
import pathlib
import subprocess
import sys
import unittest

from program import DONE, ROOT, ProgramTest

BUILD = pathlib.Path(os.environ.get("LNSIM_BUILD_DIR", ROOT / "build" / "release"))


class Install(ProgramTest):
    def test_the_installed_program_stands_alone(self):
        subprocess.run(["cmake", "--install", str(BUILD), "--prefix", str(self.folder / "first")], check=True,
                       stdout=subprocess.DEVNULL)
        (self.folder / "first").rename(self.folder / "moved")
        program = self.folder / "moved" / "bin" / "lnsim"
        done = subprocess.run([program, "--version"], stdout=subprocess.PIPE, encoding="utf-8")
        self.assertEqual(done.returncode, DONE)
        module = pathlib.Path("python") / "lnsim.py"
        shipped = sorted([module, *(p.relative_to(ROOT) for folder in ["configs", "workloads"]
                                    for p in (ROOT / folder).rglob("*") if p.is_file())])
        share = self.folder / "moved" / "share" / "lnsim"
        self.assertEqual(shipped, sorted(p.relative_to(share) for p in share.rglob("*") if p.is_file()))
        # The module finds the program that was installed with it.
        variables = {key: value for key, value in os.environ.items() if key != "LNSIM"}
        found = subprocess.run([sys.executable, "-c", "import lnsim; print(lnsim.program())"], check=True, stdout=subprocess.PIPE,
                               encoding="utf-8", env={**variables, "PYTHONPATH": str(share / "python"), "PYTHONDONTWRITEBYTECODE": "1"})
        self.assertEqual(pathlib.Path(found.stdout.strip()), program)
        # Debug information names source files; a release program has no reason to.
        if "CMAKE_BUILD_TYPE:STRING=Release" in (BUILD / "CMakeCache.txt").read_text():
            self.assertNotIn(str(ROOT).encode(), program.read_bytes())


if __name__ == "__main__":
    unittest.main()

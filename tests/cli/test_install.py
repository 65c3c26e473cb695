# SPDX-License-Identifier: Apache-2.0
"""cmake --install: the installed program runs from any place and finds the shipped files beside itself."""

import json
import os
import pathlib
import re
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

    def test_another_project_links_the_libraries(self):
        prefix, build = self.folder / "prefix", self.folder / "build"
        subprocess.run(["cmake", "--install", str(BUILD), "--prefix", str(prefix)], check=True, stdout=subprocess.DEVNULL)
        source = ROOT / "tests" / "cli" / "library_user"
        cache = (BUILD / "CMakeCache.txt").read_text()
        flags = ["-DCMAKE_CXX_COMPILER=" + re.search(r"^CMAKE_CXX_COMPILER:\w+=(.*)$", cache, re.M)[1]]
        if re.search("LNSIM_(SANITIZE|FUZZ):BOOL=ON", cache):  # static libraries that need their runtime
            flags += ["-DCMAKE_EXE_LINKER_FLAGS=-fsanitize=address,undefined"]
        for command in (["cmake", "-S", source, "-B", build, f"-DCMAKE_PREFIX_PATH={prefix}", *flags], ["cmake", "--build", build]):
            done = subprocess.run(command, capture_output=True, text=True)
            self.assertEqual(done.returncode, DONE, done.stdout + done.stderr)
        technology = ROOT / "configs" / "technology" / "45nm.json"
        done = subprocess.run([build / "library_user", technology], check=True, capture_output=True, text=True)
        first, second = done.stdout.splitlines()
        self.assertEqual(first, "lns(8,8,zero_code): 0.3 becomes 0.297302")  # 2^(-14/8)
        unit = self.write("unit.json", json.dumps({"format": {"type": "lns", "bits": 8, "gamma": 8, "zero": "zero_code"},
                                                   "accumulator": {"type": "fixed", "bits": 24}}))
        priced = self.run_program("explain", "--unit", unit, "--format", "json")
        self.assertEqual(second, f"{json.loads(priced.stdout)['energy_fj_per_mac']:.1f} fJ per MAC")


if __name__ == "__main__":
    unittest.main()

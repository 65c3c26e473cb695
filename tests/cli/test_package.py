# SPDX-License-Identifier: Apache-2.0
"""The Debian package: what it says of itself, and that what is in it runs where nothing else of the project is."""

import os
import pathlib
import shutil
import subprocess
import sys
import unittest

from program import DONE, ROOT, ProgramTest

BUILD = pathlib.Path(os.environ.get("LNSIM_BUILD_DIR", ROOT / "build" / "release"))


class Package(ProgramTest):
    def build(self):
        subprocess.run(["cpack", "-G", "DEB", "-B", str(self.folder / "packed")], cwd=BUILD, check=True, stdout=subprocess.DEVNULL)
        packages = {path.name.split("_")[0]: path for path in (self.folder / "packed").glob("*.deb")}
        self.assertEqual(set(packages), {"lnsim", "lnsim-dev"})
        return packages

    def test_it_is_complete_and_runs(self):
        packages = self.build()
        package = packages["lnsim"]
        fields = subprocess.run(["dpkg-deb", "--field", package], check=True, capture_output=True, text=True).stdout
        self.assertIn("Package: lnsim\n", fields)
        self.assertIn("Section: science\n", fields)
        depends = next(line for line in fields.splitlines() if line.startswith("Depends: "))
        for library in ("libc6", "libsqlite3-0", "libsystemc"):
            self.assertIn(library, depends)
        root = self.folder / "root"
        subprocess.run(["dpkg-deb", "--extract", package, root], check=True)
        program = root / "usr" / "bin" / "lnsim"
        self.assertTrue((root / "usr" / "share" / "doc" / "lnsim" / "LICENSE").exists())
        self.assertFalse(list(root.rglob("*.a")) + list(root.rglob("*.hpp")))
        other = self.folder / "other"
        subprocess.run(["dpkg-deb", "--extract", packages["lnsim-dev"], other], check=True)
        self.assertTrue(list(other.rglob("lnsimConfig.cmake")) and list(other.rglob("liblnsim_numerics.a")))
        self.assertFalse(list(other.rglob("bin")))
        for file in ("man/man1/lnsim.1", "bash-completion/completions/lnsim"):
            self.assertTrue((root / "usr" / "share" / file).exists(), file)
        self.assertTrue((root / "usr" / "share" / "lnsim" / "workloads" / "lenet.json").exists())
        done = subprocess.run([program, "simulate", "--workload", "lenet", "--quiet"], cwd=self.folder, env={"PATH": "/usr/bin:/bin"},
                              capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (DONE, ""))
        self.assertIn("One training iteration of lenet", done.stdout)


if __name__ == "__main__":
    missing = [name for name in ("cpack", "dpkg-deb", "dpkg-shlibdeps", "file") if shutil.which(name) is None]
    if missing:
        print("skipped: there is no " + ", ".join(missing))
        sys.exit(77)
    unittest.main()

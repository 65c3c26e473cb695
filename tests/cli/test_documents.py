# SPDX-License-Identifier: Apache-2.0
"""Every command in README and docs runs as it stands there, in the order of its document, in a folder of its own.

A command is an indented line that begins with scripts/run, or with python3 and a script. Files that a document shows after
a comment "file: NAME" are written first; those that it only speaks of are FILES below.
"""

import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import unittest

from program import DONE, PROGRAM, ROOT, ProgramTest

DOCUMENTS = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")])
# What is not run, and why.
LEFT_OUT = {
    "scripts/run": "installs packages; it is what CI itself does",
    "--executor slurm": "needs a cluster: test_slurm.py starts one",
    "--dataset fashion_mnist": "an hour, and a data set that is not shipped",
    "--merge": "needs the shards of other tasks: test_sweep_shards.py",
}
SWEEP = {"schema": "lnsim.sweep/1", "name": "my", "base": {"workload": "lenet"},
         "axes": [{"at": "/accelerator/pe/lanes", "name": "lanes", "values": [16, 32]}]}


def commands(document):
    """(line, words) of a document's commands, and its files."""
    found, files, name, block = [], {}, None, None
    for number, line in enumerate(document.read_text().splitlines(), 1):
        shown = re.match(r"<!-- file: (\S+) -->$", line)
        if shown:
            name = shown.group(1)
        elif line.startswith("```") and name is not None:
            if block is None:
                block = []
            else:
                files[name] = "\n".join(block)
                name = block = None
        elif block is not None:
            block.append(line)
        elif re.match(r"    (scripts/run|python3 scripts)( |$)", line):
            found.append((number, shlex.split(line.strip(), comments=True)))
    return found, files


class Documents(ProgramTest):
    def prepare(self, files):
        """The files that documents speak of."""
        shutil.copy(ROOT / "workloads" / "topologies" / "resnet50_v1.csv", self.folder / "topology.csv")
        models = ROOT / "tests" / "golden" / "onnx"
        shutil.copy(models / "resnet18.onnx", self.folder / "model.onnx")
        shutil.copy(models / "encoder.onnx", self.folder / "encoder.onnx")
        shutil.copy(ROOT / "tests" / "fuzz" / "corpus" / "timeloop" / "hyphens.yaml", self.folder / "layer.yaml")
        shutil.copytree(ROOT / "workloads", self.folder / "workloads", ignore=shutil.ignore_patterns("gpt_*"))
        shutil.copy(ROOT / "configs" / "schemes" / "lns8.json", self.folder / "my_scheme.json")
        self.write("requests.json", json.dumps({"schema": "lnsim.numerics/1", "requests": [
            {"op": "quantize", "format": "fp8_e4m3", "x": 0.3}]}))
        self.write("my.json", json.dumps(SWEEP))
        (self.folder / "problems").mkdir()
        shutil.copy(self.folder / "layer.yaml", self.folder / "problems" / "one.yaml")
        for name, text in files.items():
            self.write(name, text)

    def run_document(self, document):
        found, files = commands(document)
        self.prepare(files)
        environment = {**os.environ, "LNSIM": str(PROGRAM), "PYTHONPATH": str(ROOT / "scripts")}
        for number, words in found:
            text = " ".join(words)
            if text == "scripts/run" or any(part in text for part in LEFT_OUT if part != "scripts/run"):
                continue
            with self.subTest(f"{document.name}:{number}", command=text):
                if words[0] == "python3":
                    line = [sys.executable, str(ROOT / words[1]), *words[2:]]
                else:
                    words = [name for word in words[1:] for name in
                             (sorted(str(p.relative_to(self.folder)) for p in self.folder.glob(word)) if "*" in word and "/" in word else [word])]
                    line = [str(PROGRAM), *words]
                if "export" in words and "problems" in words:  # a folder that must be new
                    shutil.rmtree(self.folder / "problems")
                done = subprocess.run(line, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=300)
                self.assertEqual(done.returncode, DONE, f"{text}\n{done.stderr}")

    def test_what_is_left_out_is_there(self):
        text = "\n".join(document.read_text() for document in DOCUMENTS)
        for part in LEFT_OUT:
            self.assertIn(part, text)


for path in DOCUMENTS:
    setattr(Documents, "test_" + path.stem.lower(), lambda self, path=path: self.run_document(path))


class Fields(unittest.TestCase):
    def test_every_field_is_as_the_schemas_say(self):
        done = subprocess.run([sys.executable, ROOT / "scripts" / "make_fields.py", "--check"], capture_output=True, text=True)
        self.assertEqual(done.returncode, DONE, done.stderr)

    def test_links_lead_somewhere(self):
        for document in DOCUMENTS:
            for target in re.findall(r"\]\((?!http|#)([^)#]+)", document.read_text()):
                self.assertTrue((document.parent / target).exists(), f"{document.name}: {target}")


if __name__ == "__main__":
    unittest.main()

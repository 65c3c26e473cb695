# SPDX-License-Identifier: Apache-2.0
"""The shipped JSON Schemas and the program's own checks agree.

The schemas under configs/schema are what `lnsim validate --schema` prints. They accept every shipped file, and whatever
they refuse (a wrong type, an unknown key, a value out of range, a missing field), the program refuses as well; the
program may be stricter, because rules over several fields are beyond a schema. The bad files are made from the shipped
ones by one change each.
"""

import copy
import json
import random
import unittest

import jsonschema

from program import DONE, ROOT, ProgramTest

KINDS = ["accelerator", "scheme", "workload", "mapping", "technology", "trace", "dram", "run",
         "embodied", "scaling"]
MOST_CHANGES = 40  # of each shipped file; chosen at random, with a fixed seed, where there are more


def shipped_files():
    for path in sorted([*(ROOT / "workloads").glob("*.json"), *(ROOT / "configs").glob("*/*.json")]):
        if path.parent.name != "schema":
            yield path, json.loads(path.read_text())


def places(value, path=()):
    """Paths of all values in a JSON value."""
    yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from places(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from places(item, (*path, index))


WRONG_VALUES = [None, True, "wrong", -1, 1.5, 10**18, [], {}]
REMOVED, EXTENDED = object(), object()


def changes(document):
    """What can be done to a sound document: (path, wrong value, REMOVED or EXTENDED by an unknown key)."""
    for path in places(document):
        yield path, EXTENDED
        if path:
            yield path, REMOVED
            for value in WRONG_VALUES:
                yield path, value


def changed(document, path, value):
    """A copy with one change; the same document where the change does not apply."""
    result = copy.deepcopy(document)
    parent, place = None, result
    for key in path:
        parent, place = place, place[key]
    if value is EXTENDED:
        if isinstance(place, dict):
            place["unknwon_key"] = 1
    elif value is REMOVED:
        del parent[path[-1]]
    else:
        parent[path[-1]] = value
    return result


class Schemas(ProgramTest):
    def validators(self):
        return {json.loads(p.read_text())["properties"]["schema"]["const"]:
                jsonschema.Draft202012Validator(json.loads(p.read_text()))
                for p in sorted((ROOT / "configs" / "schema").glob("*.json"))}

    def test_the_shipped_schemas_are_the_programs_own(self):
        for kind in KINDS:
            with self.subTest(kind):
                done = self.run_program("validate", "--schema", f"lnsim.{kind}/1")
                self.assertEqual(done.returncode, DONE, done.stderr)
                shipped = ROOT / "configs" / "schema" / f"{kind}.json"
                self.assertTrue(shipped.exists() and done.stdout == shipped.read_text(),
                                f"refresh it: lnsim validate --schema lnsim.{kind}/1 > configs/schema/{kind}.json")
                jsonschema.Draft202012Validator.check_schema(json.loads(done.stdout))

    def test_unknown_kinds_are_refused(self):
        self.assertEqual(self.refused("validate", "--schema", "lnsim.shceme/1"),
                         '--schema: "lnsim.shceme/1", expected "lnsim.scheme/1"')

    def test_shipped_files_are_sound_to_both(self):
        validators = self.validators()
        for path, document in shipped_files():
            with self.subTest(path.name):
                if document["schema"] in validators:
                    validators[document["schema"]].validate(document)
                self.assertEqual(self.run_program("validate", str(path)).returncode, DONE)

    def test_what_a_schema_refuses_the_program_refuses(self):
        validators = self.validators()
        refused_by_schema = 0
        for path, document in shipped_files():
            if document["schema"] not in validators or len(path.read_text()) > 20000:
                continue
            possible = list(changes(document))
            chosen = random.Random(path.name).sample(possible, min(MOST_CHANGES, len(possible)))
            documents = [changed(document, *change) for change in chosen]
            names = [self.write(f"{i}.json", json.dumps(bad)) for i, bad in enumerate(documents)]
            accepted = {line.split(":")[0] for line in self.run_program("validate", *names).stdout.splitlines()}
            for name, bad in zip(names, documents):
                if validators[document["schema"]].is_valid(bad):
                    continue
                refused_by_schema += 1
                self.assertNotIn(name, accepted, f"accepted, from {path.name}: {json.dumps(bad)[:2000]}")
        self.assertGreater(refused_by_schema, 300)


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes docs/fields.md, every field of every kind of file, from the JSON Schemas in configs/schema.

  make_fields.py [--check]     --check: say whether the document is as the schemas have it, and write nothing
"""

import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "fields.md"
KINDS = ["workload", "accelerator", "dram", "scheme", "mapping", "technology", "scaling", "embodied", "run", "sweep",
         "trace"]


def type_of(schema):
    if "const" in schema:
        return f'`"{schema["const"]}"`'
    if "enum" in schema:
        return ", ".join(f"`{json.dumps(value)}`" for value in schema["enum"])
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return " or ".join(dict.fromkeys(type_of(option) for option in schema[key]))
    kind = schema.get("type", "any")
    if isinstance(kind, list):
        return " or ".join(kind)
    if kind == "array":
        return "list of " + type_of(schema.get("items", {}))
    return kind


def text_of(value):
    return str(int(value)) if isinstance(value, (int, float)) and float(value).is_integer() else str(value)


def range_of(schema):
    inner = schema.get("items", schema) if schema.get("type") == "array" else schema
    low, high = inner.get("minimum"), inner.get("maximum")
    parts = []
    if low is not None or high is not None:
        parts.append(f"{'' if low is None else text_of(low)}..{'' if high is None else text_of(high)}")
    if schema.get("type") == "array" and ("minItems" in schema or "maxItems" in schema):
        parts.append(f"{schema.get('minItems', 0)} to {schema.get('maxItems', 'any number of')} items")
    return "; ".join(parts)


def cell(text):
    return text.replace("|", "\\|").replace("\n", " ")


def members(schema):
    """Objects inside a schema: itself, or what its list or map holds."""
    for key in ("anyOf", "oneOf"):
        for option in schema.get(key, []):
            yield from members(option)
    if schema.get("type") == "array":
        yield from (("[]" + suffix, inner) for suffix, inner in members(schema.get("items", {})))
    elif "properties" in schema:
        yield "", schema
    elif isinstance(schema.get("additionalProperties"), dict):
        yield from ((".NAME" + suffix, inner) for suffix, inner in members(schema["additionalProperties"]))


def rows(schema, place, known):
    required = set(schema.get("required", []))
    for name, field in schema["properties"].items():
        path = place + name
        default = "required" if name in required else json.dumps(field["default"]) if "default" in field else ""
        if len(default) > 60:
            default = "see the schema"
        line = (type_of(field), range_of(field), default, field.get("description", ""))
        yield "| `" + path + "` | " + " | ".join(cell(part) for part in line) + " |"
        for suffix, inner in members(field):
            # Layers stand in lists, blocks and heads: once is enough.
            body = json.dumps(inner, sort_keys=True)
            if body in known:
                yield f"| `{path}{suffix}.*` | | | | as `{known[body]}.*` |"
                continue
            known[body] = path + suffix
            yield from rows(inner, path + suffix + ".", known)


def document():
    lines = ["# Fields of every file", "",
             "Written by `scripts/make_fields.py` from the JSON Schemas in `configs/schema`, which `lnsim validate --schema KIND` prints "
             "and editors understand. `[]` is an item of a list, `.NAME` a member that may have any name. A field without a default is left "
             "out where it does not apply. Unknown fields are errors.", ""]
    for kind in KINDS:
        schema = json.loads((ROOT / "configs" / "schema" / (kind + ".json")).read_text())
        tag = schema["properties"]["schema"]["const"] if "schema" in schema.get("properties", {}) else kind
        lines += [f"## {kind} (`{tag}`)", "", "| field | type | range | default | what it is |", "|---|---|---|---|---|"]
        lines += rows(schema, "", {})
        lines.append("")
    return "\n".join(lines)


def main():
    if sys.argv[1:] not in ([], ["--check"]):
        sys.exit(__doc__)
    text = document()
    if not sys.argv[1:]:
        DOCUMENT.write_text(text)
    elif not DOCUMENT.exists() or DOCUMENT.read_text() != text:
        sys.exit("docs/fields.md is not what the schemas say: run scripts/make_fields.py")


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""What a change of one parameter does to energy and area: the rows of directions.json, measured with `lnsim explain`.

    directions.py PROGRAM      prints each row with its change in percent; exit code 1 if a row does not hold
"""

import copy
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
TABLE = json.loads(pathlib.Path(__file__).with_name("directions.json").read_text())
QUANTITIES = ("energy", "area")


def run(program, *arguments):
    done = subprocess.run([program, *map(str, arguments), "--format", "json"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"lnsim {' '.join(map(str, arguments))}: {done.stderr}")
    return json.loads(done.stdout)


def patched(base, change):
    """The base with the members of the change, object by object."""
    result = copy.deepcopy(base)
    for key, value in change.items():
        both = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = patched(result[key], value) if both else value
    return result


def at_voltage(folder, volts):
    """The shipped 45 nm technology at another supply, with the files that it names."""
    place = folder / f"technology_{volts}"
    shutil.copytree(ROOT / "configs" / "technology", place)
    technology = json.loads((place / "45nm.json").read_text())
    technology["voltage_v"] = volts
    (place / "45nm.json").write_text(json.dumps(technology))
    return place / "45nm.json"


def unit_price(program, folder, unit, technology):
    (folder / "unit.json").write_text(json.dumps(unit))
    price = run(program, "explain", "--unit", folder / "unit.json", "--technology", technology)
    return {"energy": price["energy_fj_per_mac"], "area": price["area_um2_per_mac"]}


def buffer_price(program, folder, size):
    accelerator = json.loads((ROOT / "configs" / "accelerators" / "lns_madam.json").read_text())
    accelerator = patched(accelerator, {"pe": {"buffer_a_bytes": size}})
    (folder / "accelerator.json").write_text(json.dumps(accelerator))
    bills = run(program, "explain", "--accelerator", folder / "accelerator.json")
    read = next(a for a in bills["actions"] if a["component"] == "buffer_a" and a["action"].startswith("read"))
    hardware = next(h for h in bills["hardware"] if h["component"] == "buffer_a")
    return {"energy": read["energy_fj"], "area": hardware["area_um2"]}


def measure(program, row):
    """Energy and area before and after: a pair of {"energy", "area"}."""
    with tempfile.TemporaryDirectory(prefix="lnsim-directions-") as name:
        folder = pathlib.Path(name)
        if "buffer_a_bytes" in row:
            return tuple(buffer_price(program, folder, size) for size in row["buffer_a_bytes"])
        unit = TABLE["units"][row["unit"]]
        technologies = row.get("technology", ["45nm", "45nm"])
        if "voltage_v" in row:
            technologies = [at_voltage(folder, volts) for volts in row["voltage_v"]]
        ends = (row.get("from", {}), row["to"])
        return tuple(unit_price(program, folder, patched(unit, end), technology)
                     for end, technology in zip(ends, technologies))


def change_percent(pair, quantity):
    before, after = (end[quantity] for end in pair)
    return 100 * (after / before - 1)


def claim_text(claim):
    """{"falls": 5} as "falls by 5 %": what a test asks for at least."""
    (direction, least), = claim.items()
    return {"falls": f"falls by {least} %", "rises": f"rises by {least} %", "stays": "stays"}[direction]


def holds(claim, percent):
    (direction, least), = claim.items()
    return {"falls": percent <= -least, "rises": percent >= least, "stays": abs(percent) <= least}[direction]


def main():
    good = True
    for row in TABLE["rows"]:
        pair = measure(sys.argv[1], row)
        for quantity in QUANTITIES:
            percent = change_percent(pair, quantity)
            kept = holds(row[quantity], percent)
            good = good and kept
            print(f"{row['change']}: {quantity} {percent:+.1f} %, {claim_text(row[quantity])}: {'holds' if kept else 'FAILS'}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())

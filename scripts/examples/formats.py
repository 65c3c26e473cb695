# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
# # What does a number format cost?
# A notebook as a script: editors that know "# %%" run it cell by cell, `python3 scripts/examples/formats.py` as a whole.

# %%
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import lnsim  # noqa: E402

# %% Energy and carbon of a training iteration under several formats
WORKLOAD = "lenet"
for report in lnsim.compare(["lns8", "fp8", "bf16", "fp32"], workload=WORKLOAD)["reports"]:
    totals = report["totals"]
    print(f"{report['scheme']:6} {totals['cycles']:>9,} cycles  {1e3 * totals['energy_j']:7.3f} mJ  "
          f"{totals['run']['total_g']:8.4f} g CO2e for the training run")

# %% Where the energy goes: the passes that take most of it
report = lnsim.simulate(workload=WORKLOAD, scheme="lns8")
costly = sorted(report["layers"], key=lambda layer: -sum(layer["energy_j"].values()))[:3]
for layer in costly:
    print(f"{layer['name']:6} {layer['pass']:12} bound by {layer['bound_by']}")

# %% More lanes or more batch? A sweep of nine designs
results = lnsim.sweep({
    "schema": "lnsim.sweep/1", "name": "lanes_batch", "base": {"workload": WORKLOAD},
    "axes": [{"name": "lanes", "at": "/accelerator/pe/lanes", "values": [8, 16, 32]},
             {"name": "batch", "at": "/batch", "values": [16, 64, 256]}]}, pareto=["edp_js", "area_mm2"])
best = {effect["axis"]: effect["share"] for effect in results["sensitivity"] if effect["metric"] == "energy_j"}
print("share of the energy's variation:", {axis: round(share, 2) for axis, share in best.items()})

# %% As a data frame, if pandas is there
table = lnsim.designs(results)
print(table if isinstance(table, list) and len(table) < 3 else f"{len(table)} designs")

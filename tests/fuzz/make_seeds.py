# SPDX-License-Identifier: Apache-2.0
"""Writes the seeds of tests/fuzz/corpus that are not shipped files: small sound inputs for each reader.

  make_seeds.py LNSIM
"""

import io
import json
import pathlib
import struct
import subprocess
import sys
import tempfile
import uuid
import zlib

CORPUS = pathlib.Path(__file__).resolve().parent / "corpus"


def write(reader, name, data):
    path = CORPUS / reader / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())


def npy(descr, shape, data, version=(1, 0)):
    header = repr({"descr": descr, "fortran_order": False, "shape": shape}).encode()
    size = 2 if version[0] == 1 else 4
    header += b" " * (-(len(header) + 1 + 8 + size) % 64) + b"\n"
    length = struct.pack("<H" if version[0] == 1 else "<I", len(header))
    return b"\x93NUMPY" + bytes(version) + length + header + data


def numpy_files():
    write("npy", "f4", b"\x06" + npy("<f4", (2, 3), struct.pack("<6f", *range(6))))
    write("npy", "f8_v2", b"\x02" + npy("<f8", (2,), struct.pack("<2d", 1.5, -2), (2, 0)))
    write("npy", "f2_v3", b"\x03" + npy("<f2", (3, 1, 1), struct.pack("<3e", 1, 2, 3), (3, 0)))
    write("npy", "scalar", b"\x01" + npy("<f4", (), struct.pack("<f", 7)))
    write("npy", "object", b"\x01" + npy("|O", (1,), b"cos\nsystem\n"))


def data_sets():
    images = b"\0\0\x08\x03" + struct.pack(">III", 2, 2, 2) + bytes(range(8))
    labels = b"\0\0\x08\x01" + struct.pack(">I", 2) + b"\0\1"
    for which, data in enumerate((images, labels, images, labels)):
        write("idx", f"file{which}", bytes([which]) + data)
    packed = io.BytesIO()
    compressor = zlib.compressobj(wbits=31)
    packed.write(compressor.compress(images) + compressor.flush())
    write("idx", "file0.gz", b"\0" + packed.getvalue())


def requests():
    lns = {"type": "lns", "bits": 8, "gamma": 8, "zero": "zero_code"}
    wide = {"type": "float", "exponent": 8, "mantissa": 23}
    every = [
        {"op": "quantize", "format": lns, "x": -0.5, "scale": 2},
        {"op": "quantize", "format": "fp8_e4m3", "x": "inf"},
        {"op": "decode", "format": lns, "sign": 1, "e": 119, "scale": 4},
        {"op": "decode", "format": "bf16", "code": 16256},
        {"op": "dot", "format": lns, "V": 2, "sa": [0, 1, 0], "ea": [127, 127, 119], "sb": [0, 0, 0], "eb": [127, 119, 0],
         "L": 8, "C": 8, "A": 24, "G": 6, "rnd": "floor", "F": None, "structure": "bin_trees"},
        {"op": "dot", "format": "int8", "V": 2, "a": [1, 255, 100], "b": [2, 3, 100],
         "accumulator": {"type": "fixed", "bits": 24, "chunk": 2, "outer": {"type": "float", "exponent": 8, "mantissa": 7}}},
        {"op": "dot", "format": "fp8_e4m3", "V": 32, "accumulator": wide, "a": [56, 60], "b": [56, 48]},
        {"op": "madam", "format": lns, "BU": 16, "lr": "1/128", "p_scale": 3, "g_bound": 10, "beta": 0.999, "w0": [1.0, -1.0],
         "grads": [[1.0, 1.0], [0.0, 0.0]], "report": [0, 1]},
        {"op": "vrr", "m_acc": 8, "m_p": 5, "n": 4096},
        {"op": "min_m_acc", "m_p": 5, "n": 100000},
    ]
    write("requests", "all.json", json.dumps({"schema": "lnsim.numerics/1", "requests": every}))
    for i, request in enumerate(every):
        write("requests", f"{i}.json", json.dumps({"schema": "lnsim.numerics/1", "requests": [request]}))


def mappings():
    write("mapping", "pinned.json", json.dumps({"schema": "lnsim.mapping/1", "gemms": [
        {"layer": "conv*", "pass": "weight_grad", "operand_a": "n", "dram": {"order": "kmn"},
         "global_buffer": {"tile": {"m": 64, "k": 96}, "banks": {"a": 2, "b": 3, "out": 1}}, "pe": {"block": 32}},
        {"layer": "*", "pe": {"block": 3}}]}))


def topologies():
    head = "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,\n"
    write("scale_sim", "conv.csv", head + "Conv1, 224, 224, 7, 7, 3, 64, 2,\n\n\tdw_DP,56,56,3,3,64,1,1,,,x\r\nc,9,9,3,3,4,4,2,2:4\n,5,5,1,1,1,1,1\n")
    write("scale_sim", "same.csv", "s" + head + "a,8,8,9,9,4,4,3\n")
    write("scale_sim", "gemm.csv", "Layer, M, N, K,\nqkt,1024,512,64,\nff,7,9,11,2:4,\n")
    write("scale_sim", "no_header.csv", "\ufeffa,8,8,3,3,4,16,1\na,8,8,1,1,16,4,2\n")


def checkpoints():
    text = lambda value: struct.pack("<Q", len(value)) + value
    body = text(b"run") + text(b"state")
    write("checkpoint", "sound", b"lnsim.checkpoint/1\n" + struct.pack("<Q", zlib.crc32(body)) + body)
    write("checkpoint", "damaged", b"lnsim.checkpoint/1\n" + struct.pack("<Q", 1) + body)


def shards(metrics):
    """As fuzz_shard.cpp wants it: the second of two shards of six designs."""
    def row(number, status, values, **more):
        line = json.dumps({"number": number, "status": status, "values": values, "metrics": [], **more}, separators=(",", ":"))
        return line[:-1] + ',"hash":"' + str(uuid.uuid5(uuid.NAMESPACE_OID, "id\n" + line)) + '"}\n'
    header = json.dumps({"schema": "lnsim.sweep_shard/1", "sweep": "id", "version": "1.0", "shard": 2, "of": 2,
                         "axes": ["lanes", "batch"], "metrics": metrics}, separators=(",", ":")) + "\n"
    figures = [round(0.5 * i + 1.25, 3) for i in range(len(metrics))]
    rows = [row(3, "done", [16, 10], metrics=figures, key="k"), row(4, "failed", [32, 1], error="no"), row(5, "excluded", [32, 10])]
    write("shard", "sound.jsonl", header + "".join(rows) + '{"rows":3}\n')


def from_program(program):
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "out"
        for name, options in {"mlp": ["--workload", "mlp", "--layers", "fc1,relu1"],
                              "data": ["--workload", "lenet", "--layers", "conv1", "--passes", "forward", "--data"]}.items():
            subprocess.run([program, "simulate", "--batch", "2", "--quiet", "--out", out, *options], check=True,
                           stdout=subprocess.DEVNULL)
            trace = json.loads((out / "trace.json").read_text())
            write("trace", f"{name}.json", json.dumps(trace))
            write("mapping", f"{name}.json", json.dumps({"schema": "lnsim.mapping/1", "gemms": [
                {"layer": entry["name"], "pass": entry["pass"], **mapping}
                for entry in trace["layers"] for mapping in entry.get("mapping", [])]}))
        (pathlib.Path(folder) / "s.json").write_text(json.dumps({
            "schema": "lnsim.sweep/1", "name": "x", "base": {"workload": "lenet"},
            "axes": [{"at": "/batch", "values": [1, 2, 3]}]}))
        subprocess.run([program, "sweep", "./s.json", "--shard", "1/1", "--quiet"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        text = (pathlib.Path(folder) / "x.shards" / "shard-1-of-1.jsonl").read_text()
        write("shard", "other_sweep.jsonl", text)
        shards(json.loads(text.splitlines()[0])["metrics"])


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    numpy_files()
    data_sets()
    requests()
    mappings()
    checkpoints()
    topologies()
    from_program(str(pathlib.Path(sys.argv[1]).resolve()))


if __name__ == "__main__":
    main()

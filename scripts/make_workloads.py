#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the workload files that follow a rule: ResNets, AlexNet and transformers. LeNet and the MLP are written by hand.

usage: scripts/make_workloads.py [FOLDER]   (default: workloads beside this script's folder)

Layer names, shapes and order are those of torchvision's ResNet (v1.5: the stride is in the 3x3 convolution of a
bottleneck) and of the encoders of google-research/bert and openai/gpt-2. Only values that differ from the defaults of
the schema are written. The loss, dropout and learning-rate schedules are not part of a workload.
"""

import json
import pathlib
import sys


def layer(name, kind, inputs=None, **fields):
    """A layer object; inputs only where they are not the layer before."""
    result = {"name": name}
    if inputs is not None:
        result["inputs"] = inputs
    result[kind] = fields
    return result


def conv(name, channels, size, kernel, stride=1, inputs=None):
    fields = {"in_channels": channels[0], "out_channels": channels[1], "height": size, "width": size,
              "kernel": [kernel]}
    if stride != 1:
        fields["stride"] = [stride]
    if kernel > 1:
        fields["padding"] = [kernel // 2]
    return layer(name, "conv2d", inputs, **fields)


def norm(name, channels, size):
    return layer(name, "batch_norm", channels=channels, height=size, width=size)


def relu(name, channels, size):
    return layer(name, "relu", shape=[size, size, channels])


def residual_block(name, source, channels, width, out, size, stride, bottleneck):
    """One residual block; `source` names its input. Returns its layers."""
    after = size // stride
    if bottleneck:
        convs = [(channels, width, 1, 1), (width, width, 3, stride), (width, out, 1, 1)]
    else:
        convs = [(channels, width, 3, stride), (width, out, 3, 1)]
    layers = []
    now = size
    for i, (c_in, c_out, kernel, step) in enumerate(convs, 1):
        layers.append(conv(f"{name}.conv{i}", (c_in, c_out), now, kernel, step, None))
        now //= step
        layers.append(norm(f"{name}.bn{i}", c_out, now))
        if i < len(convs):
            layers.append(relu(f"{name}.relu{i}", c_out, now))
    shortcut = source
    if stride != 1 or channels != out:
        last = layers[-1]["name"]
        layers.append(conv(f"{name}.downsample.0", (channels, out), size, 1, stride, [source]))
        layers.append(norm(f"{name}.downsample.1", out, after))
        layers.append(layer(f"{name}.add", "add", [last, "previous"], shape=[after, after, out]))
    else:
        layers.append(layer(f"{name}.add", "add", ["previous", shortcut], shape=[after, after, out]))
    layers.append(relu(f"{name}.relu{len(convs)}", out, after))
    return layers


def resnet(depth, counts, bottleneck):
    layers = [conv("conv1", (3, 64), 224, 7, 2), norm("bn1", 64, 112), relu("relu", 64, 112),
              layer("maxpool", "max_pool", channels=64, height=112, width=112, kernel=[3], stride=[2], padding=[1])]
    channels, size, source = 64, 56, "maxpool"
    for stage, count in enumerate(counts):
        width = 64 << stage
        out = 4 * width if bottleneck else width
        for block in range(count):
            name = f"layer{stage + 1}.{block}"
            stride = 2 if stage > 0 and block == 0 else 1
            layers += residual_block(name, source, channels, width, out, size, stride, bottleneck)
            channels, size, source = out, size // stride, layers[-1]["name"]
    layers.append(layer("avgpool", "avg_pool", channels=channels, height=7, width=7, kernel=[7]))
    layers.append(layer("fc", "linear", in_features=channels, out_features=1000, bias=True))
    return {
        "schema": "lnsim.workload/1",
        "name": f"resnet{depth}",
        "source": f"torchvision.models.resnet{depth} (v1.5), ImageNet 3x224x224; He et al. 2016, arXiv:1512.03385",
        "family": "cnn",
        "batch": 32,
        "layers": layers,
    }


def cifar_resnet(depth):
    """He et al. 2016, section 4.2: three stages of (depth - 2) / 6 blocks of width 16, 32 and 64 on 32x32 pixels."""
    layers = [conv("conv1", (3, 16), 32, 3), norm("bn1", 16, 32), relu("relu", 16, 32)]
    channels, size, source = 16, 32, "relu"
    for stage in range(3):
        width = 16 << stage
        for block in range((depth - 2) // 6):
            stride = 2 if stage > 0 and block == 0 else 1
            layers += residual_block(f"layer{stage + 1}.{block}", source, channels, width, width, size, stride, False)
            channels, size, source = width, size // stride, layers[-1]["name"]
    layers.append(layer("avgpool", "avg_pool", channels=64, height=8, width=8, kernel=[8]))
    layers.append(layer("fc", "linear", in_features=64, out_features=10, bias=True))
    return {
        "schema": "lnsim.workload/1",
        "name": f"resnet{depth}_cifar10",
        "source": f"He et al. 2016, arXiv:1512.03385, section 4.2, ResNet-{depth} for CIFAR-10 3x32x32; where the shape "
                  "changes, the shortcut is a projection (their option B), not the zero padding of option A",
        "family": "cnn",
        "batch": 128,
        "layers": layers,
    }


def alexnet():
    """One tower, without dropout."""
    layers = []
    # in, out, input size, kernel, stride, padding, output size, pooled
    for i, (c_in, out, size, kernel, stride, padding, after, pooled) in enumerate(
            [(3, 64, 224, 11, 4, 2, 55, True), (64, 192, 27, 5, 1, 2, 27, True), (192, 384, 13, 3, 1, 1, 13, False),
             (384, 256, 13, 3, 1, 1, 13, False), (256, 256, 13, 3, 1, 1, 13, True)], 1):
        fields = {"in_channels": c_in, "out_channels": out, "height": size, "width": size, "kernel": [kernel]}
        if stride != 1:
            fields["stride"] = [stride]
        layers.append(layer(f"conv{i}", "conv2d", None, **fields, padding=[padding], bias=True))
        layers.append(relu(f"relu{i}", out, after))
        if pooled:
            layers.append(layer(f"pool{i}", "max_pool", channels=out, height=after, width=after, kernel=[3],
                                stride=[2]))
    for i, (c_in, out) in enumerate([(9216, 4096), (4096, 4096), (4096, 1000)], 6):
        layers.append(layer(f"fc{i}", "linear", in_features=c_in, out_features=out, bias=True))
        if i < 8:
            layers.append(layer(f"relu{i}", "relu", shape=[out]))
    return {
        "schema": "lnsim.workload/1",
        "name": "alexnet",
        "source": "torchvision.models.alexnet, ImageNet 3x224x224; Krizhevsky 2014, arXiv:1404.5997; without dropout",
        "family": "cnn",
        "batch": 256,
        "layers": layers,
    }


def attention(prefix, hidden, heads, tokens, source):
    """Scores, softmax and context on the projections <prefix>.query, .key and .value of `source`."""
    project = dict(in_features=hidden, out_features=hidden, rows=tokens, bias=True)
    width = hidden // heads
    return [
        layer(f"{prefix}.query", "linear", [source], **project),
        layer(f"{prefix}.key", "linear", [source], **project),
        layer(f"{prefix}.value", "linear", [source], **project),
        layer(f"{prefix}.scores", "matmul", [f"{prefix}.query", f"{prefix}.key"], count=heads, m=tokens, n=tokens,
              k=width, transpose_b=True, a_layout="batch_inside", b_layout="batch_inside"),
        layer(f"{prefix}.softmax", "softmax", width=tokens, rows=heads * tokens),
        layer(f"{prefix}.context", "matmul", ["previous", f"{prefix}.value"], count=heads, m=tokens, n=width, k=tokens,
              b_layout="batch_inside", out_layout="batch_inside"),
    ]


def bert(name, layers, hidden, heads, tokens, batch):
    shape = [tokens, hidden]
    embed = [layer("embeddings.word", "embedding", vocabulary=30522, width=hidden, tokens=tokens),
             layer("embeddings.position", "embedding", vocabulary=512, width=hidden, tokens=tokens),
             layer("embeddings.token_type", "embedding", vocabulary=2, width=hidden, tokens=tokens),
             layer("embeddings.add_position", "add", ["embeddings.word", "embeddings.position"], shape=shape),
             layer("embeddings.add_type", "add", ["previous", "embeddings.token_type"], shape=shape),
             layer("embeddings.layer_norm", "layer_norm", width=hidden, rows=tokens)]
    block = attention("attention", hidden, heads, tokens, "input") + [
        layer("attention.output", "linear", in_features=hidden, out_features=hidden, rows=tokens, bias=True),
        layer("attention.add", "add", ["previous", "input"], shape=shape),
        layer("attention.layer_norm", "layer_norm", width=hidden, rows=tokens),
        layer("intermediate", "linear", in_features=hidden, out_features=4 * hidden, rows=tokens, bias=True),
        layer("gelu", "gelu", shape=[tokens, 4 * hidden]),
        layer("output", "linear", in_features=4 * hidden, out_features=hidden, rows=tokens, bias=True),
        layer("add", "add", ["previous", "attention.layer_norm"], shape=shape),
        layer("layer_norm", "layer_norm", width=hidden, rows=tokens),
    ]
    return {
        "schema": "lnsim.workload/1",
        "name": name,
        "source": f"google-research/bert, {layers} layers of width {hidden} with {heads} heads, sequences of {tokens}; "
                  "Devlin et al. 2019, arXiv:1810.04805; the pooler is stored, not executed, and task heads are left out",
        "family": "transformer",
        "batch": batch,
        "layers": embed + [{"name": "encoder", "repeat": layers, "block": block}],
        "head": [layer("pooler", "linear", in_features=hidden, out_features=hidden, bias=True)],
    }


def gpt(name, source, layers, hidden, heads, tokens, vocabulary, batch):
    shape = [tokens, hidden]
    embed = [layer("wte", "embedding", vocabulary=vocabulary, width=hidden, tokens=tokens),
             layer("wpe", "embedding", vocabulary=tokens, width=hidden, tokens=tokens),
             layer("embeddings.add", "add", ["wte", "wpe"], shape=shape)]
    block = [layer("ln_1", "layer_norm", width=hidden, rows=tokens)]
    block += attention("attn", hidden, heads, tokens, "ln_1") + [
        layer("attn.c_proj", "linear", in_features=hidden, out_features=hidden, rows=tokens, bias=True),
        layer("attn.add", "add", ["previous", "input"], shape=shape),
        layer("ln_2", "layer_norm", width=hidden, rows=tokens),
        layer("mlp.c_fc", "linear", in_features=hidden, out_features=4 * hidden, rows=tokens, bias=True),
        layer("mlp.gelu", "gelu", shape=[tokens, 4 * hidden]),
        layer("mlp.c_proj", "linear", in_features=4 * hidden, out_features=hidden, rows=tokens, bias=True),
        layer("add", "add", ["previous", "attn.add"], shape=shape),
    ]
    tail = [layer("ln_f", "layer_norm", width=hidden, rows=tokens),
            layer("lm_head", "linear", in_features=hidden, out_features=vocabulary, rows=tokens, tied_to="wte")]
    return {
        "schema": "lnsim.workload/1",
        "name": name,
        "source": f"{source}: {layers} layers of width {hidden} with {heads} heads, sequences of {tokens}; attention is "
                  "computed in full, the causal mask saves nothing",
        "family": "transformer",
        "batch": batch,
        "layers": embed + [{"name": "h", "repeat": layers, "block": block}] + tail,
    }


GPT2 = "openai/gpt-2, 124M, Radford et al. 2019"
MEGATRON = ("GPT of {} parameters, Narayanan et al. 2021 (Efficient large-scale language model training on GPU clusters using "
            "Megatron-LM, SC'21, arXiv:2104.04473), table 1; the whole model, batch: the micro-batch of one replica")

# Name, parameters in text, layers, width, heads, micro-batch; sequences of 2048, a vocabulary of 51200.
GPT_FAMILY = [("gpt_1b7", "1.7 billion", 24, 2304, 24, 16), ("gpt_3b6", "3.6 billion", 30, 3072, 32, 16),
              ("gpt_7b5", "7.5 billion", 36, 4096, 32, 16), ("gpt_18b", "18.4 billion", 40, 6144, 48, 8),
              ("gpt_39b", "39.1 billion", 48, 8192, 64, 4), ("gpt_76b", "76.1 billion", 60, 10240, 80, 2),
              ("gpt_146b", "145.6 billion", 80, 12288, 96, 2), ("gpt_310b", "310.1 billion", 96, 16384, 128, 1),
              ("gpt_530b", "529.6 billion", 105, 20480, 128, 1), ("gpt_1t", "1008 billion", 128, 25600, 160, 1)]


def text_of(network):
    """One layer per line."""
    def lines(layers, indent):
        for item in layers:
            if "block" not in item:
                yield indent + json.dumps(item)
                continue
            head = {key: value for key, value in item.items() if key != "block"}
            inner = ",\n".join(lines(item["block"], indent + "  "))
            yield f'{indent}{json.dumps(head)[:-1]}, "block": [\n{inner}]}}'

    parts = []
    for key, value in network.items():
        body = "[\n" + ",\n".join(lines(value, "    ")) + "]" if isinstance(value, list) else json.dumps(value)
        parts.append(f"  {json.dumps(key)}: {body}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main():
    default = pathlib.Path(__file__).resolve().parent.parent / "workloads"
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else default
    networks = [resnet(18, [2, 2, 2, 2], False), resnet(50, [3, 4, 6, 3], True),
                cifar_resnet(32), alexnet(),
                bert("bert_base_seq128", 12, 768, 12, 128, 32), bert("bert_base_seq384", 12, 768, 12, 384, 8),
                bert("bert_large_seq128", 24, 1024, 16, 128, 16), bert("bert_large_seq384", 24, 1024, 16, 384, 4),
                gpt("gpt2_small", GPT2, 12, 768, 12, 1024, 50257, 4)]
    networks += [gpt(name, MEGATRON.format(size), layers, width, heads, 2048, 51200, batch)
                 for name, size, layers, width, heads, batch in GPT_FAMILY]
    for network in networks:
        (folder / f"{network['name']}.json").write_text(text_of(network), encoding="utf-8")


if __name__ == "__main__":
    main()

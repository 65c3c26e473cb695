# SPDX-License-Identifier: Apache-2.0
"""ResNet-50 (He et al. 2016, stride in the first 1x1 of a stage) as users of SCALE-Sim write it: inputs without padding."""


def rows():
    """name, IFMAP height and width, filter height and width, channels, filters, stride"""
    def square(name, size, kernel, channels, filters, stride):
        return (name, size, size, kernel, kernel, channels, filters, stride)
    made = [square("Conv1", 224, 7, 3, 64, 2)]
    channels = 64
    for stage, size, width, blocks, stride in ((2, 56, 64, 3, 1), (3, 28, 128, 4, 2), (4, 14, 256, 6, 2), (5, 7, 512, 3, 2)):
        for block in range(blocks):
            first = block == 0
            name = ("CB" if first else "IB") + str(stage) + "abcdef"[block]
            step = stride if first else 1
            made += [square(name + "_1", size * step, 1, channels, width, step), square(name + "_2", size, 3, width, width, 1),
                     square(name + "_3", size, 1, width, 4 * width, 1)]
            if first:
                made.append(square(f"CB{stage}s", size * step, 1, channels, 4 * width, step))
            channels = 4 * width
    return made + [square("FC6", 1, 1, 2048, 1000, 1)]


ROWS = rows()
TOPOLOGY = ("Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,\n" +
            "".join(", ".join(map(str, row)) + ",\n" for row in ROWS))

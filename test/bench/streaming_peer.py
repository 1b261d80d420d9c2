"""A window alone with torch, one thread, the peer of streaming.bench.ts: python streaming_peer.py MODEL prints µs a window."""

import sys
import time

import torch
from torch import nn

EVENTS = 64


class Block(nn.Module):
    def __init__(self, channels, dilation):
        super().__init__()
        self.padding = 2 * dilation
        self.convolutions = nn.ModuleList(nn.Conv1d(channels, channels, 3, dilation=dilation) for _ in range(2))
        self.norms = nn.ModuleList(nn.BatchNorm1d(channels) for _ in range(2))

    def forward(self, x):
        y = x
        for convolution, norm in zip(self.convolutions, self.norms):
            y = torch.relu(norm(convolution(nn.functional.pad(y, (self.padding, 0)))))
        return torch.relu(x + y)


class Tcn(nn.Module):
    def __init__(self, channels, classes):
        super().__init__()
        self.projection = nn.Linear(42, channels)
        self.blocks = nn.Sequential(*(Block(channels, 2**block) for block in range(6)))
        self.head = nn.Linear(channels, classes)

    def forward(self, x):
        return self.head(self.blocks(self.projection(x).transpose(1, 2))[:, :, -1])


class Lstm(nn.Module):
    def __init__(self, layers, inputs, units, classes):
        super().__init__()
        self.lstm = nn.LSTM(inputs, units, layers, batch_first=True)
        self.head = nn.Linear(units, classes)

    def forward(self, x):
        return self.head(self.lstm(x)[0][:, -1])


MODELS = {
    "tcn-128-36": (lambda: Tcn(128, 36), 42),
    "tcn-128-3803": (lambda: Tcn(128, 3803), 42),
    "tcn-32-36": (lambda: Tcn(32, 36), 42),
    "lstm-3x256": (lambda: Lstm(3, 82, 256, 36), 82),
    "lstm-2x51": (lambda: Lstm(2, 41, 51, 1), 41),
}


def main(name):
    torch.set_num_threads(1)
    torch.manual_seed(1)
    make, inputs = MODELS[name]
    model, x = make().eval(), torch.randn(1, EVENTS, inputs)
    times = []
    with torch.inference_mode():
        for _ in range(220):
            begun = time.perf_counter()
            model(x)
            times.append((time.perf_counter() - begun) * 1e6)
    print(f"{sorted(times[20:])[100]:.1f}")


main(sys.argv[1])

"""Steps of training with torch, the peer of engine.bench.ts: python engine_peer.py MODEL THREADS prints ms a step."""

import sys
import time

import torch
from torch import nn

BATCH, EVENTS, CLASSES = 128, 64, 3803


class Lstm(nn.Module):
    def __init__(self, layers, inputs, units, classes):
        super().__init__()
        self.lstm = nn.LSTM(inputs, units, layers)
        self.head = nn.Linear(units, classes)

    def forward(self, x):
        return self.head(self.lstm(x)[0][-1])


class Block(nn.Module):
    def __init__(self, channels, dilation):
        super().__init__()
        self.padding = 2 * dilation
        self.convolutions = nn.ModuleList(nn.Conv1d(channels, channels, 3, dilation=dilation) for _ in range(2))
        self.norms = nn.ModuleList(nn.BatchNorm1d(channels) for _ in range(2))

    def forward(self, x):
        y = x
        for convolution, norm in zip(self.convolutions, self.norms):
            y = norm(convolution(nn.functional.pad(y, (self.padding, 0))))
            y = nn.functional.dropout(torch.relu(y), 0.1)
        return torch.relu(x + y)


class Tcn(nn.Module):
    def __init__(self, channels, blocks):
        super().__init__()
        self.blocks = nn.Sequential(*(Block(channels, 2**block) for block in range(blocks)))
        self.head = nn.Linear(channels, CLASSES)

    def forward(self, x):
        return self.head(self.blocks(x)[:, :, -1])


MODELS = {
    "lstm-3x256": (lambda: Lstm(3, 82, 256, CLASSES), (EVENTS, BATCH, 82), CLASSES),
    "lstm-2x128": (lambda: Lstm(2, 30, 128, 30), (EVENTS, BATCH, 30), 30),
    "lstm-2x51": (lambda: Lstm(2, 30, 51, 30), (EVENTS, BATCH, 30), 30),
    "tcn": (lambda: Tcn(128, 6), (BATCH, 128, EVENTS), CLASSES),
}


def main(name, threads):
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    make, shape, classes = MODELS[name]
    model, x, target = make(), torch.randn(*shape), torch.randint(classes, (BATCH,))
    optimizer = torch.optim.AdamW(model.parameters(), 1e-3)
    # Of one thread its CPU time, as on the other side.
    clock = time.process_time if threads == 1 else time.perf_counter
    times = []
    for _ in range(4):
        begun = clock()
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), target).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        times.append((clock() - begun) * 1e3)
    print(*(f"{ms:.2f}" for ms in times[1:]))


main(sys.argv[1], int(sys.argv[2]))

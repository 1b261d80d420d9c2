"""The published TCN recipe in torch, the peer of timeToAccuracy.bench.ts.

python timeToAccuracy_peer.py NPZ-FOLDER EPOCHS THREADS: windows of 64 events every 4, the loss on the last event alone, inputs
unscaled, AdamW 1e-3, batch 128, gradients clipped to 1. After each epoch a line of JSON: seconds spent in training (CPU
seconds for one thread) and the accuracy on the test part, where UNK is never right.
"""

import json
import sys
import time

import numpy
import torch
from torch import nn

BATCH = 128
TEST_BATCHES = 128


class Block(nn.Module):
    def __init__(self, channels, dilation):
        super().__init__()
        self.padding = 2 * dilation
        self.convolutions = nn.ModuleList(nn.Conv1d(channels, channels, 3, dilation=dilation) for _ in range(2))
        self.norms = nn.ModuleList(nn.BatchNorm1d(channels) for _ in range(2))
        self.dropout = nn.Dropout(0.1)

    def forward(self, x):
        y = x
        for convolution, norm in zip(self.convolutions, self.norms):
            y = self.dropout(torch.relu(norm(convolution(nn.functional.pad(y, (self.padding, 0))))))
        return torch.relu(x + y)


class Tcn(nn.Module):
    def __init__(self, tasks, states):
        super().__init__()
        self.task, self.state = nn.Embedding(tasks, 32), nn.Embedding(states, 8)
        self.projection = nn.Linear(42, 128)
        self.blocks = nn.Sequential(*(Block(128, 2**block) for block in range(6)))
        self.head = nn.Linear(128, tasks)

    def forward(self, task, state, cont):
        x = self.projection(torch.cat([self.task(task), self.state(state), cont], 2))
        return self.head(self.blocks(x.transpose(1, 2))[:, :, -1])


def load(folder, part):
    with numpy.load(f"{folder}/{part}.npz") as arrays:
        return tuple(torch.from_numpy(arrays[name]) for name in ("pid", "state", "cont", "y"))


def picked(part, which):
    task, state, cont, target = (column[which] for column in part)
    return (task.long(), state.long(), cont.float()), target.long()


def test_rows(count):
    """As on the other side: so many batches, evenly spread."""
    batches = -(-count // BATCH)
    wanted = min(batches, TEST_BATCHES)
    return [(at * batches) // wanted * BATCH for at in range(wanted)]


def accuracy(model, part):
    model.eval()
    right = asked = checksum = 0
    with torch.no_grad():
        for first in test_rows(len(part[3])):
            inputs, target = picked(part, slice(first, first + BATCH))
            logits = model(*inputs)
            logits[:, 0] = -torch.inf
            right += int((logits.argmax(1) == target).sum())
            asked += len(target)
            checksum += int(target.sum())
    model.train()
    return right / asked, asked, checksum


def main(folder, epochs, threads):
    torch.set_num_threads(threads)
    torch.manual_seed(42)
    clock = time.process_time if threads == 1 else time.perf_counter
    with open(f"{folder}/vocabulary.json", encoding="utf8") as file:
        vocabulary = json.load(file)
    train, test = load(folder, "train"), load(folder, "seen")
    model = Tcn(len(vocabulary["tasks"]), len(vocabulary["states"]))
    optimizer = torch.optim.AdamW(model.parameters(), 1e-3)
    spent = 0.0
    for epoch in range(epochs):
        begun = clock()
        order = torch.randperm(len(train[3]))
        for first in range(0, len(order), BATCH):
            inputs, target = picked(train, order[first : first + BATCH])
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(*inputs), target).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
        spent += clock() - begun
        share, asked, checksum = accuracy(model, test)
        told = {"epoch": epoch + 1, "seconds": spent, "accuracy": share, "asked": asked, "checksum": checksum}
        print(json.dumps(told), flush=True)


main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))

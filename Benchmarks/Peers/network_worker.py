"""One network in PyTorch, at work whenever it is told to.

usage: network_worker.py export WORK FILE
       network_worker.py WORK FILE nchw|channels_last eager|compiled

The first form writes weights and a batch to a file. The second reads them and answers every line of
standard input by one line:

answer    what `timed-networks` answers: the losses of two training steps, or the logits
seconds   the seconds of one step
memory    the most memory that the process has held so far, in bytes
"""

import sys
import time

import torch
import torch.nn.functional as F
from network_works import WORKS
from safetensors.torch import load_file, save_file

LEARNING_RATE = 1e-4


def export(work, path):
    images, labels = work.batch()
    arrays = {f"weights.{name}": value for name, value in work.model().state_dict().items()}
    save_file(arrays | {"images": images, "labels": labels}, path)


class Worker:
    def __init__(self, work, path, memory_format, is_compiled):
        torch.set_num_threads(2)
        arrays = load_file(path)
        model = work.model()
        prefix = "weights."
        model.load_state_dict(
            {k.removeprefix(prefix): v for k, v in arrays.items() if k.startswith(prefix)}
        )
        layout = {"nchw": torch.contiguous_format, "channels_last": torch.channels_last}
        self.model = model.to(memory_format=layout[memory_format])
        self.images = arrays["images"].to(memory_format=layout[memory_format])
        self.labels = arrays["labels"]
        self.is_bfloat16 = work.is_bfloat16
        self.step = self.train if work.trains else self.infer
        self.answer = self.losses if work.trains else self.logits
        if work.trains:
            trained = [value for value in model.parameters() if value.requires_grad]
            self.optimizer = torch.optim.Adam(trained, lr=LEARNING_RATE, fused=True)
        if is_compiled:
            # Weights that nobody trains become constants, and batch norms part of them.
            torch._inductor.config.freezing = not work.trains
            self.model = torch.compile(self.model)

    def train(self):
        self.optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.is_bfloat16):
            output = self.model(self.images)
        logits, penalty = output if isinstance(output, tuple) else (output, 0)
        loss = F.cross_entropy(logits.float(), self.labels) + penalty
        loss.backward()
        self.optimizer.step()
        return loss.item()

    @torch.no_grad()
    def infer(self):
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.is_bfloat16):
            output = self.model(self.images)
        return (output[0] if isinstance(output, tuple) else output).float()

    def losses(self):
        return [self.train(), self.train()]

    def logits(self):
        return self.infer().flatten().tolist()

    def seconds(self):
        start = time.perf_counter()
        self.step()
        return [time.perf_counter() - start]

    @staticmethod
    def memory():
        with open("/proc/self/status") as file:
            line = next(line for line in file if line.startswith("VmHWM:"))
        return [1024 * int(line.split()[1])]


def main(arguments):
    works = {work.name: work for work in WORKS}
    if arguments[0] == "export":
        export(works[arguments[1]], arguments[2])
        return
    name, path, memory_format, mode = arguments
    worker = Worker(works[name], path, memory_format, mode == "compiled")
    for line in sys.stdin:
        print(*getattr(worker, line.strip())(), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])

"""Explanation methods by captum and by this package, on the same weights, images and classes.

`timed-explanations` has the same networks and the same settings. Both sides have two threads; PyTorch
has the faster of its two memory formats, which is found for every method. The attributions are compared
before anything is timed, except SmoothGrad's, whose noise is each side's own.

captum refuses torchvision's ResNet in DeepLift (a relu that is used three times) and explains it wrongly
by LRP (a sum written as +). Its side gets blocks with three relus and captum's own addition module, the
form that it can explain.

A ratio is our time over captum's. The last row is Eq. 4 on the maps of the gated ResNet-50 over the
forward pass that made them, both ours.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings

import torch
from limits import AtMost
from safetensors.torch import save_file
from timing import say

MOST = 0.7
MOST_PROJECTION = 0.01
WARM_UP = 2
METHODS = ["gradcam", "input_x_gradient", "deeplift", "lrp", "integrated_gradients", "smoothgrad"]
POINTS, COPIES, DEVIATION = 16, 8, 0.1
# captum runs all points or copies at once unless told otherwise: as many images as ours takes.
IMAGES_AT_ONCE = 8


def resnet50():
    """torchvision's ResNet-50 in the form that captum can explain."""
    from captum.attr._utils.custom_modules import Addition_Module
    from torchvision.models import resnet

    class Block(resnet.Bottleneck):
        def __init__(self, *arguments, **settings):
            super().__init__(*arguments, **settings)
            del self.relu
            self.relu1, self.relu2, self.relu3 = (torch.nn.ReLU() for _ in range(3))
            self.add = Addition_Module()

        def forward(self, x):
            h = self.relu1(self.bn1(self.conv1(x)))
            h = self.relu2(self.bn2(self.conv2(h)))
            shortcut = x if self.downsample is None else self.downsample(x)
            return self.relu3(self.add(self.bn3(self.conv3(h)), shortcut))

    model = resnet.ResNet(Block, [3, 4, 6, 3])
    model.relu = torch.nn.ReLU()
    return model, model.layer4


def unet():
    """The ungated encoder with 8 features, every layer a module."""
    from collections import OrderedDict

    def block(name, inputs, outputs):
        layers = OrderedDict()
        for number, width in ((1, inputs), (2, outputs)):
            layers[f"{name}conv{number}"] = torch.nn.Conv2d(
                width, outputs, 3, padding=1, bias=False
            )
            layers[f"{name}norm{number}"] = torch.nn.BatchNorm2d(outputs)
            layers[f"{name}relu{number}"] = torch.nn.ReLU()
        return torch.nn.Sequential(layers)

    class Encoder(torch.nn.Sequential):
        # captum's LRP knows no module that flattens.
        def forward(self, x):
            for name, layer in self.named_children():
                x = layer(x.flatten(1) if name == "fc" else x)
            return x

    layers, inputs = OrderedDict(), 4
    for level in range(1, 5):
        outputs = 8 * 2 ** (level - 1)
        layers[f"encoder{level}"] = block(f"enc{level}", inputs, outputs)
        layers[f"pool{level}"] = torch.nn.MaxPool2d(2)
        inputs = outputs
    layers["bottleneck"] = block("bottleneck", inputs, 2 * inputs)
    layers["avg_pool"] = torch.nn.AdaptiveAvgPool2d(1)
    layers["fc"] = torch.nn.Linear(2 * inputs, 2)
    model = Encoder(layers)
    return model, model.encoder4


# name, title, network, [batch, channels, rows, columns], classes
WORKS = [
    ("resnet50", "ResNet-50, batch 1, 3x224x224", resnet50, [1, 3, 224, 224], 1000),
    ("resnet50", "ResNet-50, batch 4, 3x224x224", resnet50, [4, 3, 224, 224], 1000),
    ("unet", "U-Net encoder, batch 4, 4x64x64", unet, [4, 4, 64, 64], 2),
]


class Ours:
    """`timed-explanations`, serving."""

    def __init__(self, program, name, path):
        self.process = subprocess.Popen(
            [program, name, path], env=os.environ | {"OMP_NUM_THREADS": "2"}, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def ask(self, request):
        self.process.stdin.write(request + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit(f"peers: timed-explanations ended at '{request}'")
        return [float(word) for word in answer.split()]

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def method(name, model, layer, images, labels):
    """A function that explains all images once."""
    from captum import attr

    if name == "gradcam":
        explainer = attr.LayerGradCam(model, layer)
        return lambda: explainer.attribute(images, labels, relu_attributions=True)
    if name == "input_x_gradient":
        explainer = attr.InputXGradient(model)
        return lambda: explainer.attribute(images, labels)
    if name == "integrated_gradients":
        explainer = attr.IntegratedGradients(model)
        return lambda: explainer.attribute(
            images, target=labels, n_steps=POINTS, method="riemann_middle",
            internal_batch_size=IMAGES_AT_ONCE, return_convergence_delta=True,
        )[0]  # fmt: skip
    if name == "smoothgrad":
        explainer = attr.NoiseTunnel(attr.Saliency(model))
        return lambda: explainer.attribute(
            images, nt_type="smoothgrad", nt_samples=COPIES, stdevs=DEVIATION, target=labels,
            nt_samples_batch_size=max(1, IMAGES_AT_ONCE // len(images)), abs=False,
        )  # fmt: skip
    explainer = {"deeplift": attr.DeepLift, "lrp": attr.LRP}[name](model)
    return lambda: explainer.attribute(images, target=labels, return_convergence_delta=True)[0]


def seconds(explain):
    start = time.perf_counter()
    explain()
    return time.perf_counter() - start


def is_alike(name, ours, theirs):
    """Whether attributions agree as far as two float32 codes do.

    captum's DeepLift leaves max pools behind a relu to their plain gradient, so that its values are
    others: ours have no gap, its have one. They are compared with the reference data instead.
    """
    if name in ("smoothgrad", "deeplift"):
        return len(ours) == theirs.numel()
    theirs = theirs.detach().flatten()
    difference = (torch.tensor(ours) - theirs).norm()
    return bool(difference <= 0.02 * theirs.norm())


def compare(program, name, title, build, shape, classes, rounds, selected):
    torch.manual_seed(20220717)
    model, layer = build()
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.5, 1)
            torch.nn.init.normal_(module.bias, 0, 0.1)
    model.eval()
    generator = torch.Generator().manual_seed(1)
    images = torch.randn(shape, generator=generator)
    labels = torch.randint(classes, (shape[0],), generator=generator)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "weights.safetensors")
        arrays = {f"weights.{key}": value for key, value in model.state_dict().items()}
        save_file(arrays | {"images": images, "labels": labels}, path)
        ours = Ours(program, name, path)
        for method_name in METHODS:
            row = f"{method_name}, {title}"
            if not selected(row):
                continue
            formats = []
            for memory_format in (torch.contiguous_format, torch.channels_last):
                model = model.to(memory_format=memory_format)
                explain = method(
                    method_name, model, layer, images.to(memory_format=memory_format), labels
                )
                explain()
                formats.append((min(seconds(explain) for _ in range(WARM_UP)), memory_format))
            fastest = min(formats, key=lambda pair: pair[0])[1]
            model = model.to(memory_format=fastest)
            explain = method(method_name, model, layer, images.to(memory_format=fastest), labels)
            if not is_alike(method_name, ours.ask(f"answer {method_name}"), explain()):
                print(f"{row}: not timed, attributions differ", file=sys.stderr)
                yield row, float("inf"), AtMost(MOST)
                continue
            for _ in range(WARM_UP):
                ours.ask(f"seconds {method_name}")
            own, other = [], []
            for _ in range(rounds):
                own.append(ours.ask(f"seconds {method_name}")[0])
                other.append(seconds(explain))
            own, other = statistics.median(own), statistics.median(other)
            say(row, own, other)
            yield row, own / other, AtMost(MOST)
        ours.close()


def projection(program, rounds, selected):
    """Eq. 4 over the forward pass, gated ResNet-50."""
    import network_models

    row = "projection of Eq. 4 over the forward pass, gated ResNet-50, batch 2, 3x256x256"
    if not selected(row):
        return
    torch.manual_seed(20220717)
    model = network_models.GatedResNet(256)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "weights.safetensors")
        arrays = {f"weights.{key}": value for key, value in model.state_dict().items()}
        images, labels = torch.randn([2, 3, 256, 256]), torch.zeros(2, dtype=torch.int64)
        save_file(arrays | {"images": images, "labels": labels}, path)
        ours = Ours(program, "gated-resnet50", path)
        for _ in range(WARM_UP):
            ours.ask("seconds forward"), ours.ask("seconds projection")
        own = statistics.median(ours.ask("seconds projection")[0] for _ in range(rounds))
        whole = statistics.median(ours.ask("seconds forward")[0] for _ in range(rounds))
        ours.close()
    say(row, own, whole, " (the forward pass)")
    yield row, own / whole, AtMost(MOST_PROJECTION)


def rows(program, rounds, selected):
    """(name, ratio, limit) of every method on every network, and of the projection."""
    warnings.filterwarnings("ignore", module="captum")
    torch.set_num_threads(2)
    for work in WORKS:
        yield from compare(program, *work, rounds, selected)
    yield from projection(program, rounds, selected)

"""The networks of the comparison as a user of PyTorch would write them, under the names of our parameters."""

import timm
import torch
import torch.nn.functional as F
from torch import nn
from torchvision.models import resnet50

ALPHA = 10


class Gate(nn.Module):
    """Weighs every cell by a softmax, over all cells, of ⟨u, relu(U v / ‖U v‖)⟩."""

    def __init__(self, channels, embed):
        super().__init__()
        self.w1 = nn.Conv2d(channels, embed, 1)
        self.w2 = nn.Conv2d(embed, 1, 1)

    def forward(self, v):
        potentials = self.w2(F.relu(F.normalize(self.w1(v), dim=1, eps=1e-12)))
        attention = potentials.flatten(1).softmax(1).view_as(potentials)
        return attention * v, attention


class Marginals(nn.Module):
    """The learned witness, and Eq. 6: the divergence between the two marginals that it leaves."""

    def __init__(self, rows, columns):
        super().__init__()
        self.lamb = nn.Parameter(torch.zeros(1, 1, rows, columns))

    def forward(self, fine, coarse):
        factor = fine.shape[-1] // coarse.shape[-1]
        p = (factor**2 * F.avg_pool2d(fine, factor) * torch.exp(-self.lamb)).flatten(1)
        q = (coarse * torch.exp(self.lamb)).flatten(1)
        p, q = p / p.sum(1, keepdim=True), q / q.sum(1, keepdim=True)
        return F.kl_div(p.log(), q, reduction="batchmean")


def plain_resnet(size):
    """torchvision's ResNet-50."""
    return resnet50(num_classes=1000)


def vision_transformer(size):
    """timm's ViT-B/16."""
    return timm.create_model("vit_base_patch16_224", img_size=size, num_classes=1000)


class GatedResNet(nn.Module):
    """torchvision's ResNet-50 with gates behind layer3 and layer4, and a witness."""

    def __init__(self, size, classes=3):
        super().__init__()
        body = resnet50(num_classes=classes)
        for name, child in body.named_children():
            if name != "avgpool":
                setattr(self, name, child)
        self.tau_k = Gate(1024, 1024)
        self.tau_l = Gate(2048, 2048)
        self.marginals = Marginals(size // 32, size // 32)

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x, fine = self.tau_k(self.layer3(self.layer2(self.layer1(x))))
        x, coarse = self.tau_l(self.layer4(x))
        return self.fc(x.mean((2, 3))), ALPHA * self.marginals(fine, coarse)


class UNetEncoder(nn.Module):
    """The encoder of a U-Net as a classifier, gates behind its third and fourth block, a witness."""

    def __init__(self, size, channels=4, features=32, classes=2):
        super().__init__()
        widths = [channels] + [features * 2**k for k in range(5)]
        blocks = [("encoder1", "enc1"), ("encoder2", "enc2"), ("encoder3", "enc3"),
                  ("encoder4", "enc4"), ("bottleneck", "bottleneck")]  # fmt: skip
        for k, (path, name) in enumerate(blocks):
            setattr(self, path, self.block(name, widths[k], widths[k + 1]))
        self.tau_k = Gate(4 * features, 16 * features)
        self.tau_l = Gate(8 * features, 16 * features)
        self.fc = nn.Linear(16 * features, classes)
        self.marginals = Marginals(size // 8, size // 8)

    @staticmethod
    def block(name, inputs, outputs):
        block = nn.Sequential()
        for k, count in ((1, inputs), (2, outputs)):
            block.add_module(f"{name}conv{k}", nn.Conv2d(count, outputs, 3, 1, 1, bias=False))
            block.add_module(f"{name}norm{k}", nn.BatchNorm2d(outputs))
            block.add_module(f"{name}relu{k}", nn.ReLU(inplace=True))
        return block

    def forward(self, x):
        x = F.max_pool2d(self.encoder2(F.max_pool2d(self.encoder1(x), 2)), 2)
        x, fine = self.tau_k(self.encoder3(x))
        x, coarse = self.tau_l(self.encoder4(F.max_pool2d(x, 2)))
        x = self.bottleneck(F.max_pool2d(x, 2))
        return self.fc(x.mean((2, 3))), ALPHA * self.marginals(fine, coarse)

    def freeze_backbone(self):
        """Everything but gates, witness and `fc`: no gradients, and batch norm in evaluation."""
        for path, child in self.named_children():
            if path in ("tau_k", "tau_l", "fc", "marginals"):
                continue
            child.requires_grad_(False).eval()

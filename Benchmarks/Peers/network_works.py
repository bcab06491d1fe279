"""What is compared: a network, a batch, what is done with it, and the ratio that is asked for."""

import dataclasses
import typing

import network_models as models
import torch


@dataclasses.dataclass
class Work:
    """One comparison. `timed-networks` knows it by the same name."""

    name: str
    # What the rows are called.
    title: str
    # The network, from the rows and columns of its images.
    build: typing.Callable
    # [batch, channels, rows, columns]
    images: list
    classes: int
    trains: bool
    # Our images per second over PyTorch's, at least.
    least_speed: float
    # Whether the memory of the process is compared too: 0.8 of PyTorch's at most.
    compares_memory: bool = True
    freezes: bool = False
    # Whether convolutions multiply bfloat16 numbers: PyTorch's autocast.
    is_bfloat16: bool = False

    def model(self):
        torch.manual_seed(20220717)
        model = self.build(self.images[-1])
        model.train(self.trains)
        if self.freezes:
            model.freeze_backbone()
        return model

    def batch(self):
        generator = torch.Generator().manual_seed(1)
        images = torch.randn(self.images, generator=generator)
        return images, torch.randint(self.classes, (self.images[0],), generator=generator)


WORKS = [
    Work("resnet50-training", "ResNet-50 training step, batch 8, 3x224x224",
         models.plain_resnet, [8, 3, 224, 224], 1000, True, 1.25),
    Work("resnet50-bfloat16-training", "ResNet-50 bfloat16 training step, batch 8, 3x224x224",
         models.plain_resnet, [8, 3, 224, 224], 1000, True, 1.2, is_bfloat16=True),
    Work("resnet50-inference", "ResNet-50 inference, batch 8, 3x224x224",
         models.plain_resnet, [8, 3, 224, 224], 1000, False, 1.05, compares_memory=False),
    Work("gated-resnet50-training", "gated ResNet-50 training step with Dual, batch 2, 3x512x512",
         models.GatedResNet, [2, 3, 512, 512], 3, True, 1.25),
    Work("unet-training", "U-Net encoder training step, batch 16, 4x256x256",
         models.UNetEncoder, [16, 4, 256, 256], 2, True, 1.25),
    Work("unet-frozen-training", "U-Net encoder training step, frozen backbone, batch 16, 4x256x256",
         models.UNetEncoder, [16, 4, 256, 256], 2, True, 1.25, freezes=True),
    Work("unet-bfloat16-inference", "U-Net encoder bfloat16 inference, batch 16, 4x256x256",
         models.UNetEncoder, [16, 4, 256, 256], 2, False, 1.0, compares_memory=False,
         is_bfloat16=True),
    Work("vit-training", "ViT-B/16 training step, batch 4, 3x224x224",
         models.vision_transformer, [4, 3, 224, 224], 1000, True, 1.5),
    Work("vit-inference", "ViT-B/16 inference, batch 8, 3x224x224",
         models.vision_transformer, [8, 3, 224, 224], 1000, False, 1.8, compares_memory=False),
]  # fmt: skip

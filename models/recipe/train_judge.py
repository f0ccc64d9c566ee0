"""Train the small classifier that tells evaluate_words.py which kind of thing stands in a hole.

  python train_judge.py      # a few minutes; writes $HETCUT_TRAIN_DIR/judge.pt

It learns from drawn things as the VAE decodes them, on the training photographs; its own accuracy on held-out
photographs is printed by evaluate_words.py beside the model's.
"""

import argparse
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from make_pool import load_vae
from objects import KINDS
from paths import train_dir
from train_words import EditPool

SIDE = 48  # px of what the judge sees: the hole's box
DRAWN = 3000  # things to learn from


class Judge(nn.Sequential):
    """[B, 3, SIDE, SIDE] in [-1, 1] -> logits of KINDS."""

    def __init__(self):
        def layer(cin, cout):
            return [nn.Conv2d(cin, cout, 3, stride=2, padding=1), nn.BatchNorm2d(cout), nn.ReLU()]
        super().__init__(*layer(3, 32), *layer(32, 64), *layer(64, 128), nn.Flatten(), nn.Dropout(0.2), nn.Linear(128 * 36, len(KINDS)))


def hole_box(picture: torch.Tensor, hole: torch.Tensor) -> torch.Tensor:
    """picture [3, 8h, 8w], hole [h, w] -> the hole's bounding box, [3, SIDE, SIDE]."""
    rows, cols = hole.any(dim=1).nonzero().flatten(), hole.any(dim=0).nonzero().flatten()
    part = picture[:, 8 * rows[0]:8 * rows[-1] + 8, 8 * cols[0]:8 * cols[-1] + 8]
    return F.interpolate(part[None], (SIDE, SIDE), mode="bilinear", align_corners=False, antialias=True)[0]


@torch.no_grad()
def examples(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    pool, vae, rng = EditPool(), load_vae(), np.random.default_rng(1)
    pictures, kinds = [], []
    while len(kinds) < count:
        batch = pool.batch(rng, 2048)
        with torch.autocast("cpu", torch.bfloat16):
            decoded = vae.decode(vae.denormalise(batch["target"])).float().clamp(-1, 1)
        for picture, hole, thing in zip(decoded[:, :, 0], batch["hole"][:, 0], batch["things"]):
            if thing is not None:
                pictures.append(hole_box(picture, hole > 0))
                kinds.append(KINDS.index(thing.kind))
    return torch.stack(pictures), torch.tensor(kinds)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=16)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    start = time.time()
    pictures, kinds = examples(DRAWN)
    judge = Judge()
    steps = args.epochs * (len(kinds) // 64)
    optimiser = torch.optim.AdamW(judge.parameters(), lr=2e-3, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 2e-3, total_steps=steps)
    for step in range(steps):
        rows = torch.randint(len(kinds), (64,))
        seen = pictures[rows]
        seen = torch.where(torch.rand(64, 1, 1, 1) < 0.5, seen.flip(-1), seen)
        seen = seen[:, torch.randperm(3)] * (0.7 + 0.6 * torch.rand(64, 1, 1, 1))  # the kind is not in the colour
        loss = F.cross_entropy(judge(seen), kinds[rows], label_smoothing=0.05)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        if step % 100 == 0:
            print(f"step {step} of {steps} loss {loss.item():.3f} {time.time() - start:.0f} s", flush=True)
    torch.save(judge.state_dict(), train_dir() / "judge.pt")


if __name__ == "__main__":
    main()

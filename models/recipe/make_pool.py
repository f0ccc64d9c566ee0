"""Encode clips into a pool of latents for train_dit.py; run it beside the training.

  python make_pool.py --clips 6000

Encoding a sample costs more than a training step on it, so each clip is stored once at 192 x 192 x 17
and used several times, at other crops and with other noise. Writes pool/<n>.pt of 32 clips each; goes
on where it stopped. The VAE must be final before the first shard.
"""

import argparse
import os
import time

import numpy as np
import torch

from data import load_pictures, make_clip
from paths import train_dir
from samples import encode_control
from vae import WanVae

FRAMES, SIZE, SHARD = 17, 192, 32
STILL, PLATE = 0.75, 0.25  # shares of fixed cameras, and of those with only never-seen places left to fill


def load_vae() -> WanVae:
    """The trained VAE with its latent statistics, from $HETCUT_TRAIN_DIR/vae.pt."""
    saved = torch.load(train_dir() / "vae.pt")
    vae = WanVae().eval()
    vae.load_state_dict(saved["vae"])
    vae.mean.copy_(saved["mean"])
    vae.std.copy_(saved["std"])
    return vae


def shard(vae: WanVae, rng: np.random.Generator, pictures, count: int) -> dict:
    """target, inactive, reactive [N, 16, 5, 24, 24] float16; mask [N, 17, 192, 192] uint8."""
    parts = {"target": [], "inactive": [], "reactive": [], "mask": []}
    for start in range(0, count, 2):
        clips = [make_clip(rng, pictures, FRAMES, (SIZE, SIZE), STILL, PLATE) for _ in range(min(2, count - start))]
        video, target = (torch.from_numpy(np.stack([getattr(c, name) for c in clips])).permute(0, 4, 1, 2, 3).contiguous()
                         for name in ("context", "target"))
        mask = torch.from_numpy(np.stack([c.mask for c in clips]))
        # bfloat16 is 3x faster on these cores and moves the weakest latent by 1 % of its spread: far below what is learned.
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            parts["target"].append(vae.normalise(vae.encode(target)).half())
            inactive, reactive = encode_control(vae, video, mask)
        parts["inactive"].append(inactive.half())
        parts["reactive"].append(reactive.half())
        parts["mask"].append(mask.to(torch.uint8))
    return {key: torch.cat(value) for key, value in parts.items()}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--clips", type=int, default=6000)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--worker", type=int, default=0, help="number of this process, where several run")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    folder = train_dir() / "pool"
    folder.mkdir(exist_ok=True)
    vae = load_vae()
    sets = {"train": load_pictures(train_dir() / "bank.npz", "train"), "test": load_pictures(train_dir() / "bank.npz", "test")}
    if args.worker == 0 and not (folder / "test.pt").exists():
        torch.save(shard(vae, np.random.default_rng(777), sets["test"], 32), folder / "test.pt")
    for index in range(args.clips // SHARD):
        path = folder / f"{args.worker}-{index:04d}.pt"
        if path.exists():
            continue
        start = time.time()
        torch.save(shard(vae, np.random.default_rng([args.worker, index]), sets["train"], SHARD), str(path) + ".new")
        os.replace(str(path) + ".new", path)
        print(f"{path.name} {SHARD / (time.time() - start):.2f} clips/s", flush=True)


if __name__ == "__main__":
    main()

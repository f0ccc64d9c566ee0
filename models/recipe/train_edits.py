"""Draw edits and encode them into a pool for train_words.py; run it beside the training.

  python train_edits.py images      # 1 frame; goes on until the pool has --shards of them, then replaces the oldest
  python train_edits.py clips       # 9 and 17 frames

A shard holds the edits of one shape. Rendering and encoding an outcome costs as much as a training step on
it, so each is stored and used several times. Writes edits/images-<time>.pt or clips-<time>.pt in $HETCUT_TRAIN_DIR; the VAE is frozen.
"""

import argparse
import os
import time

import numpy as np
import torch

from data import load_pictures
from edits import OUTCOMES, make_edit
from make_pool import load_vae
from paths import train_dir
from samples import mask_channels, hole_share
from vae import WanVae

# (frames, px, edits of a shard, share of the shards)
SHAPES = {"images": [(1, 128, 96, 0.75), (1, 192, 48, 0.25)], "clips": [(9, 128, 32, 0.7), (17, 128, 16, 0.3)]}


@torch.no_grad()
def encode(vae: WanVae, video: np.ndarray) -> torch.Tensor:
    """[B, T, H, W, 3] in [-1, 1] -> normalised latents [B, 16, t, h, w], float16."""
    pixels = torch.from_numpy(np.ascontiguousarray(video)).permute(0, 4, 1, 2, 3).contiguous()
    # bfloat16 is 3x faster on these cores and moves the weakest latent by 1 % of its spread.
    with torch.autocast("cpu", torch.bfloat16):
        return vae.normalise(vae.encode(pixels)).half()


def make_shard(vae: WanVae, rng: np.random.Generator, pictures, frames: int, side: int, count: int) -> dict:
    """target [N * OUTCOMES, 16, t, h, w], inactive and reactive [N, ...] of the same, mask [N, 64, t, h, w] and hole [N, t, h, w]
    (both uint8: 0 or 1), things: N * OUTCOMES of them. Outcome i belongs to edit i // OUTCOMES."""
    parts = {"target": [], "inactive": [], "reactive": [], "mask": [], "hole": []}
    things = []
    for _ in range(count):
        edit = make_edit(rng, pictures, frames, side)
        hole = edit.mask[..., None]
        codes = encode(vae, np.stack([*edit.targets, edit.source * (1 - hole), edit.source * hole]).astype(np.float32))
        mask = torch.from_numpy(edit.mask)[None]
        parts["target"].append(codes[:-2])
        parts["inactive"].append(codes[-2:-1])
        parts["reactive"].append(codes[-1:])
        parts["mask"].append(mask_channels(mask).to(torch.uint8))
        parts["hole"].append(hole_share(mask).to(torch.uint8))
        things += edit.things
    return {**{key: torch.cat(value) for key, value in parts.items()}, "things": things}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=list(SHAPES))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--shards", type=int, default=150, help="kept at most; a shard is about 10 MB")
    parser.add_argument("--once", action="store_true", help="end when there are so many, instead of replacing old ones")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    folder = train_dir() / "edits"
    folder.mkdir(exist_ok=True)
    vae = load_vae()
    pictures = load_pictures(train_dir() / "bank.npz", "train")
    shapes = SHAPES[args.kind]
    rng = np.random.default_rng()
    while not (args.once and len(list(folder.glob(f"{args.kind}-*.pt"))) >= args.shards):
        start = time.time()
        frames, side, count, _ = shapes[rng.choice(len(shapes), p=[shape[3] for shape in shapes])]
        path = folder / f"{args.kind}-{int(start * 1000):013d}.pt"
        torch.save({**make_shard(vae, rng, pictures, frames, side, count), "shape": (frames, side)}, str(path) + ".new")
        os.replace(str(path) + ".new", path)
        for old in sorted(folder.glob(f"{args.kind}-*.pt"))[: -args.shards]:
            old.unlink()
        print(f"{frames} x {side} px: {count * OUTCOMES / (time.time() - start):.1f} outcomes/s", flush=True)


if __name__ == "__main__":
    main()

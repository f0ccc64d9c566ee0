"""Measure the model inside the hole, beside mean colour, push-pull and Telea.

  python evaluate.py                                # held-out pictures under synthetic cameras
  python evaluate.py --search                       # steps and strength on those; writes the best for export.py
  python evaluate.py --clip DIR [--clip DIR ...]    # folders of clip.mp4, mask.mkv, plate.png (never trained or searched on)
  --model DIR     default models/starter, as exported: float16 weights, as the application reads them
  --sheet X.png   contact sheet: the clip with its hole, push-pull, model, truth

PSNR is over the masked pixels of all frames of a clip, at the clip's own size, from 8-bit RGB; the mean
is over clips.
"""

import argparse
import json
import math
import time
from pathlib import Path

import cv2
import numpy as np
import torch
from safetensors.torch import load_file

import samples
from data import load_pictures, make_clip
from dit import WanVaceDit
from paths import starter_dir, train_dir
from push_pull import push_pull
from vae import WanVae

WINDOW = 17  # frames
SEARCHED = [(1, 1.0), (4, 1.0), (4, 0.75), (4, 0.5), (8, 1.0), (8, 0.5)]  # (steps, strength)


class Starter:
    """The exported folder, run by this recipe's networks (checked equal to diffusers' by export.py --check)."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.settings = json.loads((folder / "hetcut.json").read_text())
        self.dit, self.vae = WanVaceDit().eval(), WanVae().eval()
        for module, part in ((self.dit, "transformer"), (self.vae, "vae")):
            state = load_file(folder / part / "diffusion_pytorch_model.safetensors")
            module.load_state_dict({key: value.float() for key, value in state.items()})
        config = json.loads((folder / "vae" / "config.json").read_text())
        self.vae.mean.copy_(torch.tensor(config["latents_mean"]))
        self.vae.std.copy_(torch.tensor(config["latents_std"]))

    @torch.no_grad()
    def remove(self, video: torch.Tensor, mask: torch.Tensor, steps: int, strength: float, seed: int = 0) -> torch.Tensor:
        """video [3, T, H, W] in [-1, 1], mask [T, H, W], H and W multiples of 16 -> [3, T, H, W], the hole replaced."""
        latents = self.sample(*self.conditions(video, mask), steps, strength, seed)
        frames = self.vae.decode(self.vae.denormalise(latents))[0].clamp(-1, 1)
        return torch.where(mask[None] > 0.5, frames, video)

    @torch.no_grad()
    def conditions(self, video, mask):
        """-> control [1, 96, t, h, w] and the filled clip's latents [1, 16, t, h, w]."""
        inactive, reactive = samples.encode_control(self.vae, video[None], mask[None])
        fill = samples.filled_latents(inactive, reactive, samples.empty_latents(self.vae, video.shape[1]))
        return torch.cat([inactive, reactive, samples.mask_channels(mask[None])], dim=1), fill

    @torch.no_grad()
    def sample(self, control, fill, steps: int, strength: float, seed: int):
        """UniPC as configured. strength < 1 starts from the noised fill, at the first step whose sigma is at most this."""
        from diffusers import UniPCMultistepScheduler
        scheduler = UniPCMultistepScheduler.from_pretrained(self.folder / "scheduler")
        scheduler.set_timesteps(steps)
        first = next((i for i, sigma in enumerate(scheduler.sigmas[:steps]) if sigma <= strength), steps - 1)
        scheduler.set_begin_index(first)
        sigma = float(scheduler.sigmas[first])
        noise = torch.randn(fill.shape, generator=torch.Generator().manual_seed(seed))
        latents = noise if first == 0 else (1 - sigma) * fill + sigma * noise
        for timestep in scheduler.timesteps[first:]:
            velocity = self.dit.velocity(latents, control, timestep[None])
            latents = scheduler.step(velocity.float(), timestep, latents, return_dict=False)[0]
        return latents


# ---------------------------------------------------------------- fills to compare with; video [3, T, H, W]


def mean_colour(video, mask):
    keep = (mask <= 0.5)[None].float()
    mean = (video * keep).sum(dim=(2, 3), keepdim=True) / keep.sum(dim=(2, 3), keepdim=True).clamp_min(1)
    return torch.where(mask[None] > 0.5, mean.expand_as(video), video)


def push_pull_fill(video, mask):
    return push_pull(video.transpose(0, 1), mask[:, None]).transpose(0, 1)


def telea(video, mask, radius: int = 5):
    frames = ((video + 1) * 127.5).round().clamp(0, 255).byte().permute(1, 2, 3, 0).numpy()
    filled = [cv2.inpaint(f, (m.numpy() > 0.5).astype(np.uint8), radius, cv2.INPAINT_TELEA) for f, m in zip(frames, mask)]
    return torch.from_numpy(np.stack(filled)).permute(3, 0, 1, 2).float() / 127.5 - 1


def psnr_in_hole(result, truth, mask) -> float:
    """dB over masked pixels, after rounding to 8 bit."""
    a, b = (((x.clamp(-1, 1) + 1) * 127.5).round() for x in (result, truth))
    hole = (mask > 0.5)[None].expand_as(a)
    return 10 * math.log10(255**2 / max(1e-9, (a - b)[hole].square().mean().item()))


# ---------------------------------------------------------------- clips


def held_out_clips(count: int, size=(192, 256)):
    """Synthetic clips of the held-out pictures: (name, video, mask, truth); the same for a given count and size.

    Alternately a fixed camera with walking holes (most places are seen in some frame) and a moving one.
    """
    pictures = load_pictures(train_dir() / "bank.npz", "test")
    rng = np.random.default_rng(2024)
    for index in range(count):
        still = index % 2 == 0
        clip = make_clip(rng, pictures, WINDOW, size, still_share=float(still), plate_share=0.0)
        video, truth = (torch.from_numpy(x).permute(3, 0, 1, 2).contiguous() for x in (clip.context, clip.target))
        yield f"{'still' if still else 'moving'} {index}", video, torch.from_numpy(clip.mask), truth


def read_clip(folder: Path):
    """clip.mp4, mask.mkv and plate.png -> video [3, T, H, W], mask [T, H, W], truth [3, T, H, W]."""
    def frames(path):
        capture, rows = cv2.VideoCapture(str(path)), []
        while (got := capture.read())[0]:
            rows.append(got[1])
        return np.stack(rows)
    to_unit = lambda x: torch.from_numpy(x[..., ::-1].astype(np.float32) / 127.5 - 1).permute(3, 0, 1, 2).contiguous()
    video = to_unit(frames(folder / "clip.mp4"))
    mask = torch.from_numpy((frames(folder / "mask.mkv")[..., 0] > 127).astype(np.float32))
    plate = to_unit(cv2.imread(str(folder / "plate.png"))[None])
    return video, mask, plate.expand_as(video)


def working_size(height: int, width: int, pixels: int) -> tuple[int, int]:
    """Multiples of 16, at most `pixels`, never enlarged."""
    scale = min(1.0, math.sqrt(pixels / (height * width)))
    return max(16, int(height * scale) // 16 * 16), max(16, int(width * scale) // 16 * 16)


def remove_long(model: Starter, video, mask, steps, strength):
    """A clip of any size and length: scaled to the working size, windows of 17 frames, hole pasted back at full size."""
    _, count, height, width = video.shape
    small = working_size(height, width, model.settings["workingPixels"])
    out = video.clone()
    start = 0
    while start < count:
        first = max(0, min(start, count - WINDOW))
        part, hole = video[:, first:first + WINDOW], mask[first:first + WINDOW]
        low = torch.stack(
            [torch.from_numpy(cv2.resize(f.permute(1, 2, 0).numpy(), small[::-1], interpolation=cv2.INTER_AREA)).permute(2, 0, 1)
             for f in part.transpose(0, 1)], dim=1)
        low_hole = torch.nn.functional.adaptive_max_pool2d(hole[:, None], small)[:, 0]
        result = model.remove(low, low_hole, steps, strength)
        big = torch.stack([torch.from_numpy(cv2.resize(f.permute(1, 2, 0).numpy(), (width, height), interpolation=cv2.INTER_CUBIC)).permute(2, 0, 1)
                           for f in result.transpose(0, 1)], dim=1)
        piece = torch.where(hole[None] > 0.5, big, part)
        out[:, start:first + WINDOW] = piece[:, start - first:]
        start = first + WINDOW
    return out


def contact_sheet(rows, path: str) -> None:
    """rows: lists of [3, H, W] in [-1, 1], all of one height a row."""
    lines = []
    for row in rows:
        line = torch.cat(row, dim=2)
        lines.append(((line.clamp(-1, 1) + 1) * 127.5).byte().permute(1, 2, 0).numpy()[..., ::-1])
    width = max(line.shape[1] for line in lines)
    lines = [cv2.copyMakeBorder(line, 0, 4, 0, width - line.shape[1], cv2.BORDER_CONSTANT) for line in lines]
    cv2.imwrite(path, np.concatenate(lines))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", type=Path, default=starter_dir())
    parser.add_argument("--clip", type=Path, action="append", default=[])
    parser.add_argument("--count", type=int, default=12, help="held-out clips")
    parser.add_argument("--steps", type=int)
    parser.add_argument("--strength", type=float)
    parser.add_argument("--search", action="store_true")
    parser.add_argument("--sheet")
    parser.add_argument("--json", type=Path, help="write the table here")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    model = Starter(args.model)
    steps = args.steps or model.settings["recommendedSteps"]
    strength = args.strength if args.strength is not None else model.settings.get("strength", 1.0)

    if args.search:
        table = {}
        clips = [(mask, truth, video, model.conditions(video, mask)) for _, video, mask, truth in held_out_clips(args.count)]
        for steps, strength in SEARCHED:
            values = []
            for mask, truth, video, conditions in clips:
                latents = model.sample(*conditions, steps, strength, 0)
                with torch.no_grad():
                    values.append(psnr_in_hole(model.vae.decode(model.vae.denormalise(latents))[0], truth, mask))
            table[(steps, strength)] = float(np.mean(values))
            print(f"steps {steps:2d} strength {strength:.2f}  {table[(steps, strength)]:.2f} dB", flush=True)
        # The application caches between steps, so fewer than 4 leave it nothing to do. Of the others, what lies within
        # 0.1 dB of the best counts as equal; then fewer steps win, then the start from noise, which every sampler has.
        useful = [key for key in table if key[0] >= 4]
        top = max(table[key] for key in useful)
        best = min((key for key in useful if table[key] > top - 0.1), key=lambda key: (key[0], -key[1]))
        (train_dir() / "hetcut-settings.json").write_text(json.dumps({"recommendedSteps": best[0], "strength": best[1]}))
        print("best", best)
        return

    rows, table = [], []
    named = [(folder.name, *read_clip(folder)) for folder in args.clip] if args.clip else held_out_clips(args.count)
    for name, video, mask, truth in named:
        fills = {"mean": mean_colour(video, mask), "push-pull": push_pull_fill(video, mask), "telea": telea(video, mask)}
        start = time.time()
        fills["model"] = remove_long(model, video, mask, steps, strength) if args.clip else model.remove(video, mask, steps, strength)
        seconds = time.time() - start
        if not args.clip:
            with torch.no_grad():
                fills["vae"] = model.vae.decode(model.vae.encode(truth[None]))[0]
        row = {"clip": name, **{key: round(psnr_in_hole(value, truth, mask), 2) for key, value in fills.items()}}
        table.append(row)
        print(row, f"{seconds:.1f} s", flush=True)
        for t in ([4, video.shape[1] // 2, video.shape[1] - 4] if args.clip else [8]):
            holed = torch.where(mask[t] > 0.5, torch.tensor(1.0), video[:, t])
            rows.append([holed, fills["push-pull"][:, t], fills["model"][:, t], truth[:, t]])
    for kind in ("still", "moving"):
        part = [row for row in table if row["clip"].startswith(kind)]
        if part:
            print(kind, {key: round(float(np.mean([row[key] for row in part])), 2) for key in part[0] if key != "clip"})
    average = {key: round(float(np.mean([row[key] for row in table])), 2) for key in table[0] if key != "clip"}
    print("mean", average, f"steps {steps} strength {strength}")
    if args.json:
        args.json.write_text(json.dumps({"steps": steps, "strength": strength, "mean": average, "clips": table}, indent=1))
    if args.sheet:
        contact_sheet(rows, args.sheet)


if __name__ == "__main__":
    main()

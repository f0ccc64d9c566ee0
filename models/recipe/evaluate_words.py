"""Does models/words draw what it is told? 60 prompts on held-out photographs, and how hard it is to cache.

  python evaluate_words.py                     # colour and kind, in % of the prompts; words.json in $HETCUT_TRAIN_DIR/report
  python evaluate_words.py --cache             # dB of reusing every second call, and between two seeds
  --model DIR     default ../words;  --checkpoint: the newest words.pt instead
  --sheet X.png   24 of them: the scene with its hole, the result, the drawn thing

The colour is that of most of the pixels which differ from the scene without anything in it, each taken for the
nearest shade of COLOURS. The kind is what the classifier of train_judge.py says. Both are also told of the
drawn things themselves, through the VAE: what this way of measuring allows.
"""

import argparse
import json
import math
from pathlib import Path

import cv2
import numpy as np
import torch

import samples
from data import load_pictures
from edits import KIND_WORDS, MATERIAL_WORDS, article, make_edit
from export import SCHEDULER
from export_words import HETCUT, load_exported
from make_pool import load_vae
from objects import COLOURS, KINDS, MATERIALS, Thing
from paths import train_dir, words_dir
from train_edits import encode
from train_judge import Judge, hole_box
from train_words import load_words

CHANGED = 0.12  # of 0 to 1: a pixel differs from the scene where the mean of its channels' differences does by this
SHADES = np.linspace(0.35, 1.15, 17)


def held_out(count: int, frames: int, side: int, shown: str):
    """(prompt, thing, edit) on held-out photographs: the same for the same arguments. targets: the thing drawn, the empty scene."""
    pictures = load_pictures(train_dir() / "bank.npz", "test")
    rng = np.random.default_rng(77)
    for index in range(count):
        kind = KINDS[index % len(KINDS)]
        colour = list(COLOURS)[(index * 5 + index // 9) % len(COLOURS)]
        material = "plain" if kind == "plant" else MATERIALS[(index // len(KINDS)) % len(MATERIALS)]
        words = " ".join(word for word in (colour, MATERIAL_WORDS[material][0], KIND_WORDS[kind][0]) if word)
        thing = Thing(kind, colour, material)
        yield f"{article(words)} {words}", thing, make_edit(rng, pictures, frames, side, things=[thing, None], shown=shown)


def control_of(vae, edit) -> torch.Tensor:
    """[1, 96, t, h, w]."""
    hole = edit.mask[..., None]
    codes = encode(vae, np.stack([edit.source * (1 - hole), edit.source * hole]).astype(np.float32)).float()
    return torch.cat([codes[:1], codes[1:], samples.mask_channels(torch.from_numpy(edit.mask)[None])], dim=1)


@torch.no_grad()
def sample(model, control: torch.Tensor, prompts: list[str], steps: int, guidance: float, seed: int, every: int = 1) -> torch.Tensor:
    """Latents [B, 16, t, h, w] by UniPC; every = 2 computes each second call and reuses its velocity for the next."""
    from diffusers import UniPCMultistepScheduler

    scheduler = UniPCMultistepScheduler.from_config(SCHEDULER)
    scheduler.set_timesteps(steps)
    b, _, t, h, w = control.shape
    latents = torch.randn(b, 16, t, h, w, generator=torch.Generator().manual_seed(seed))
    text, twice = model.text([*prompts, *[""] * b]), torch.cat([control, control])
    for step, timestep in enumerate(scheduler.timesteps):
        if step % every == 0:
            said, unsaid = model.dit.velocity(torch.cat([latents, latents]), twice, timestep.expand(2 * b), text).float().chunk(2)
            velocity = unsaid + guidance * (said - unsaid)
        latents = scheduler.step(velocity, timestep, latents, return_dict=False)[0]
    return latents


@torch.no_grad()
def decode(vae, latents: torch.Tensor) -> torch.Tensor:
    """[B, 3, T, H, W] in [-1, 1]."""
    return torch.cat([vae.decode(vae.denormalise(part)).clamp(-1, 1) for part in latents.split(4)])


def colour_of(picture: np.ndarray, scene: np.ndarray, mask: np.ndarray, thing: Thing) -> str | None:
    """picture, scene [H, W, 3] in [-1, 1]; mask [H, W]. None where hardly anything differs. The white of stripes does not count."""
    changed = (np.abs(picture - scene).mean(axis=2) / 2 > CHANGED) & (mask > 0.5)
    if changed.sum() < 0.03 * (mask > 0.5).sum():
        return None
    pixels = (picture[changed] + 1) / 2
    palette = np.concatenate([np.array(rgb)[None] * SHADES[:, None] for rgb in COLOURS.values()])
    nearest = np.square(pixels[:, None] - palette[None]).sum(axis=2).argmin(axis=1) // len(SHADES)
    votes = np.bincount(nearest, minlength=len(COLOURS))
    if thing.material == "striped" and thing.colour != "white":
        votes[list(COLOURS).index("white")] = 0
    return list(COLOURS)[votes.argmax()]


def psnr(a: torch.Tensor, b: torch.Tensor, hole: torch.Tensor) -> float:
    """dB in the hole; a, b [3, T, H, W] in [-1, 1]; hole [T, H, W]."""
    error = (a - b).square()[(hole > 0.5)[None].expand_as(a)].mean().item()
    return 10 * math.log10(4 / max(error, 1e-9))


def say_words(args, model, vae) -> None:
    judge = Judge().eval()
    judge.load_state_dict(torch.load(train_dir() / "judge.pt"))
    rows, tiles = [], []
    cases = list(held_out(args.count, args.frames, args.side, args.shown))
    for start in range(0, len(cases), 12):
        part = cases[start:start + 12]
        control = torch.cat([control_of(vae, edit) for _, _, edit in part])
        result = decode(vae, sample(model, control, [prompt for prompt, _, _ in part], args.steps, args.guidance, args.seed))
        drawn = decode(vae, encode(vae, np.stack([edit.targets[0] for _, _, edit in part])).float())
        for i, (prompt, thing, edit) in enumerate(part):
            frame = args.frames // 2
            hole = samples.hole_share(torch.from_numpy(edit.mask)[None])[0, -1 if args.frames > 1 else 0] > 0
            row = {"prompt": prompt}
            for name, video in (("model", result[i]), ("drawn", drawn[i])):
                picture = video[:, frame]
                with torch.no_grad():
                    row[name] = {"kind": KINDS[judge(hole_box(picture, hole)[None]).argmax().item()],
                                 "colour": colour_of(picture.permute(1, 2, 0).numpy(), edit.targets[1][frame], edit.mask[frame],
                                           thing)}
            rows.append(row)
            mask = edit.mask[frame][..., None]
            shown = np.where(mask > 0, edit.source[frame] * 0.75 + 0.25, edit.source[frame])
            pasted = np.where(mask > 0, result[i][:, frame].permute(1, 2, 0).numpy(), edit.source[frame])
            tile = np.concatenate([shown, pasted, edit.targets[0][frame]], axis=1)
            tiles.append(labelled((tile + 1) * 127.5, f"{prompt} / {row['model']['colour']} {row['model']['kind']}"))
            if args.frames > 1:
                ends = np.concatenate([np.where(edit.mask[t][..., None] > 0, result[i][:, t].permute(1, 2, 0).numpy(), edit.source[t])
                                       for t in (0, frame, -1)], axis=1)
                tiles.append(labelled((ends + 1) * 127.5, "first, middle and last frame"))
    asked = [thing for _, thing, _ in cases]
    report = {"prompts": len(rows), "frames": args.frames, "side": args.side, "steps": args.steps, "guidance": args.guidance,
              "shown": args.shown, **{f"{who} {what} %": round(100 * float(np.mean([row[who][what] == getattr(thing, what)
                                                                   for row, thing in zip(rows, asked)])), 1)
                 for who in ("model", "drawn") for what in ("colour", "kind")}}
    print(report)
    (train_dir() / "report").mkdir(exist_ok=True)
    name = f"words-{args.shown}-{args.frames}x{args.side}.json"
    (train_dir() / "report" / name).write_text(json.dumps({**report, "rows": rows}, indent=1))
    if args.sheet:
        tiles = tiles[:24]
        lines = [np.concatenate(tiles[i:i + 3], axis=1) for i in range(0, len(tiles) // 3 * 3, 3)]
        cv2.imwrite(args.sheet, np.concatenate(lines)[..., ::-1])


def labelled(tile: np.ndarray, words: str) -> np.ndarray:
    tile = cv2.copyMakeBorder(np.ascontiguousarray(tile.clip(0, 255).astype(np.uint8)), 16, 2, 2, 2, cv2.BORDER_CONSTANT)
    return cv2.putText(tile, words, (4, 12), cv2.FONT_HERSHEY_SIMPLEX, 0.38, (255, 255, 255), 1, cv2.LINE_AA)


def say_cache(args, model, vae) -> None:
    table = {"reuse every second call": [], "two seeds": []}
    for prompt, _, edit in held_out(args.count, args.frames, args.side, args.shown):
        control, mask = control_of(vae, edit), torch.from_numpy(edit.mask)
        own, reused, other = (decode(vae, sample(model, control, [prompt], args.steps, args.guidance, seed, every))[0]
                              for seed, every in ((args.seed, 1), (args.seed, 2), (args.seed + 1, 1)))
        table["reuse every second call"].append(psnr(own, reused, mask))
        table["two seeds"].append(psnr(own, other, mask))
    print({key: f"mean {np.mean(values):.1f} dB, from {min(values):.1f} to {max(values):.1f}" for key, values in table.items()},
          f"{args.count} prompts, {args.steps} steps, guidance {args.guidance}, {args.frames} x {args.side} px")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", type=Path, default=words_dir())
    parser.add_argument("--checkpoint", action="store_true")
    parser.add_argument("--cache", action="store_true")
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--frames", type=int, default=1)
    parser.add_argument("--side", type=int, default=128)
    parser.add_argument("--shown", default="fill", choices=["fill", "scene", "other"], help="what stands in the hole before")
    parser.add_argument("--steps", type=int, default=HETCUT["recommendedSteps"])
    parser.add_argument("--guidance", type=float, default=HETCUT["guidanceScale"])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--sheet")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    model = load_words()[0].eval() if args.checkpoint else load_exported(args.model)
    (say_cache if args.cache else say_words)(args, model, load_vae())


if __name__ == "__main__":
    main()

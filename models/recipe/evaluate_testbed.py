"""Is the test bed as hard to cache as real models are? In the hole, of its latents (which are its pixels):

  python evaluate_testbed.py                  # ../testbed;  --checkpoint: the newest testbed.pt

- every second call reused as it is, against the model's own run: 20 to 30 dB, as published for Wan2.1
- two seeds of one prompt: at most 15 dB, or it does not sample
- share of the cells nearest to one of the two colours asked for

Peak 2 (-1 to 1), values clipped to it as pixels are; dB of the mean squared error over the scenes, and the mean of their dB in
brackets: a few scenes in which another outcome wins make most of the first. Exits with 1 where it is not accepted.
"""

import argparse
from pathlib import Path

import torch

from export_testbed import HETCUT, load_exported
from paths import starter_dir, train_dir
from testbed_dit import TestbedDit
from testbed_scenes import CELLS, FRAMES, PAIRS, PALETTE, control, scenes
from testbed_text import encoded_captions
from export import SCHEDULER


@torch.no_grad()
def sample(net, context, prompt, empty, steps: int, guidance: float, seed: int, every: int = 1) -> torch.Tensor:
    """Latents [B, 3, t, h, w] by UniPC; every = 2 computes each second call and reuses its velocity for the next."""
    from diffusers import UniPCMultistepScheduler

    scheduler = UniPCMultistepScheduler.from_config({**SCHEDULER, "flow_shift": HETCUT["flowShift"]})
    scheduler.set_timesteps(steps)
    count = len(context)
    x = torch.randn(count, 3, FRAMES, CELLS, CELLS, generator=torch.Generator().manual_seed(seed))
    text, twice = torch.cat([prompt, empty]), torch.cat([context, context])
    for step, timestep in enumerate(scheduler.timesteps):
        if step % every == 0:
            said, unsaid = net(torch.cat([x, x]), twice, timestep.expand(2 * count), text).chunk(2)
            velocity = unsaid + guidance * (said - unsaid)
        x = scheduler.step(velocity, timestep, x, return_dict=False)[0]
    return x.clamp(-1, 1)


def psnr(a, b, masks) -> tuple[float, float]:
    """dB in the holes: of the mean squared error over the scenes, and the mean of the scenes' own."""
    hole = masks[:, None, None].expand_as(a)
    error = ((a - b).square() * hole).sum(dim=(1, 2, 3, 4)) / hole.sum(dim=(1, 2, 3, 4))
    return (10 * torch.log10(4 / error.mean())).item(), (10 * torch.log10(4 / error.clamp_min(1e-9))).mean().item()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", type=Path, default=starter_dir().parent / "testbed")
    parser.add_argument("--checkpoint", help="a file of $HETCUT_TRAIN_DIR instead of a model's folder")
    parser.add_argument("--count", type=int, default=24)
    parser.add_argument("--steps", type=int, default=HETCUT["recommendedSteps"])
    parser.add_argument("--guidance", type=float, default=HETCUT["guidanceScale"])
    args = parser.parse_args()
    torch.set_num_threads(1)
    if args.checkpoint:
        net = TestbedDit()
        saved = torch.load(train_dir() / args.checkpoint)
        net.load_state_dict(saved["dit"])
        print("step", saved["step"], "minutes", round(saved["minutes"], 1))
    else:
        net = load_exported(args.model)
    context, target, masks, pairs = scenes(args.count, torch.Generator().manual_seed(1001))
    words = encoded_captions()
    inputs = control(context, masks), words[pairs], words[-1:].expand(args.count, -1, -1), args.steps, args.guidance
    own, reused, other = sample(net, *inputs, 0), sample(net, *inputs, 0, 2), sample(net, *inputs, 1)
    (caching, each), (seeds, _) = psnr(own, reused, masks), psnr(own, other, masks)
    cells = own.movedim(1, -1)[(masks[:, None] > 0).expand(-1, FRAMES, -1, -1)]
    asked = torch.tensor(PAIRS)[pairs][:, None, None, None].expand(-1, FRAMES, CELLS, CELLS, -1)[
        (masks[:, None] > 0).expand(-1, FRAMES, -1, -1)]
    nearest = torch.cdist(cells, PALETTE).argmin(dim=1)
    right = (nearest[:, None] == asked).any(dim=1).float().mean().item()
    distance = torch.cdist(cells, PALETTE).min(dim=1).values.mean().item()
    accepted = 20 <= caching <= 30 and seeds <= 15
    print(f"{args.steps} steps, guidance {args.guidance}: reuse of every second call {caching:.1f} dB ({each:.1f}; 20 to 30), two seeds {seeds:.1f} dB "
          f"(at most 15), {100 * right:.0f} % of the cells in a colour asked for, {distance:.2f} from it: "
          f"{'accepted' if accepted else 'NOT accepted'}")
    raise SystemExit(0 if accepted else 1)


if __name__ == "__main__":
    main()

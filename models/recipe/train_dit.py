"""Train the transformer on the pool of latents that make_pool.py keeps filling. Resumes by itself.

  python train_dit.py --minutes 100

Target: the velocity that leads from x_t to the empty scene, where x_t is the noised push-pull fill. Flow
matching (Lipman et al. 2023) would noise the truth instead; a network this small then learns to trust what
stands in the hole, and in few steps keeps its own speckle (measured after 100 steps: 25.9 dB in one sampling
step, 22.6 in sixteen). Noising the fill leaves nothing to trust: the estimate stays the mean of what the
context allows at every noise level, more steps do no harm, and sampling may start from the fill.

Writes $HETCUT_TRAIN_DIR/dit.pt (averaged weights, for export.py) and dit-state.pt (to resume).
"""

import argparse
import math
import os
import time

import numpy as np
import torch

import samples
from dit import WanVaceDit, construct, fit_output, patchify
from make_pool import load_vae
from paths import train_dir

# (latent frames, latent rows = columns, share of the batches): 128 px of 17 frames, 192 px, 128 px of 9 frames
SHAPES = [(5, 16, 0.6), (5, 24, 0.2), (3, 16, 0.2)]
KEEP = 0.7  # share of the tokens that a training step sees; the hole's tokens come first
FROM_FILL = 1.0  # share of samples whose x_t is made from the fill; lower trusts x_t more and samples worse in few steps
CLAMP_SIGMA = 0.4  # loss on x0, weighted 1 / max(sigma, this)^2


class Pool:
    """All shards in memory, float16. Looks for new ones now and then."""

    def __init__(self):
        self.seen, self.shards = set(), []
        self.refresh()

    def refresh(self) -> None:
        for path in sorted((train_dir() / "pool").glob("[0-9]*.pt")):
            if path not in self.seen:
                self.seen.add(path)
                self.shards.append(torch.load(path))

    def __len__(self) -> int:
        return sum(len(s["mask"]) for s in self.shards)

    def batch(self, rng: np.random.Generator, count: int, frames: int, side: int) -> dict:
        """target, inactive, reactive [B, 16, t, side, side]; mask [B, T, 8 side, 8 side], all float32."""
        rows = []
        for _ in range(count):
            shard = self.shards[rng.integers(len(self.shards))]
            index = rng.integers(len(shard["mask"]))
            best = None
            for _ in range(3):  # a crop with some hole in it
                y, x = (rng.integers(0, (24 - side) // 2 + 1, 2) * 2).tolist()
                mask = shard["mask"][index, : 4 * frames - 3, 8 * y:8 * (y + side), 8 * x:8 * (x + side)]
                share = mask.float().mean().item()
                if best is None or share > best[0]:
                    best = share, y, x, mask
                if 0.04 < share < 0.6:
                    break
            _, y, x, mask = best
            crop = {k: shard[k][index, :, :frames, y:y + side, x:x + side] for k in ("target", "inactive", "reactive")}
            rows.append({**crop, "mask": mask})
        return {key: torch.stack([row[key] for row in rows]).float() for key in rows[0]}


def channel_weights(vae, target: torch.Tensor) -> torch.Tensor:
    """[16]: how much decoded pixels change with each normalised latent channel; mean 1, floored at 0.05."""
    with torch.no_grad():
        z = vae.denormalise(target)
        base = vae.decode(z)
        weights = []
        for c in range(16):
            moved = z.clone()
            moved[:, c] += 0.3 * vae.std[c] * torch.randn(moved[:, c].shape)
            weights.append((vae.decode(moved) - base).square().mean())
    weights = torch.stack(weights)
    return (weights / weights.mean()).clamp_min(0.05)


def draw_sigma(count: int) -> torch.Tensor:
    """[B] noise shares. Mostly high: few-step sampling at shift 3 spends its steps there."""
    logit = torch.sigmoid(torch.randn(count) + 0.8)
    pure = 1 - 0.02 * torch.rand(count)
    even = torch.rand(count)
    which = torch.rand(count)
    return torch.where(which < 0.35, pure, torch.where(which < 0.85, logit, even)).clamp(0.01, 1.0)


def prepare(batch: dict, empty: torch.Tensor, keep: float, pure_noise: bool = False) -> dict:
    """Noise, control and token choice for one batch; everything as [B, N, ...] patches."""
    target, b = batch["target"], len(batch["target"])
    _, _, t, h, w = target.shape
    control = torch.cat([batch["inactive"], batch["reactive"], samples.mask_channels(batch["mask"])], dim=1)
    from_fill = torch.rand(b) < (0 if pure_noise else FROM_FILL)
    sigma = torch.full((b,), 0.999) if pure_noise else draw_sigma(b)
    sigma = torch.where(from_fill, sigma.clamp_min(0.15), sigma)  # below, the way from the fill would be too steep to learn
    s = sigma.view(-1, 1, 1, 1, 1)
    fill = samples.filled_latents(batch["inactive"], batch["reactive"], empty[:, :, :t])
    source = torch.where(from_fill.view(-1, 1, 1, 1, 1), fill, target)
    noisy = (1 - s) * source + s * torch.randn_like(target)
    weight = samples.loss_weights(samples.hole_share(batch["mask"]))
    patches = {"noisy": patchify(noisy), "control": patchify(control), "velocity": patchify((noisy - target) / s),
               "weight": patchify(weight)}
    return {**samples.choose_tokens(patches, (t, h // 2, w // 2), keep), "sigma": sigma}


def hole_loss(velocity, sample, channels) -> torch.Tensor:
    """Weighted squared x0 error. velocity [B, N, 64] in patchify's order."""
    s = sample["sigma"].view(-1, 1, 1)
    error = (velocity - sample["velocity"]) * s / s.clamp_min(CLAMP_SIGMA)
    weight = sample["weight"].repeat(1, 1, 16) * channels.repeat_interleave(4)
    return (error.square() * weight).sum() / weight.sum()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=100)
    parser.add_argument("--batch", type=int, default=10)
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--decay-share", type=float, default=0.3, help="last part of the time in which lr falls to 0")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--compile", action="store_true")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(int(time.time()))
    rng = np.random.default_rng()
    vae = load_vae()
    empty = samples.empty_latents(vae, 17)
    while len(pool := Pool()) < 64:
        time.sleep(5)
    known = train_dir() / "channel-weights.pt"
    if known.exists():
        channels = torch.load(known)
    else:
        channels = channel_weights(vae, pool.batch(rng, 4, 3, 16)["target"])
        torch.save(channels, known)
    print("channel weights", [round(v, 2) for v in channels.tolist()], flush=True)

    model = WanVaceDit()
    construct(model)
    state_file = train_dir() / "dit-state.pt"
    spent, step, state = 0.0, 0, None
    if state_file.exists():
        state = torch.load(state_file)
        model.load_state_dict(state["dit"])
        spent, step = state["spent"], state["step"]
    elif (train_dir() / "dit.pt").exists():  # weights without an optimiser, as resume.py writes them
        model.load_state_dict(torch.load(train_dir() / "dit.pt")["dit"])
    else:
        with torch.no_grad():
            # From pure noise, where velocity is linear in (x_t, fill), and in the hole, where it counts.
            fitted = [prepare(pool.batch(rng, 16, 5, 16), empty, 0.5, pure_noise=True) for _ in range(4)]
            features = torch.cat([model.features(p["noisy"], p["control"], p["sigma"] * 1000, p["rope"]).flatten(0, 1) for p in fitted])
            fit_output(model, features, torch.cat([p["velocity"].flatten(0, 1) for p in fitted]), ridge=1e-3)
    trained = [p for p in model.parameters() if p.requires_grad]
    matrices = [p for p in trained if p.ndim >= 2]
    vectors = [p for p in trained if p.ndim < 2]
    optimiser = torch.optim.AdamW([{"params": matrices, "weight_decay": 0.01}, {"params": vectors, "weight_decay": 0.0}],
                                  lr=args.lr, betas=(0.9, 0.97), fused=True)
    ema = [p.detach().clone() for p in trained]
    if state:
        optimiser.load_state_dict(state["optimiser"])
        ema = state["ema"]
    run = torch.compile(model, dynamic=False) if args.compile else model

    generator = torch.Generator().manual_seed(5)
    test_pool = torch.load(train_dir() / "pool" / "test.pt")

    @torch.no_grad()
    def held_out() -> str:
        """Hole PSNR of the one-step estimate from pure noise, of the fill and of the target's own latents (dB, decoded)."""
        live = [p.detach().clone() for p in trained]
        for p, e in zip(trained, ema):
            p.copy_(e)
        pick = slice(0, 12)
        target, inactive, reactive = (test_pool[k][pick, :, :, 4:20, 4:20].float() for k in ("target", "inactive", "reactive"))
        mask = test_pool["mask"][pick, :, 32:160, 32:160].float()
        control = torch.cat([inactive, reactive, samples.mask_channels(mask)], dim=1)
        noise = torch.randn(target.shape, generator=generator)
        guess = noise - model.velocity(noise, control, torch.full((len(target),), 999.0))
        for p, value in zip(trained, live):
            p.copy_(value)
        truth = vae.decode(vae.denormalise(target))
        fill = samples.filled_latents(inactive, reactive, empty)
        hole = mask[:, None] > 0.5
        results = []
        for latents in (guess, fill):
            error = (vae.decode(vae.denormalise(latents)) - truth).square()
            results.append(-10 * math.log10((error * hole).sum().item() / 3 / hole.sum().item() / 4))
        return f"model {results[0]:.2f} dB, fill {results[1]:.2f} dB"

    def save() -> None:
        shadow = WanVaceDit()
        shadow.load_state_dict(model.state_dict())
        for p, e in zip([p for p in shadow.parameters() if p.requires_grad], ema):
            p.data.copy_(e)
        for name, payload in (("dit.pt", {"dit": shadow.state_dict(), "step": step, "spent": spent}),
                              ("dit-state.pt", {"dit": model.state_dict(), "optimiser": optimiser.state_dict(), "ema": ema,
                                                "spent": spent, "step": step})):
            torch.save(payload, train_dir() / (name + ".new"))
            os.replace(train_dir() / (name + ".new"), train_dir() / name)

    print("pool", len(pool), "start", "" if state else held_out(), flush=True)
    last, losses, seen = time.time(), [], 0
    shares = np.array([s[2] for s in SHAPES])
    while spent < args.minutes * 60:
        frames, side, _ = SHAPES[rng.choice(len(SHAPES), p=shares)]
        count = max(2, round(args.batch * (5 * 16 * 16) / (frames * side * side)))
        sample = prepare(pool.batch(rng, count, frames, side), empty, KEEP)
        progress = spent / (args.minutes * 60)
        lr = args.lr * min(1, (step + 1) / 100) * min(1, max(0.01, (1 - progress) / args.decay_share))
        for group in optimiser.param_groups:
            group["lr"] = lr
        velocity = run(sample["noisy"], sample["control"], sample["sigma"] * 1000, sample["rope"])
        loss = hole_loss(velocity.float(), sample, channels)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()
        step, seen = step + 1, seen + count
        torch._foreach_lerp_(ema, [p.detach() for p in trained], 1 - min(0.997, (step + 1) / (step + 10)))
        losses.append(loss.item())
        now = time.time()
        spent, last = spent + now - last, now
        if step % 50 == 0:
            pool.refresh()
            save()
            quality = f" held-out one-step {held_out()}" if step % 200 == 0 else ""
            print(f"{spent / 60:.1f} min step {step} lr {lr:.1e} loss {np.mean(losses):.4f}{quality} pool {len(pool)} samples {seen}", flush=True)
            losses = []
            last = time.time()
    save()
    print("end", held_out(), flush=True)


if __name__ == "__main__":
    main()

"""Train the VAE: construct, then minutes of reconstruction. Checkpoints resume by themselves.

  python train_vae.py --minutes 20

  python train_vae.py --minutes 20 --decoder-only   # later: the latents stay as they are, so a pool and a
                                                    # transformer made from them stay valid

Writes $HETCUT_TRAIN_DIR/vae.pt (weights + latent statistics) and vae-state.pt (optimiser, step).
"""

import argparse
import math
import os
import threading
import time

import numpy as np
import torch

from data import load_pictures, make_clip
from paths import train_dir
from push_pull import push_pull
from vae import WanVae, construct, measure_latents

FRAMES, SIZE, CROP = 9, 96, 48  # frames; px of a stored clip; px of a training crop (multiple of 16)


class ClipStore:
    """A ring of uint8 clips [T, S, S, 3] that a thread keeps refreshing."""

    def __init__(self, count: int, seed: int):
        self.pictures = load_pictures(train_dir() / "bank.npz", "train")
        self.rng = np.random.default_rng(seed)
        self.clips = [self.fresh() for _ in range(count)]
        self.running = True
        threading.Thread(target=self.refresh, daemon=True).start()

    def fresh(self):
        clip = make_clip(self.rng, self.pictures, FRAMES, (SIZE, SIZE))
        return ((clip.target + 1) * 127.5).round().astype(np.uint8), clip.mask.astype(bool)

    def refresh(self):
        slot = 0
        while self.running:
            self.clips[slot % len(self.clips)] = self.fresh()
            slot += 1
            time.sleep(2.0)  # leaves the cores to the training

    def batch(self, rng: np.random.Generator, count: int) -> torch.Tensor:
        """[B, 3, T, CROP, CROP] in [-1, 1]: whole, with a grey hole, or only the fill inside the hole."""
        videos = []
        for _ in range(count):
            pixels, mask = self.clips[rng.integers(len(self.clips))]
            y, x = rng.integers(0, SIZE - CROP + 1, 2)
            video = torch.from_numpy(pixels[:, y:y + CROP, x:x + CROP].astype(np.float32) / 127.5 - 1).permute(3, 0, 1, 2)
            hole = torch.from_numpy(mask[:, y:y + CROP, x:x + CROP].astype(np.float32))
            kind = rng.random()
            if kind > 0.85:
                video = video * (1 - hole)
            elif kind > 0.75:
                video = push_pull(video.transpose(0, 1), hole[:, None]).transpose(0, 1) * hole
            videos.append(video)
        return torch.stack(videos)


def psnr(a: torch.Tensor, b: torch.Tensor) -> float:
    """dB over all pixels; a, b in [-1, 1]."""
    return -10 * math.log10(((a.clamp(-1, 1) - b) ** 2).mean().item() / 4)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--lr", type=float, default=1.2e-3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--decoder-only", action="store_true")
    parser.add_argument("--clips", type=int, default=400)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    rng = np.random.default_rng(1)
    store = ClipStore(args.clips, seed=2)
    held_out = load_pictures(train_dir() / "bank.npz", "test")
    rng_test = np.random.default_rng(3)
    test = torch.from_numpy(np.stack([make_clip(rng_test, held_out, FRAMES, (96, 96)).target for _ in range(16)]))
    test = test.permute(0, 4, 1, 2, 3).contiguous()

    vae = WanVae()
    state_file = train_dir() / "vae-state.pt"
    spent = 0.0
    if state_file.exists():
        state = torch.load(state_file)
        vae.load_state_dict(state["vae"])
        spent = state["spent"]
    else:
        construct(vae, torch.cat([store.batch(rng, 16) for _ in range(5)]))
    trained = [p for p in vae.parameters() if p.requires_grad]
    if args.decoder_only:
        # From the averaged weights, whose encoder is the one that the latents came from.
        final = torch.load(train_dir() / "vae.pt")
        vae.load_state_dict(final["vae"])
        trained = [p for p in (*vae.decoder.parameters(), *vae.post_quant_conv.parameters()) if p.requires_grad]
        spent = 0.0
    optimiser = torch.optim.AdamW(trained, lr=args.lr, betas=(0.9, 0.97), weight_decay=0.0)
    ema = {k: v.clone() for k, v in vae.state_dict().items()}
    if state_file.exists() and not args.decoder_only:
        optimiser.load_state_dict(state["optimiser"])
        ema = state["ema"]

    def save(done: bool) -> float:
        shadow = WanVae()
        shadow.load_state_dict(ema)
        with torch.no_grad():
            if args.decoder_only:
                shadow.mean.copy_(final["mean"])
                shadow.std.copy_(final["std"])
            else:
                measure_latents(shadow, torch.cat([shadow.encode(store.batch(rng, 16)) for _ in range(6)]))
            quality = psnr(shadow.decode(shadow.encode(test)), test)
        # Tuning the decoder leaves vae-state.pt alone: it belongs to the training of both halves.
        files = (("vae.pt", {"vae": ema, "mean": shadow.mean, "std": shadow.std, "psnr": quality, "done": done}),
                 ("vae-state.pt", {"vae": vae.state_dict(), "optimiser": optimiser.state_dict(), "ema": ema, "spent": spent}))
        for name, payload in files[:1] if args.decoder_only else files:
            torch.save(payload, train_dir() / (name + ".new"))
            os.replace(train_dir() / (name + ".new"), train_dir() / name)
        return quality

    step, losses, last = 0, [], time.time()
    print(f"start {save(False):.2f} dB", flush=True)
    last = time.time()
    while spent < args.minutes * 60:
        share = spent / (args.minutes * 60)
        lr = args.lr * min(1, (step + 1) / 50) * (0.5 + 0.5 * math.cos(math.pi * share))
        for group in optimiser.param_groups:
            group["lr"] = max(lr, args.lr * 0.01)
        video = store.batch(rng, args.batch).to(memory_format=torch.channels_last_3d)
        with torch.autocast("cpu", torch.bfloat16):
            with torch.set_grad_enabled(not args.decoder_only):
                z = vae.encode(video)
            out = vae.decode(z)
        error = out.float() - video
        loss = error.square().mean() + 0.02 * error.abs().mean()  # MSE is what PSNR asks for; a little L1 for the flat areas
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 0.5)
        optimiser.step()
        decay = min(0.99, (step + 1) / (step + 10))
        for key, value in vae.state_dict().items():
            ema[key].lerp_(value, 1 - decay)
        losses.append(error.square().mean().item())
        step += 1
        now = time.time()
        spent, last = spent + now - last, now
        if step % 50 == 0:
            print(f"{spent / 60:.1f} min step {step} train {-10 * math.log10(np.mean(losses) / 4):.2f} dB held-out {save(False):.2f} dB", flush=True)
            losses = []
            last = time.time()
    print(f"end {save(True):.2f} dB", flush=True)
    store.running = False


if __name__ == "__main__":
    main()

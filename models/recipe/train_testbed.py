"""Train the test bed's transformer: rectified flow on the scenes of testbed_scenes.py. Resumes by itself.

  python train_testbed.py --minutes 35        # of processor time, one thread

Writes $HETCUT_TRAIN_DIR/testbed.pt (averaged weights, for export_testbed.py). Muon (Jordan et al. 2024) for the matrices of
the blocks, AdamW for the rest.
"""

import argparse
import math
import os
import time

import torch

from paths import train_dir
from testbed_dit import TestbedDit
from testbed_scenes import PAIRS, control, latents, scenes
from testbed_text import encoded_captions

NO_TEXT = 0.15  # share of empty captions, for classifier-free guidance (Ho & Salimans 2022)
BATCH = 24
HOLE = 4.0  # weight of the hole in the loss, against 1 of the context


def draw_sigma(count: int) -> torch.Tensor:
    """[B] noise shares: even, shifted as samplers shift them, by 1 to 5."""
    shift = 1 + 4 * torch.rand(count)
    even = torch.rand(count)
    return (shift * even / (1 + (shift - 1) * even)).clamp(1e-3, 1)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=35)
    parser.add_argument("--start", help="a file of $HETCUT_TRAIN_DIR to begin from")
    parser.add_argument("--out", default="testbed.pt")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    generator = torch.Generator().manual_seed(1)
    net = TestbedDit()
    if args.start:
        net.load_state_dict(torch.load(train_dir() / args.start)["dit"])
    matrices = [p for name, p in net.named_parameters() if p.ndim == 2 and "blocks" in name]
    known = set(map(id, matrices))
    rest = [p for p in net.parameters() if id(p) not in known]
    optimisers = [torch.optim.Muon(matrices, lr=0.02, weight_decay=0.01),
                  torch.optim.AdamW(rest, lr=3e-3, betas=(0.9, 0.98), weight_decay=0.0)]
    rates = [group["lr"] for optimiser in optimisers for group in optimiser.param_groups]
    averaged = [p.detach().clone() for p in net.parameters()]
    words = encoded_captions()  # [PAIRS + 1, L, TEXT_DIM], the last the empty caption's
    step, shown, average = 0, time.time(), None

    def save() -> None:
        state = net.state_dict()
        state.update({name: value for (name, _), value in zip(net.named_parameters(), averaged)})
        path = train_dir() / args.out
        torch.save({"dit": state, "step": step, "minutes": time.process_time() / 60}, str(path) + ".new")
        os.replace(str(path) + ".new", path)

    while (progress := time.process_time() / 60 / args.minutes) < 1:
        unsaid = torch.rand(BATCH) < NO_TEXT
        context, target, masks, pairs = scenes(BATCH, generator, unsaid=unsaid)
        pairs = torch.where(unsaid, len(PAIRS), pairs)
        clean, sigma = latents(target), draw_sigma(BATCH)
        noise, share = torch.randn_like(clean), sigma.view(-1, 1, 1, 1, 1)
        velocity = net((1 - share) * clean + share * noise, control(context, masks), sigma * 1000, words[pairs])
        weight = 1 + (HOLE - 1) * masks[:, None, None]
        loss = ((velocity - (noise - clean)).square() * weight).mean() / weight.mean()
        for optimiser in optimisers:
            optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(rest, 1.0)
        fall = min(1, (step + 1) / 50) * (1 if progress < 0.45 else max(0.02, (1 - progress) / 0.55))
        for rate, group in zip(rates, (g for optimiser in optimisers for g in optimiser.param_groups)):
            group["lr"] = rate * fall
        for optimiser in optimisers:
            optimiser.step()
        step += 1
        torch._foreach_lerp_(averaged, [p.detach() for p in net.parameters()], 1 - min(0.998, (step + 1) / (step + 10)))
        average = loss.item() if average is None else 0.98 * average + 0.02 * loss.item()
        if step % 100 == 0:
            print(f"{time.process_time() / 60:.1f} min step {step} loss {average:.4f}", flush=True)
        if time.time() - shown > 60:
            save()
            shown = time.time()
    save()


if __name__ == "__main__":
    main()

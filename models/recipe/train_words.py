"""Train the transformer and the text encoder to draw what a caption says. Resumes by itself.

  python train_words.py --minutes 60

Rectified flow (Liu et al. 2023; Lipman et al. 2023): x_t = (1 - sigma) x0 + sigma noise, and the network
learns noise - x0 from the true clip, so that it samples. 15 % of the captions are empty, for
classifier-free guidance (Ho & Salimans 2022). Starts from words.pt or, the first time, from the starter's
transformer with fresh cross-attention. Reads the pool that train_edits.py keeps filling.

Writes $HETCUT_TRAIN_DIR/words.pt (averaged weights, for export_words.py) and words-state.pt (to resume).
Each start is one fall of the learning rate from --lr to nearly 0.
"""

import argparse
import math
import os
import time

import numpy as np
import torch
from tokenizers import Tokenizer

import samples
from dit import TEXT_DIM, WanVaceDit, construct, patchify
from edits import OUTCOMES, caption, caption_corpus
from make_pool import load_vae
from paths import train_dir
from text import build_tokenizer, corpus, text_encoder
from train_dit import channel_weights

NO_TEXT = 0.15  # share of empty captions; more strengthens what guidance is measured from
KEEP = 0.75  # share of the tokens that a training step sees
CAPTION_TOKENS = 24  # longer captions are cut
TEXT_ROWS = 64  # rows of text that cross-attention sees, padding included: hetcut.json's textTokens
LONGEST_STEP = 60  # seconds; a step takes about one, the first of a shape longer where it is compiled
TOKENS = 4096  # of a batch, before some are left out


class WordsModel(torch.nn.Module):
    """Transformer, text encoder and tokenizer."""

    def __init__(self, tokenizer: Tokenizer):
        super().__init__()
        self.tokenizer = tokenizer
        self.dit, self.encoder = WanVaceDit(), text_encoder(tokenizer.get_vocab_size(), TEXT_DIM)
        construct(self.dit)
        self.dit.follow_text()

    def tokens(self, captions: list[str]) -> tuple[torch.Tensor, torch.Tensor]:
        """-> ids and mask [B, CAPTION_TOKENS]."""
        ids = torch.zeros(len(captions), CAPTION_TOKENS, dtype=torch.long)
        mask = torch.zeros(len(captions), CAPTION_TOKENS)
        for row, encoding in enumerate(self.tokenizer.encode_batch(captions)):
            kept = encoding.ids if len(encoding.ids) <= CAPTION_TOKENS else [*encoding.ids[:CAPTION_TOKENS - 1], 1]
            ids[row, :len(kept)] = torch.tensor(kept)
            mask[row, :len(kept)] = 1
        return ids, mask

    def text(self, captions: list[str]):
        """What cross-attention looks at."""
        ids, mask = self.tokens(captions)
        rows = self.encoder(input_ids=ids, attention_mask=mask.long()).last_hidden_state
        return self.dit.condition_embedder.text(rows, mask, TEXT_ROWS)


def load_tokenizer() -> Tokenizer:
    """Made once, then kept: the trained embeddings belong to it."""
    path = train_dir() / "words-tokenizer.json"
    if not path.exists():
        build_tokenizer(corpus() + caption_corpus()).save(str(path))
    return Tokenizer.from_file(str(path))


def load_words(name: str = "words.pt") -> tuple[WordsModel, dict]:
    """The newest weights and what was saved with them; the starter's transformer where there are none yet."""
    model = WordsModel(load_tokenizer())
    path = train_dir() / name
    if path.exists():
        saved = torch.load(path)
        model.load_state_dict(saved["model"])
        return model, saved
    start = torch.load(train_dir() / "dit.pt")["dit"]
    known = {key: value for key, value in start.items() if "attn2" not in key and "text_embedder" not in key}
    model.dit.load_state_dict(known, strict=False)
    return model, {"step": 0, "spent": 0.0, "samples": 0}


class EditPool:
    """The shards of train_edits.py in memory, float16; looks for new ones now and then."""

    def __init__(self):
        self.shards = {}
        self.refresh()

    def refresh(self) -> None:
        paths = set((train_dir() / "edits").glob("*.pt"))
        self.shards = {path: shard for path, shard in self.shards.items() if path in paths}
        for path in sorted(paths - set(self.shards)):
            self.shards[path] = torch.load(path, weights_only=False)

    def __len__(self) -> int:
        return sum(len(shard["things"]) for shard in self.shards.values())

    def batch(self, rng: np.random.Generator, tokens: int) -> dict:
        """target, inactive, reactive [B, 16, t, h, w]; mask [B, 64, t, h, w]; hole [B, t, h, w]; things: B. All of one shape,
        from up to four shards."""
        shards = list(self.shards.values())
        shape = shards[rng.integers(len(shards))]["shape"]
        alike = [shard for shard in shards if shard["shape"] == shape]
        grid = alike[0]["hole"].shape[1:]
        count = max(4, tokens // (grid[0] * grid[1] * grid[2] // 4))
        parts, things = [], []
        for shard in rng.choice(len(alike), min(4, len(alike)), replace=False):
            shard = alike[shard]
            rows = rng.choice(len(shard["things"]), count // min(4, len(alike)))
            scene = torch.from_numpy(rows // OUTCOMES)
            parts.append({"target": shard["target"][torch.from_numpy(rows)],
                          **{key: shard[key][scene] for key in ("inactive", "reactive", "mask", "hole")}})
            things += [shard["things"][row] for row in rows]
        return {**{key: torch.cat([part[key] for part in parts]).float() for key in parts[0]}, "things": things}


def draw_sigma(count: int) -> torch.Tensor:
    """[B] noise shares: logit-normal, leaning to noise, where things are decided; some even ones."""
    logit = torch.sigmoid(torch.randn(count) * 1.1 + 0.5)
    return torch.where(torch.rand(count) < 0.15, torch.rand(count), logit).clamp(0.002, 0.9995)


def prepare(batch: dict, sigma: torch.Tensor, keep: float) -> dict:
    """Noise and token choice: everything as [B, N, ...] patches."""
    target = batch["target"]
    _, _, t, h, w = target.shape
    control = torch.cat([batch["inactive"], batch["reactive"], batch["mask"]], dim=1)
    noise = torch.randn_like(target)
    s = sigma.view(-1, 1, 1, 1, 1)
    patches = {"noisy": patchify((1 - s) * target + s * noise), "control": patchify(control),
               "velocity": patchify(noise - target), "weight": patchify(samples.loss_weights(batch["hole"]))}
    return {**samples.choose_tokens(patches, (t, h // 2, w // 2), keep), "sigma": sigma}


def flow_loss(velocity: torch.Tensor, sample: dict, channels: torch.Tensor) -> torch.Tensor:
    """Weighted squared error of the velocity [B, N, 64] in patchify's order."""
    weight = sample["weight"].repeat(1, 1, 16) * channels.repeat_interleave(4)
    return ((velocity - sample["velocity"]).square() * weight).sum() / weight.sum()


def load_channels(pool: EditPool, rng) -> torch.Tensor:
    known = train_dir() / "channel-weights.pt"
    if not known.exists():
        torch.save(channel_weights(load_vae(), pool.batch(rng, 256)["target"]), known)
    return torch.load(known)


def save(model: WordsModel, averaged: list[torch.Tensor], optimiser, facts: dict) -> None:
    live = model.state_dict()
    shadow = {**live, **{name: value for (name, _), value in zip(model.named_parameters(), averaged)}}
    for name, payload in (("words.pt", {"model": shadow, **facts}),
                          ("words-state.pt", {"model": live, "averaged": averaged, "optimiser": optimiser.state_dict(), **facts})):
        torch.save(payload, train_dir() / (name + ".new"))
        os.replace(train_dir() / (name + ".new"), train_dir() / name)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--lr", type=float, default=8e-4)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--compile", action="store_true")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(int(time.time()))
    rng = np.random.default_rng()
    while len(pool := EditPool()) < 384:
        time.sleep(5)
    channels = load_channels(pool, rng)
    resumed = (train_dir() / "words-state.pt").exists()
    model, facts = load_words("words-state.pt" if resumed else "words.pt")
    facts = {key: facts[key] for key in ("step", "spent", "samples")}
    parameters = list(model.parameters())
    optimiser = torch.optim.AdamW(
        [{"params": [p for p in parameters if p.ndim >= 2], "weight_decay": 0.01},
         {"params": [p for p in parameters if p.ndim < 2], "weight_decay": 0.0}], lr=args.lr, betas=(0.9, 0.98), fused=True)
    averaged = [p.detach().clone() for p in parameters]
    if resumed:
        state = torch.load(train_dir() / "words-state.pt")
        optimiser.load_state_dict(state["optimiser"])
        averaged = state["averaged"]
    run = torch.compile(model.dit, dynamic=False) if args.compile else model.dit
    print("pool", len(pool), "from step", facts["step"], flush=True)

    last = saved = time.time()
    first, before, losses = facts["step"], facts["spent"], []
    while (progress := (facts["spent"] - before) / (args.minutes * 60)) < 1:
        batch = pool.batch(rng, TOKENS)
        count = len(batch["things"])
        captions = ["" if rng.random() < NO_TEXT else caption(rng, thing) for thing in batch["things"]]
        sample = prepare(batch, draw_sigma(count), KEEP)
        lr = args.lr * min(1, (facts["step"] - first + 1) / 100) * max(0.02, 0.5 + 0.5 * math.cos(math.pi * progress))
        for group in optimiser.param_groups:
            group["lr"] = lr
        velocity = run(sample["noisy"], sample["control"], sample["sigma"] * 1000, sample["rope"], model.text(captions))
        loss = flow_loss(velocity.float(), sample, channels)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        step = facts["step"] + 1
        torch._foreach_lerp_(averaged, [p.detach() for p in parameters], 1 - min(0.999, (step + 1) / (step + 10)))
        now = time.time()
        # Where the process was stopped for a while, that while does not count.
        facts = {"step": step, "spent": facts["spent"] + min(now - last, LONGEST_STEP), "samples": facts["samples"] + count}
        last = now
        losses.append(loss.item())
        if step % 50 == 0:
            pool.refresh()
            print(f"{facts['spent'] / 60:.1f} min step {step} lr {lr:.1e} loss {np.mean(losses):.4f} pool {len(pool)} "
                  f"samples {facts['samples']}", flush=True)
            losses = []
        if now - saved > 120:
            save(model, averaged, optimiser, facts)
            saved = now
    save(model, averaged, optimiser, facts)


if __name__ == "__main__":
    main()

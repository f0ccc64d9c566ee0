"""The starter's transformer: WanVACETransformer3DModel's layout, written for fast training on a CPU.

Parameter names and shapes are those of diffusers (3 heads x 64, 6 layers, VACE blocks at 0, 2, 4),
so the state dict loads there unchanged. Differences in how it runs, none in the result:
  - tokens may be a subset of the grid (`positions`), as training drops part of the context;
  - products run in bfloat16, sums and norms in float32, attention is written out;
  - without `text`, cross-attention is skipped: the starter keeps its output projection at 0. With it, the
    rows of padding, all alike, are one key that counts as many times as there are rows.

Legend: B batch, N tokens, L text tokens, D = 192 model width, P = 64 = 16 channels x 2 x 2 of a patch.
"""

import math
from typing import NamedTuple

import torch
import torch.nn as nn
import torch.nn.functional as F

HEADS, HEAD_DIM, LAYERS, FFN, FREQ_DIM, TEXT_DIM = 3, 64, 6, 768, 256, 64
D = HEADS * HEAD_DIM
VACE_LAYERS = [0, 2, 4]
CHANNELS, CONTROL_CHANNELS = 16, 96
EPS = 1e-6

CONFIG = {
    "_class_name": "WanVACETransformer3DModel", "added_kv_proj_dim": None, "attention_head_dim": HEAD_DIM,
    "cross_attn_norm": True, "eps": EPS, "ffn_dim": FFN, "freq_dim": FREQ_DIM, "image_dim": None,
    "in_channels": CHANNELS, "num_attention_heads": HEADS, "num_layers": LAYERS, "out_channels": CHANNELS,
    "patch_size": [1, 2, 2], "pos_embed_seq_len": None, "qk_norm": "rms_norm_across_heads",
    "rope_max_seq_len": 1024, "text_dim": TEXT_DIM, "vace_in_channels": CONTROL_CHANNELS, "vace_layers": VACE_LAYERS,
}

T_PAIRS, H_PAIRS, W_PAIRS = 12, 10, 10  # rotary pairs of a head: 64 = 2 * (12 + 10 + 10)


def rope_tables(grid) -> tuple[torch.Tensor, torch.Tensor]:
    """cos, sin: [t * h * w, 32] for a token grid (t, h, w), run frame, row, column."""
    angles = []
    for length, pairs in zip(grid, (T_PAIRS, H_PAIRS, W_PAIRS)):
        frequency = 10000.0 ** (-torch.arange(pairs, dtype=torch.float64) / pairs)
        angles.append(torch.arange(length, dtype=torch.float64)[:, None] * frequency)
    t, h, w = grid
    table = torch.cat([angles[0][:, None, None].expand(t, h, w, -1), angles[1][None, :, None].expand(t, h, w, -1),
                       angles[2][None, None].expand(t, h, w, -1)], dim=-1).reshape(t * h * w, -1)
    return table.cos().float(), table.sin().float()


def patchify(x: torch.Tensor) -> torch.Tensor:
    """[B, C, t, h, w] latents -> [B, t * (h/2) * (w/2), C * 4], order (C, ph, pw) as a Conv3d's weight."""
    b, c, t, h, w = x.shape
    x = x.reshape(b, c, t, h // 2, 2, w // 2, 2).permute(0, 2, 3, 5, 1, 4, 6)
    return x.reshape(b, t * (h // 2) * (w // 2), c * 4)


def unpatchify(x: torch.Tensor, grid) -> torch.Tensor:
    """[B, N, C * 4] in patchify's order -> [B, C, t, 2h, 2w] for a token grid (t, h, w)."""
    b, _, width = x.shape
    t, h, w = grid
    x = x.reshape(b, t, h, w, width // 4, 2, 2).permute(0, 4, 1, 2, 5, 3, 6)
    return x.reshape(b, width // 4, t, 2 * h, 2 * w)


def bf16_linear(layer: nn.Linear, x: torch.Tensor) -> torch.Tensor:
    return F.linear(x.bfloat16(), layer.weight.bfloat16(), layer.bias.bfloat16())


class Text(NamedTuple):
    """A prompt for cross-attention: rows [B, L + 1, D], the last one the padding's; weight [B, L + 1], the log of how often
    a row counts."""

    rows: torch.Tensor
    weight: torch.Tensor


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.to_q, self.to_k, self.to_v = (nn.Linear(D, D) for _ in range(3))
        self.to_out = nn.ModuleList([nn.Linear(D, D)])
        self.norm_q, self.norm_k = nn.RMSNorm(D, eps=EPS), nn.RMSNorm(D, eps=EPS)

    def forward(self, x, rope):
        """x [B, N, D]; rope = cos, sin, each [B or 1, N, 1, 32]."""
        b, n, _ = x.shape
        cos, sin = rope

        def turned(layer, norm):
            y = norm(bf16_linear(layer, x).float()).view(b, n, HEADS, HEAD_DIM // 2, 2)
            even, odd = y[..., 0], y[..., 1]
            y = torch.stack([even * cos - odd * sin, even * sin + odd * cos], dim=-1)
            return y.reshape(b, n, HEADS, HEAD_DIM).transpose(1, 2).bfloat16()

        q, k = turned(self.to_q, self.norm_q), turned(self.to_k, self.norm_k)
        v = bf16_linear(self.to_v, x).view(b, n, HEADS, HEAD_DIM).transpose(1, 2)
        weights = torch.softmax((q @ k.transpose(-1, -2)).float() * HEAD_DIM**-0.5, dim=-1).bfloat16()
        return bf16_linear(self.to_out[0], (weights @ v).transpose(1, 2).reshape(b, n, D)).float()

    def cross(self, x, text: Text):
        """x [B, N, D] looks at the text."""
        b, n, _ = x.shape

        def heads(y):
            return y.view(b, -1, HEADS, HEAD_DIM).transpose(1, 2).bfloat16()

        q = heads(self.norm_q(bf16_linear(self.to_q, x).float()))
        k = heads(self.norm_k(bf16_linear(self.to_k, text.rows).float()))
        v = heads(bf16_linear(self.to_v, text.rows))
        logits = (q @ k.transpose(-1, -2)).float() * HEAD_DIM**-0.5 + text.weight[:, None, None]
        weights = torch.softmax(logits, dim=-1).bfloat16()
        return bf16_linear(self.to_out[0], (weights @ v).transpose(1, 2).reshape(b, n, D)).float()


class Gelu(nn.Module):
    """Named as diffusers names the first half of its feed-forward."""

    def __init__(self):
        super().__init__()
        self.proj = nn.Linear(D, FFN)

    def forward(self, x):
        return F.gelu(bf16_linear(self.proj, x), approximate="tanh")


class FeedForward(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.ModuleList([Gelu(), nn.Identity(), nn.Linear(FFN, D)])

    def forward(self, x):
        return bf16_linear(self.net[2], self.net[0](x)).float()


def layer_norm(x):
    return F.layer_norm(x, (D,), eps=EPS)


class Block(nn.Module):
    """A main block, or with `control` a VACE block (proj_in on the first, proj_out on each)."""

    def __init__(self, control: bool = False, first: bool = False):
        super().__init__()
        self.attn1, self.attn2, self.ffn = Attention(), Attention(), FeedForward()
        self.norm2 = nn.LayerNorm(D, eps=EPS)
        self.scale_shift_table = nn.Parameter(torch.zeros(1, 6, D))
        self.proj_in = nn.Linear(D, D) if first else None
        self.proj_out = nn.Linear(D, D) if control else None
        for parameter in (*self.attn2.parameters(), *self.norm2.parameters()):
            parameter.requires_grad_(False)
        nn.init.zeros_(self.attn2.to_out[0].weight)
        nn.init.zeros_(self.attn2.to_out[0].bias)

    def forward(self, x, modulation, rope, text: Text | None = None):
        """x [B, N, D] float32; modulation [B, 6, D]."""
        shift, scale, gate, ffn_shift, ffn_scale, ffn_gate = (self.scale_shift_table + modulation).chunk(6, dim=1)
        x = x + gate * self.attn1(layer_norm(x) * (1 + scale) + shift, rope)
        if text is not None:
            x = x + self.attn2.cross(self.norm2(x), text)
        return x + ffn_gate * self.ffn(layer_norm(x) * (1 + ffn_scale) + ffn_shift)


class Embedder(nn.Module):
    def __init__(self, first: int):
        super().__init__()
        self.linear_1, self.linear_2 = nn.Linear(first, D), nn.Linear(D, D)


class ConditionEmbedder(nn.Module):
    def __init__(self):
        super().__init__()
        self.time_embedder, self.text_embedder = Embedder(FREQ_DIM), Embedder(TEXT_DIM)
        self.time_proj = nn.Linear(D, 6 * D)
        self.text_embedder.requires_grad_(False)

    def forward(self, timestep):
        """timestep [B], 0 to 1000 -> temb [B, D], modulation [B, 6, D]."""
        half = FREQ_DIM // 2
        frequency = torch.exp(-math.log(10000) * torch.arange(half, dtype=torch.float32) / half)
        angle = timestep.float()[:, None] * frequency
        sinusoid = torch.cat([angle.cos(), angle.sin()], dim=-1)
        temb = self.time_embedder.linear_2(F.silu(self.time_embedder.linear_1(sinusoid)))
        return temb, self.time_proj(F.silu(temb)).view(-1, 6, D)

    def text(self, rows, mask, padded: int) -> Text:
        """rows [B, L, TEXT_DIM] of a text encoder; mask [B, L], 1 where there is a token; `padded`: rows in all, with padding."""
        rows = torch.cat([rows * mask[..., None], rows.new_zeros(len(rows), 1, TEXT_DIM)], dim=1)
        rows = self.text_embedder.linear_2(F.gelu(self.text_embedder.linear_1(rows), approximate="tanh"))
        padding = (padded - mask.sum(dim=1, keepdim=True)).clamp_min(1e-9)
        return Text(rows, torch.cat([mask, padding], dim=1).clamp_min(1e-9).log())


class WanVaceDit(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch_embedding = nn.Conv3d(CHANNELS, D, (1, 2, 2), stride=(1, 2, 2))
        self.vace_patch_embedding = nn.Conv3d(CONTROL_CHANNELS, D, (1, 2, 2), stride=(1, 2, 2))
        self.condition_embedder = ConditionEmbedder()
        self.blocks = nn.ModuleList(Block() for _ in range(LAYERS))
        self.vace_blocks = nn.ModuleList(Block(control=True, first=i == 0) for i in range(len(VACE_LAYERS)))
        self.scale_shift_table = nn.Parameter(torch.zeros(1, 2, D))
        self.proj_out = nn.Linear(D, CHANNELS * 4)

    @torch.no_grad()
    def follow_text(self) -> None:
        """Cross-attention from a fresh start, trained: its output begins near 0."""
        self.condition_embedder.text_embedder.requires_grad_(True)
        for block in (*self.blocks, *self.vace_blocks):
            block.attn2.requires_grad_(True)
            block.norm2.requires_grad_(True)
            nn.init.normal_(block.attn2.to_out[0].weight, std=0.01)

    def features(self, latents, control, timestep, rope, text: Text | None = None):
        """latents [B, N, 64] and control [B, N, 384] patches; timestep [B]; rope [B or 1, N, 1, 32] -> [B, N, D]."""
        x = F.linear(latents, self.patch_embedding.weight.flatten(1), self.patch_embedding.bias)
        c = F.linear(control, self.vace_patch_embedding.weight.flatten(1), self.vace_patch_embedding.bias)
        temb, modulation = self.condition_embedder(timestep)
        hints = []
        for i, block in enumerate(self.vace_blocks):
            if i == 0:
                c = block.proj_in(c) + x
            c = block(c, modulation, rope, text)
            hints.append(block.proj_out(c))
        for k, block in enumerate(self.blocks):
            x = block(x, modulation, rope, text)
            if k in VACE_LAYERS:
                x = x + hints[VACE_LAYERS.index(k)]
        shift, scale = (self.scale_shift_table + temb[:, None]).chunk(2, dim=1)
        return layer_norm(x) * (1 + scale) + shift

    def forward(self, latents, control, timestep, rope, text: Text | None = None):
        """Returns the velocity (noise minus data) as patches, [B, N, 64] in patchify's order."""
        y = self.proj_out(self.features(latents, control, timestep, rope, text))
        # the layout's output order is (ph, pw, C); patchify's is (C, ph, pw)
        return y.unflatten(-1, (4, CHANNELS)).transpose(-1, -2).flatten(-2)

    def velocity(self, latents, control, timestep, text: Text | None = None):
        """Whole grids: latents [B, 16, t, h, w], control [B, 96, t, h, w], timestep [B] -> [B, 16, t, h, w]."""
        _, _, t, h, w = latents.shape
        grid = (t, h // 2, w // 2)
        cos, sin = rope_tables(grid)
        rope = cos[None, :, None], sin[None, :, None]
        return unpatchify(self(patchify(latents), patchify(control), timestep, rope, text), grid)


# ---------------------------------------------------------------- the constructive start

SAME_PLACE_GAIN = (3.2, 2.4)  # of norm_q and norm_k on head 0 and 1; higher looks at a smaller neighbourhood
COPY_GAIN = 3.0  # the gate opens to 0.3 only, and this makes up for it
CONSTANT = 10.0
QUIET = 0.2  # of what the untrained branches add; higher disturbs the fitted output more, 0 would learn slower
MASK_PENALTY = 3.0  # in logits, for a key whose patch is all hole; higher copies from seen places only


@torch.no_grad()
def construct(dit: WanVaceDit) -> None:
    """Start from what hole filling needs: see the fill, and look at the same place in other frames.

    Heads 0 and 1 of every block begin with a constant query and key on the rotary pairs of row and
    column, so that their product peaks at the same place whatever the frame; head 2 is left random.
    A short training would otherwise spend most of its samples on finding this out.
    """
    for block in (*dit.blocks, *dit.vace_blocks):
        block.scale_shift_table.normal_(0, 0.02)
        block.scale_shift_table[:, 2] = 0.3  # gates open from the start
        block.scale_shift_table[:, 5] = 0.3
        block.ffn.net[2].weight.mul_(QUIET)
        block.attn1.to_out[0].weight.mul_(QUIET)
        attention = block.attn1
        for layer, norm in ((attention.to_q, attention.norm_q), (attention.to_k, attention.norm_k)):
            for head, gain in enumerate(SAME_PLACE_GAIN):
                rows = slice(head * HEAD_DIM, (head + 1) * HEAD_DIM)
                layer.weight[rows] *= 0.3
                place = torch.zeros(HEAD_DIM)
                place[2 * T_PAIRS::2] = 1.0
                layer.bias[rows] = place
                norm.weight[rows] = torch.where(place > 0, gain, 1.0)
    # Patches of x_t go to features 0..63, of the filled control to 64..127; the rest stays random.
    eye = torch.eye(CHANNELS * 4).view(CHANNELS * 4, CHANNELS, 1, 2, 2)
    dit.patch_embedding.weight.mul_(0.3)
    dit.patch_embedding.weight[:64] = 0.7 * eye
    nn.init.zeros_(dit.patch_embedding.bias)
    dit.vace_patch_embedding.weight.mul_(0.3)
    dit.vace_patch_embedding.weight[64:128] = 0
    dit.vace_patch_embedding.weight[64:128, :16] = 0.7 * eye
    dit.vace_patch_embedding.weight[64:128, 16:32] = 0.7 * eye
    nn.init.zeros_(dit.vace_patch_embedding.bias)
    for embedding in (dit.patch_embedding, dit.vace_patch_embedding):
        embedding.weight[128:] = 0  # room for what the copying head brings
    # Two large constant features: every LayerNorm then divides by nearly the same number, so that the
    # amplitude of latents survives and the output layer can be fitted as a linear map.
    dit.patch_embedding.bias[189], dit.patch_embedding.bias[190] = CONSTANT, -CONSTANT
    # Feature 191 says how much of the patch is hole; the time pairs turned least carry it to the keys.
    dit.vace_patch_embedding.weight[191] = 0
    dit.vace_patch_embedding.weight[191, 32:] = 4.0 / (64 * 4)
    first = dit.vace_blocks[0]
    nn.init.eye_(first.proj_in.weight)
    nn.init.zeros_(first.proj_in.bias)
    slow = 2 * (T_PAIRS - 1)  # the rotary pair that turns by 1e-3 a frame: position-free
    for block in dit.vace_blocks:
        nn.init.eye_(block.proj_out.weight)
        block.proj_out.weight.mul_(1.0 / len(VACE_LAYERS))
        nn.init.zeros_(block.proj_out.bias)
    for block in (*dit.vace_blocks, *dit.blocks):
        for head in range(2):
            row = head * HEAD_DIM + slow
            block.attn1.to_q.bias[row] = 1.0
            block.attn1.to_k.weight[row] = 0
            block.attn1.to_k.weight[row, 191] = -MASK_PENALTY
            block.attn1.to_k.bias[row] = 0
            rows = slice(head * HEAD_DIM, (head + 1) * HEAD_DIM)
            block.attn1.to_q.weight[rows, 191] = 0
    # Head 0 of the first VACE block copies: the filled control of the place it looks at, to features 128..188.
    attention = first.attn1
    nn.init.zeros_(attention.to_v.bias)
    attention.to_v.weight[:HEAD_DIM] = 0
    attention.to_v.weight[:HEAD_DIM, 64:128] = torch.eye(HEAD_DIM)
    attention.to_out[0].weight[128:] = 0
    attention.to_out[0].weight[128:189, :61] = COPY_GAIN * torch.eye(61)
    dit.scale_shift_table.normal_(0, 0.02)
    nn.init.zeros_(dit.proj_out.weight)
    nn.init.zeros_(dit.proj_out.bias)


@torch.no_grad()
def fit_output(dit: WanVaceDit, features: torch.Tensor, target: torch.Tensor, ridge: float = 1e-2) -> None:
    """Least squares for proj_out: features [N, D], target velocity patches [N, 64] in patchify's order."""
    mean, goal = features.mean(0), target.mean(0)
    x = (features - mean).double()
    gram = x.T @ x
    gram += ridge * gram.diagonal().mean() * torch.eye(D, dtype=gram.dtype)
    weight = torch.linalg.solve(gram, x.T @ (target - goal).double()).T.float()
    bias = goal - weight @ mean
    order = torch.arange(CHANNELS * 4).view(CHANNELS, 4).T.flatten()  # (C, ph, pw) -> (ph, pw, C)
    dit.proj_out.weight.copy_(weight[order])
    dit.proj_out.bias.copy_(bias[order])

"""The test bed's transformer: WanVACETransformer3DModel's layout and names, small, in float32.

Legend: B batch, N tokens, L text rows, D = 96 model width, P = 12 = 3 channels x 2 x 2 of a patch.
"""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F

from dit import patchify, unpatchify

HEADS, HEAD_DIM, LAYERS, FFN, FREQ_DIM, TEXT_DIM = 3, 32, 4, 256, 64, 64
D = HEADS * HEAD_DIM
VACE_LAYERS = [0, 2]
CHANNELS, CONTROL_CHANNELS = 3, 70
EPS = 1e-6
PAIRS = (6, 5, 5)  # rotary pairs of a head for frame, row and column

CONFIG = {
    "_class_name": "WanVACETransformer3DModel", "added_kv_proj_dim": None, "attention_head_dim": HEAD_DIM,
    "cross_attn_norm": True, "eps": EPS, "ffn_dim": FFN, "freq_dim": FREQ_DIM, "image_dim": None,
    "in_channels": CHANNELS, "num_attention_heads": HEADS, "num_layers": LAYERS, "out_channels": CHANNELS,
    "patch_size": [1, 2, 2], "pos_embed_seq_len": None, "qk_norm": "rms_norm_across_heads",
    "rope_max_seq_len": 1024, "text_dim": TEXT_DIM, "vace_in_channels": CONTROL_CHANNELS, "vace_layers": VACE_LAYERS,
}


def rope_table(grid) -> torch.Tensor:
    """Complex [t * h * w, 16] for a token grid (t, h, w)."""
    parts = []
    for axis, (length, pairs) in enumerate(zip(grid, PAIRS)):
        frequency = 10000.0 ** (-torch.arange(pairs, dtype=torch.float64) / pairs)
        shape = [1, 1, 1, pairs]
        shape[axis] = length
        angle = (torch.arange(length, dtype=torch.float64)[:, None] * frequency).view(shape)
        parts.append(angle.expand(*grid, pairs))
    angle = torch.cat(parts, dim=-1).flatten(0, 2)
    return torch.polar(torch.ones_like(angle), angle).to(torch.complex64)


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.to_q, self.to_k, self.to_v = (nn.Linear(D, D) for _ in range(3))
        self.to_out = nn.ModuleList([nn.Linear(D, D)])
        self.norm_q, self.norm_k = nn.RMSNorm(D, eps=EPS), nn.RMSNorm(D, eps=EPS)

    def forward(self, x, of=None, rope=None):
        """x [B, N, D] looks at `of` [B, M, D], or at itself with rope, complex [N, 16]."""
        source = x if of is None else of

        def heads(y):
            return y.unflatten(-1, (HEADS, HEAD_DIM)).transpose(1, 2)

        def turned(y):
            y = heads(y)
            if rope is None:
                return y
            return torch.view_as_real(torch.view_as_complex(y.unflatten(-1, (-1, 2)).contiguous()) * rope).flatten(-2)

        q, k, v = turned(self.norm_q(self.to_q(x))), turned(self.norm_k(self.to_k(source))), heads(self.to_v(source))
        return self.to_out[0](F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2))


class Gelu(nn.Module):
    def __init__(self):
        super().__init__()
        self.proj = nn.Linear(D, FFN)

    def forward(self, x):
        return F.gelu(self.proj(x), approximate="tanh")


class FeedForward(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.ModuleList([Gelu(), nn.Identity(), nn.Linear(FFN, D)])

    def forward(self, x):
        return self.net[2](self.net[0](x))


def layer_norm(x):
    return F.layer_norm(x, (D,), eps=EPS)


class Block(nn.Module):
    """A main block, or with `control` a VACE block (proj_in on the first, proj_out on each)."""

    def __init__(self, control: bool = False, first: bool = False):
        super().__init__()
        self.attn1, self.attn2, self.ffn = Attention(), Attention(), FeedForward()
        self.norm2 = nn.LayerNorm(D, eps=EPS)
        self.scale_shift_table = nn.Parameter(torch.randn(1, 6, D) * 0.02)
        self.proj_in = nn.Linear(D, D) if first else None
        self.proj_out = nn.Linear(D, D) if control else None
        with torch.no_grad():
            self.scale_shift_table[:, 2::3] += 0.3  # gates open from the start

    def forward(self, x, modulation, rope, text):
        shift, scale, gate, ffn_shift, ffn_scale, ffn_gate = (self.scale_shift_table + modulation).chunk(6, dim=1)
        x = x + gate * self.attn1(layer_norm(x) * (1 + scale) + shift, rope=rope)
        x = x + self.attn2(self.norm2(x), of=text)
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

    def forward(self, timestep, text):
        """timestep [B], 0 to 1000; text [B, L, TEXT_DIM] -> temb [B, D], modulation [B, 6, D], rows [B, L, D]."""
        half = FREQ_DIM // 2
        angle = timestep.float()[:, None] * torch.exp(-math.log(10000) * torch.arange(half, dtype=torch.float32) / half)
        time, words = self.time_embedder, self.text_embedder
        temb = time.linear_2(F.silu(time.linear_1(torch.cat([angle.cos(), angle.sin()], dim=-1))))
        rows = words.linear_2(F.gelu(words.linear_1(text), approximate="tanh"))
        return temb, self.time_proj(F.silu(temb)).unflatten(-1, (6, D)), rows


class TestbedDit(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch_embedding = nn.Conv3d(CHANNELS, D, (1, 2, 2), stride=(1, 2, 2))
        self.vace_patch_embedding = nn.Conv3d(CONTROL_CHANNELS, D, (1, 2, 2), stride=(1, 2, 2))
        self.condition_embedder = ConditionEmbedder()
        self.blocks = nn.ModuleList(Block() for _ in range(LAYERS))
        self.vace_blocks = nn.ModuleList(Block(control=True, first=i == 0) for i in range(len(VACE_LAYERS)))
        self.scale_shift_table = nn.Parameter(torch.randn(1, 2, D) * 0.02)
        self.proj_out = nn.Linear(D, CHANNELS * 4)
        nn.init.zeros_(self.proj_out.weight)
        nn.init.zeros_(self.proj_out.bias)

    def forward(self, latents, control, timestep, text):
        """latents [B, 3, t, h, w], control [B, 70, t, h, w], timestep [B], text [B, L, TEXT_DIM] -> [B, 3, t, h, w]."""
        _, _, t, h, w = latents.shape
        grid = (t, h // 2, w // 2)
        rope = rope_table(grid)
        x = F.linear(patchify(latents), self.patch_embedding.weight.flatten(1), self.patch_embedding.bias)
        c = F.linear(patchify(control), self.vace_patch_embedding.weight.flatten(1), self.vace_patch_embedding.bias)
        temb, modulation, rows = self.condition_embedder(timestep, text)
        hints = []
        for i, block in enumerate(self.vace_blocks):
            if i == 0:
                c = block.proj_in(c) + x
            c = block(c, modulation, rope, rows)
            hints.append(block.proj_out(c))
        for k, block in enumerate(self.blocks):
            x = block(x, modulation, rope, rows)
            if k in VACE_LAYERS:
                x = x + hints[VACE_LAYERS.index(k)]
        shift, scale = (self.scale_shift_table + temb[:, None]).chunk(2, dim=1)
        y = self.proj_out(layer_norm(x) * (1 + scale) + shift)
        # the layout's output order is (ph, pw, C); patchify's is (C, ph, pw)
        return unpatchify(y.unflatten(-1, (4, CHANNELS)).transpose(-1, -2).flatten(-2), grid)

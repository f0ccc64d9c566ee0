"""The starter's video VAE: AutoencoderKLWan's layout, run as one full-length pass, with a constructive start.

Parameter names and shapes are those of diffusers' AutoencoderKLWan (base_dim 8, one residual block
per stage), so a state dict loads there unchanged. Two differences in how it runs, none in the result:
the library's chunk-and-cache loop is replaced by one causal pass, and the mid-block attention is
skipped because its output projection is kept at exactly 0 (48 channels learn nothing from it).

From a random start this network stays near 15 dB: every residual block begins with an RMS norm,
which forgets amplitude. `construct` therefore writes a linear codec into the main path first
(PCA going down, least squares going up) and leaves the residual branches small.

Legend: B batch, T frames, t latent frames = 1 + (T - 1) / 4, H W px, h w = H / 8, W / 8, C channels.
"""

import torch
import torch.nn as nn
import torch.nn.functional as F

BASE = 8
DIMS = [BASE, BASE, 2 * BASE, 4 * BASE, 6 * BASE]  # channels before stage 0, then after stages 0 to 3
Z = 16

CONFIG = {
    "_class_name": "AutoencoderKLWan", "attn_scales": [], "base_dim": BASE, "decoder_base_dim": None,
    "dim_mult": [1, 2, 4, 6], "dropout": 0.0, "in_channels": 3, "is_residual": False, "num_res_blocks": 1,
    "out_channels": 3, "patch_size": None, "scale_factor_spatial": 8, "scale_factor_temporal": 4,
    "temperal_downsample": [False, True, True], "z_dim": Z,
}


class CausalConv3d(nn.Conv3d):
    """Looks at the past only: all time padding, zeros, is on the left."""

    def __init__(self, cin: int, cout: int, kernel, pad_time: bool = True, stride=1):
        super().__init__(cin, cout, kernel, stride=stride)
        time, height, width = self.kernel_size
        self.pads = (width // 2, width // 2, height // 2, height // 2, time - 1 if pad_time else 0, 0)

    def forward(self, x):
        return super().forward(F.pad(x, self.pads) if any(self.pads) else x)


class RmsNorm(nn.Module):
    """x / |x| * sqrt(C) * gamma, over channels."""

    def __init__(self, dim: int, spatial_dims: int = 3):
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(dim, *[1] * spatial_dims))

    def forward(self, x):
        scale = torch.rsqrt(x.float().square().mean(dim=1, keepdim=True).clamp_min(1e-24))
        return x * scale.to(x.dtype) * self.gamma.to(x.dtype)


class ResidualBlock(nn.Module):
    def __init__(self, cin: int, cout: int):
        super().__init__()
        self.norm1, self.conv1 = RmsNorm(cin), CausalConv3d(cin, cout, 3)
        self.norm2, self.conv2 = RmsNorm(cout), CausalConv3d(cout, cout, 3)
        self.conv_shortcut = CausalConv3d(cin, cout, 1) if cin != cout else nn.Identity()

    def forward(self, x):
        return self.conv_shortcut(x) + self.conv2(F.silu(self.norm2(self.conv1(F.silu(self.norm1(x))))))


def per_frame(layer, x):
    """Apply a 2-D layer to every frame of [B, C, T, H, W]."""
    b, _, t, _, _ = x.shape
    y = layer(x.transpose(1, 2).flatten(0, 1))
    return y.unflatten(0, (b, t)).transpose(1, 2)


class Down(nn.Module):
    def __init__(self, dim: int, temporal: bool):
        super().__init__()
        self.resample = nn.Sequential(nn.ZeroPad2d((0, 1, 0, 1)), nn.Conv2d(dim, dim, 3, stride=2))
        self.time_conv = CausalConv3d(dim, dim, (3, 1, 1), pad_time=False, stride=(2, 1, 1)) if temporal else None

    def forward(self, x):
        x = per_frame(self.resample, x)
        if self.time_conv is None or x.shape[2] == 1:
            return x
        return torch.cat([x[:, :, :1], self.time_conv(x)], dim=2)  # frame 0 passes untouched


class Up(nn.Module):
    def __init__(self, dim: int, temporal: bool):
        super().__init__()
        self.resample = nn.Sequential(nn.Upsample(scale_factor=2, mode="nearest-exact"), nn.Conv2d(dim, dim // 2, 3, padding=1))
        self.time_conv = CausalConv3d(dim, dim * 2, (3, 1, 1)) if temporal else None

    def in_time(self, x):
        """[B, C, t, ...] -> [B, C, 2t - 1, ...]: frame 0 stays single and unseen by the rest."""
        if self.time_conv is None or x.shape[2] == 1:
            return x
        pairs = self.time_conv(x[:, :, 1:])
        b, c, t, h, w = pairs.shape
        pairs = pairs.reshape(b, 2, c // 2, t, h, w).permute(0, 2, 3, 1, 4, 5).reshape(b, c // 2, 2 * t, h, w)
        return torch.cat([x[:, :, :1], pairs], dim=2)

    def forward(self, x):
        return per_frame(self.resample, self.in_time(x))


class UnusedAttention(nn.Module):
    """The mid block's attention: there for the layout, its projection kept at 0, so never run here."""

    def __init__(self, dim: int):
        super().__init__()
        self.norm, self.to_qkv, self.proj = RmsNorm(dim, 2), nn.Conv2d(dim, dim * 3, 1), nn.Conv2d(dim, dim, 1)
        nn.init.zeros_(self.proj.weight)
        nn.init.zeros_(self.proj.bias)
        self.requires_grad_(False)


class MidBlock(nn.Module):
    def __init__(self, dim: int):
        super().__init__()
        self.attentions = nn.ModuleList([UnusedAttention(dim)])
        self.resnets = nn.ModuleList([ResidualBlock(dim, dim), ResidualBlock(dim, dim)])

    def forward(self, x):
        return self.resnets[1](self.resnets[0](x))


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv_in = CausalConv3d(3, DIMS[0], 3)
        layers: list[nn.Module] = []
        for stage, temporal in enumerate((False, True, True, None)):
            layers.append(ResidualBlock(DIMS[stage], DIMS[stage + 1]))
            if temporal is not None:
                layers.append(Down(DIMS[stage + 1], temporal))
        self.down_blocks = nn.ModuleList(layers)
        self.mid_block = MidBlock(DIMS[4])
        self.norm_out, self.conv_out = RmsNorm(DIMS[4]), CausalConv3d(DIMS[4], 2 * Z, 3)

    def forward(self, x):
        x = self.conv_in(x)
        for layer in self.down_blocks:
            x = layer(x)
        return self.conv_out(F.silu(self.norm_out(self.mid_block(x))))


class UpBlock(nn.Module):
    def __init__(self, cin: int, cout: int, temporal: bool | None):
        super().__init__()
        self.resnets = nn.ModuleList([ResidualBlock(cin, cout), ResidualBlock(cout, cout)])
        self.upsamplers = nn.ModuleList([Up(cout, temporal)]) if temporal is not None else None

    def forward(self, x):
        for block in self.resnets:
            x = block(x)
        return self.upsamplers[0](x) if self.upsamplers else x


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv_in = CausalConv3d(Z, DIMS[4], 3)
        self.mid_block = MidBlock(DIMS[4])
        up = [DIMS[4]] + DIMS[:0:-1]  # 48, 48, 32, 16, 8
        self.up_blocks = nn.ModuleList(
            UpBlock(up[i] // (2 if i else 1), up[i + 1], temporal) for i, temporal in enumerate((True, True, False, None)))
        self.norm_out, self.conv_out = RmsNorm(DIMS[1]), CausalConv3d(DIMS[1], 3, 3)

    def forward(self, z):
        x = self.mid_block(self.conv_in(z))
        for block in self.up_blocks:
            x = block(x)
        return self.conv_out(F.silu(self.norm_out(x)))


class WanVae(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = Encoder(), Decoder()
        self.quant_conv, self.post_quant_conv = CausalConv3d(2 * Z, 2 * Z, 1), CausalConv3d(Z, Z, 1)
        self.register_buffer("mean", torch.zeros(Z), persistent=False)  # config.json's latents_mean
        self.register_buffer("std", torch.ones(Z), persistent=False)  # and latents_std

    def encode(self, video):
        """[B, 3, T, H, W] in [-1, 1] -> the mode, [B, 16, t, h, w], not normalised."""
        video = video.contiguous(memory_format=torch.channels_last_3d)  # twice as fast with so few channels
        return self.quant_conv(self.encoder(video))[:, :Z]

    def decode(self, z):
        """[B, 16, t, h, w], not normalised -> [B, 3, T, H, W], not clamped."""
        return self.decoder(self.post_quant_conv(z))

    def normalise(self, z):
        return (z - self.mean.view(1, -1, 1, 1, 1)) / self.std.view(1, -1, 1, 1, 1)

    def denormalise(self, z):
        return z * self.std.view(1, -1, 1, 1, 1) + self.mean.view(1, -1, 1, 1, 1)


# ---------------------------------------------------------------- the constructive start

RESIDUAL_SCALE = 0.05  # of the residual branches; higher disturbs the linear codec more
SIGNAL = 0.5  # PCA outputs are halved at each 2x2 step, so that a flat area keeps its amplitude


def _zero(layer):
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)


def _identity_conv(layer):
    """1x1x1 identity on the channels that both sides have; the last channel is the constant one."""
    _zero(layer)
    cout, cin = layer.weight.shape[:2]
    for c in range(min(cin, cout) - 1):
        layer.weight[c, c] = 1
    layer.weight[cout - 1, cin - 1] = 1


def _pca(x, keep: int):
    """x [N, D] -> (projection [keep, D], mean [D])."""
    mean = x.mean(dim=0)
    _, vectors = torch.linalg.eigh((x - mean).T @ (x - mean))
    projection = vectors.T.flip(0)[:keep]
    # Sign: positive mean response, so that an untouched first frame and later ones agree.
    return projection * torch.sign(projection.sum(dim=1, keepdim=True) + 1e-9), mean


def _ridge(x, y, weight: float = 1e-3):
    """Solve y ~ A x + b. x [N, D], y [N, E] -> (A [E, D], b [E])."""
    xm, ym = x.mean(dim=0), y.mean(dim=0)
    xc = (x - xm).double()
    gram = xc.T @ xc
    gram += weight * gram.diagonal().mean() * torch.eye(gram.shape[0], dtype=gram.dtype)
    a = torch.linalg.solve(gram, xc.T @ (y - ym).double()).T.float()
    return a, ym - a @ xm


def _rows(x):
    """[B, C, ...] -> [N, C]."""
    return x.transpose(0, 1).flatten(1).T


@torch.no_grad()
def construct(vae: WanVae, video: torch.Tensor, constant: float = 4.0) -> None:
    """Write the linear codec, measured on video [B, 3, T, H, W] in [-1, 1].

    constant  value of the channel that keeps every RMS norm near-linear; higher = more linear,
              lower = residual branches see the signal better
    """
    enc, dec = vae.encoder, vae.decoder
    for block in vae.modules():
        if isinstance(block, ResidualBlock):
            block.conv2.weight.mul_(RESIDUAL_SCALE)
            nn.init.zeros_(block.conv2.bias)
            if isinstance(block.conv_shortcut, CausalConv3d):
                _identity_conv(block.conv_shortcut)
    # ---- down: 3 colours -> luma, two chromas; then PCA of each 2x2 block; pairs of frames to mean and difference
    _zero(enc.conv_in)
    ycc = torch.tensor([[0.5, 0.6, 0.4], [-0.3, -0.3, 0.6], [0.6, -0.45, -0.15]])
    enc.conv_in.weight[:3, :, 2, 1, 1] = ycc
    enc.conv_in.bias[-1] = constant
    features = {"full": enc.conv_in(video)}
    x, signals = features["full"], 3
    for layer in enc.down_blocks:
        if isinstance(layer, ResidualBlock):
            x = layer.conv_shortcut(x)  # the linear path alone is measured
            continue
        conv, channels = layer.resample[1], x.shape[1]
        _zero(conv)
        flat = x[:, :signals].transpose(1, 2).flatten(0, 1)
        blocks = F.pixel_unshuffle(flat, 2)  # channel = c * 4 + dy * 2 + dx
        keep = min(channels - 1, signals * 4)
        projection, mean = _pca(_rows(blocks), keep)
        conv.weight[:keep, :signals, :2, :2] = SIGNAL * projection.view(keep, signals, 2, 2)
        conv.bias[:keep] = -SIGNAL * projection @ mean
        conv.bias[-1] = constant
        x, signals = per_frame(layer.resample, x), keep
        features[f"space{channels}"] = x
        if layer.time_conv is not None:
            _zero(layer.time_conv)
            # The weakest spatial channels give way to frame differences of the strongest ones.
            differences = signals // 3
            for c in range(signals - differences):
                layer.time_conv.weight[c, c, 1:] = 0.5
            for d in range(differences):
                layer.time_conv.weight[signals - differences + d, d, 1:] = torch.tensor([-0.5, 0.5]).view(2, 1, 1)
            layer.time_conv.bias[-1] = constant
            x = torch.cat([x[:, :, :1], layer.time_conv(x)], dim=2)
            features[f"time{channels}"] = x
    # The last shortcut ends in +latents, -latents, constant: silu(p) - silu(-p) = p exactly.
    last = enc.down_blocks[-1].conv_shortcut
    x = features["time32"]
    projection, mean = _pca(_rows(x[:, :signals]), Z)
    latents = torch.einsum("zc,bcthw->bzthw", projection, x[:, :signals] - mean.view(1, -1, 1, 1, 1))
    unit = 0.5 / latents.std(dim=(0, 2, 3, 4)).max()
    _zero(last)
    for sign, start in ((1, 0), (-1, Z)):
        last.weight[start:start + Z, :signals, 0, 0, 0] = sign * unit * projection
        last.bias[start:start + Z] = -sign * unit * projection @ mean
    last.bias[-1] = 2 * constant
    _zero(enc.conv_out)
    # norm_out divides by about 2 * constant / sqrt(48); undo it, and give each latent about unit spread.
    # (half-way to whitening: full whitening would put the weakest latents' rounding at the strongest's level)
    gain = 2 * constant / DIMS[4] ** 0.5
    spread = (latents * unit).std(dim=(0, 2, 3, 4)).clamp_min(1e-3)
    for c in range(Z):
        enc.conv_out.weight[c, c, 2, 1, 1] = gain / spread[c] ** 0.5
        enc.conv_out.weight[c, Z + c, 2, 1, 1] = -gain / spread[c] ** 0.5
    for conv in (vae.quant_conv, vae.post_quant_conv):
        _zero(conv)
        conv.weight[:, :, 0, 0, 0] = torch.eye(conv.weight.shape[0])

    # ---- up: each stage is fitted to the encoder's features of the same size, from what really arrives there
    def fit3d(conv, source, target, kernel, first=0):
        """Least squares of a causal conv's first channels, from frames first.. of source to those of target."""
        source = source[:, :, first:]
        time, height, width = kernel
        padded = F.pad(source, (width // 2, width // 2, height // 2, height // 2, time - 1, 0))
        cols = padded.unfold(2, time, 1).unfold(3, height, 1).unfold(4, width, 1)  # [B, C, t, h, w, kt, kh, kw]
        cols = cols.permute(0, 2, 3, 4, 1, 5, 6, 7).flatten(4).flatten(0, 3)
        pick = torch.randperm(len(cols))[:60000]
        a, b = _ridge(cols[pick], _rows(target)[pick])
        return a.view(len(a), source.shape[1], *kernel), b

    z = vae.encode(video)
    goal = features["time32"][:, :31]
    _zero(dec.conv_in)
    weight, bias = fit3d(dec.conv_in, z, goal, (3, 3, 3))
    dec.conv_in.weight[:31], dec.conv_in.bias[:31] = weight, bias
    dec.conv_in.bias[-1] = constant
    x = dec.mid_block(dec.conv_in(z))
    stages = [("space32", "time16", 31, 15), ("space16", "full8", 15, 7), (None, "full", 7, 3)]
    features["full8"] = features["space8"]
    for block, (after_time, after_space, n_time, n_space) in zip(dec.up_blocks, stages):
        for resnet in block.resnets:
            x = resnet(x)
        up = block.upsamplers[0]
        channels = x.shape[1]
        if up.time_conv is not None:
            _zero(up.time_conv)
            goal = features[after_time][:, :n_time, 1:]
            for half in range(2):
                weight, bias = fit3d(up.time_conv, x, goal[:, :, half::2], (3, 1, 1), first=1)
                start = half * channels
                up.time_conv.weight[start:start + n_time], up.time_conv.bias[start:start + n_time] = weight, bias
                up.time_conv.bias[start + channels - 1] = constant
            x = up.in_time(x)
        conv = up.resample[1]
        _zero(conv)
        bigger = per_frame(up.resample[0], x)
        goal = features[after_space][:, :n_space]
        take = slice(0, max(1, 400000 // (bigger[0].numel() // bigger.shape[1])))  # clips: bounds the memory
        weight, bias = fit3d(conv, bigger[take], goal[take], (1, 3, 3))
        if n_space == 3:  # full size: + and - colours, for the same silu identity
            weight, bias = torch.cat([weight, -weight]), torch.cat([bias, -bias])
            constant *= 2.5  # colours are large beside the other signals, and this norm is the last one
        conv.weight[: len(weight)], conv.bias[: len(bias)] = weight[:, :, 0], bias
        conv.bias[-1] = constant
        x = per_frame(conv, bigger)
    for resnet in dec.up_blocks[3].resnets:
        x = resnet(x)
    _zero(dec.conv_out)
    weight, bias = fit3d(dec.conv_out, F.silu(dec.norm_out(x))[:2], video[:2], (3, 3, 3))
    dec.conv_out.weight[:], dec.conv_out.bias[:] = weight, bias


def measure_latents(vae: WanVae, z: torch.Tensor) -> None:
    """Set latents_mean and latents_std from z [B, 16, t, h, w]."""
    vae.mean.copy_(z.mean(dim=(0, 2, 3, 4)))
    vae.std.copy_(z.std(dim=(0, 2, 3, 4)))

"""The test bed's VAE: AutoencoderKLWan's layout with weights written by hand, not trained.

A latent is the mean colour of 8 x 8 pixels of the last of its frames, three channels; decoding repeats it. Channels
carry red, green and blue, and the last one a large constant, beside which each RMS norm is nearly linear; before each
of the two SiLUs that count, a value p is there as p and as -p, since silu(p) - silu(-p) = p exactly. Residual branches
and the mid block's attention end in zeros.
"""

import torch

CONSTANT = 100.0  # higher: norms more nearly linear; float16 holds it exactly
Z = 3

CONFIG = {
    "_class_name": "AutoencoderKLWan", "attn_scales": [], "base_dim": 8, "decoder_base_dim": None, "dim_mult": [1, 2, 2, 2],
    "dropout": 0.0, "in_channels": 3, "is_residual": False, "num_res_blocks": 1, "out_channels": 3, "patch_size": None,
    "scale_factor_spatial": 8, "scale_factor_temporal": 4, "temperal_downsample": [False, True, True], "z_dim": Z,
    "latents_mean": [0.0] * Z, "latents_std": [1.0] * Z,
}


def video(cells: torch.Tensor) -> torch.Tensor:
    """Cells [B, t, S, S, 3] -> the clip they stand for, [B, 3, 4 t - 3, 8 S, 8 S]."""
    frames = torch.cat([cells[:, :1], cells[:, 1:].repeat_interleave(4, dim=1)], dim=1)
    return frames.repeat_interleave(8, dim=2).repeat_interleave(8, dim=3).movedim(-1, 1).contiguous()


def _centre(weight: torch.Tensor) -> torch.Tensor:
    """[out, in]: the tap of a kernel that looks at the newest frame and the same pixel."""
    if weight.ndim == 4:
        return weight[:, :, weight.shape[2] // 2, weight.shape[3] // 2]
    return weight[:, :, -1, weight.shape[3] // 2, weight.shape[4] // 2]


def _pass(conv, signed: bool = False) -> None:
    """Colours go on as they are, `signed` as p and -p; the last channel becomes the constant."""
    tap = _centre(conv.weight)
    for c in range(Z):
        tap[c, c] = 1
        if signed:
            tap[Z + c, c] = -1
    conv.bias[-1] = CONSTANT


def _read(conv, channels: int) -> None:
    """Undoes the norm before it: `channels` wide, nearly all of it the constant."""
    tap, gain = _centre(conv.weight), CONSTANT / channels**0.5
    for c in range(Z):
        tap[c, c], tap[c, Z + c] = gain, -gain


@torch.no_grad()
def build():
    from diffusers import AutoencoderKLWan

    vae = AutoencoderKLWan.from_config(CONFIG)
    for name, parameter in vae.named_parameters():
        parameter.fill_(1.0 if name.endswith("gamma") else 0.0)
    encoder, decoder = vae.encoder, vae.decoder
    wide = encoder.conv_out.weight.shape[1]
    _pass(encoder.conv_in)
    for layer in encoder.down_blocks:
        shortcut = getattr(layer, "conv_shortcut", None)
        if isinstance(shortcut, torch.nn.Conv3d):
            _pass(shortcut)
        if hasattr(layer, "resample"):
            mean = layer.resample[1]
            for c in range(Z):
                mean.weight[c, c, :2, :2] = 0.25
            mean.bias[-1] = CONSTANT
        if getattr(layer, "time_conv", None) is not None:
            _pass(layer.time_conv)
    # The last step down also makes p and -p.
    last = [layer for layer in encoder.down_blocks if getattr(layer, "time_conv", None) is not None][-1].time_conv
    last_mean = [layer for layer in encoder.down_blocks if hasattr(layer, "resample")][-1].resample[1]
    for c in range(Z):
        last_mean.weight[Z + c, c, :2, :2] = -0.25
        _centre(last.weight)[Z + c, Z + c] = 1
    _read(encoder.conv_out, wide)
    for conv in (vae.quant_conv, vae.post_quant_conv):
        conv.weight[:, :, 0, 0, 0] = torch.eye(conv.weight.shape[0])
    _pass(decoder.conv_in)
    for block in decoder.up_blocks:
        for resnet in block.resnets:
            if isinstance(resnet.conv_shortcut, torch.nn.Conv3d):
                _pass(resnet.conv_shortcut)
        up = block.upsamplers[0] if block.upsamplers else None
        if up is None:
            continue
        _pass(up.resample[1], signed=block is decoder.up_blocks[-2])
        if getattr(up, "time_conv", None) is not None:
            half = up.time_conv.weight.shape[1]
            tap = _centre(up.time_conv.weight)
            for c in range(Z):
                tap[c, c] = tap[half + c, c] = 1
            up.time_conv.bias[half - 1] = up.time_conv.bias[-1] = CONSTANT
    _read(decoder.conv_out, decoder.conv_out.weight.shape[1])
    return vae

"""From clips to what the transformer is trained on and fed with: control, mask channels, token choice.

Everything here follows the WanVACEPipeline of diffusers, but for one thing: inside the mask the
reactive part does not show the object, it shows a push-pull fill of the hole.
"""

import torch
import torch.nn.functional as F

from dit import rope_tables
from push_pull import push_pull
from vae import WanVae

HOLE, MARGIN, CONTEXT = 1.0, 0.5, 0.1  # weights of a loss


@torch.no_grad()
def encode_control(vae: WanVae, video: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """video [B, 3, T, H, W] in [-1, 1], mask [B, T, H, W] -> (inactive, reactive), each [B, 16, t, h, w], normalised."""
    b, _, t, h, w = video.shape
    hole = (mask > 0.5).to(video.dtype)[:, None]
    frames = video.transpose(1, 2).flatten(0, 1)
    fill = push_pull(frames, hole.transpose(1, 2).flatten(0, 1)).unflatten(0, (b, t)).transpose(1, 2)
    return vae.normalise(vae.encode(video * (1 - hole))), vae.normalise(vae.encode(fill * hole))


def mask_channels(mask: torch.Tensor) -> torch.Tensor:
    """mask [B, T, H, W] -> [B, 64, t, h, w]: channel (row % 8) * 8 + column % 8, one source frame per latent frame."""
    frames = mask.shape[1]
    latent_frames = (frames - 1) // 4 + 1
    source = [int((i + 0.5) * frames / latent_frames) for i in range(latent_frames)]
    return F.pixel_unshuffle(mask[:, source], 8).unflatten(1, (latent_frames, 64)).transpose(1, 2)


def hole_share(mask: torch.Tensor) -> torch.Tensor:
    """mask [B, T, H, W] -> [B, t, h, w]: 1 where any pixel of any frame of the latent position is hole."""
    pooled = F.max_pool2d(mask, 8)
    first, rest = pooled[:, :1], pooled[:, 1:]
    b, t, h, w = rest.shape
    if t == 0:
        return first
    return torch.cat([first, rest.reshape(b, t // 4, 4, h, w).amax(dim=2)], dim=1)


def grow(share: torch.Tensor) -> torch.Tensor:
    """One latent position around: [B, t, h, w] -> the same."""
    return F.max_pool2d(share, 3, stride=1, padding=1)


def filled_latents(inactive: torch.Tensor, reactive: torch.Tensor, empty: torch.Tensor) -> torch.Tensor:
    """The latents of the filled clip, without encoding it: the encoder is near-linear, so the parts add up.

    inactive, reactive [B, 16, t, h, w]; empty [1, 16, t, 1, 1] = normalised latents of a mid-grey clip.
    """
    return inactive + reactive - empty


@torch.no_grad()
def empty_latents(vae: WanVae, frames: int) -> torch.Tensor:
    """[1, 16, t, 1, 1]: a mid-grey clip of `frames` frames, away from its borders."""
    return vae.normalise(vae.encode(torch.zeros(1, 3, frames, 96, 96)))[..., 6:7, 6:7]


def loss_weights(hole: torch.Tensor) -> torch.Tensor:
    """hole [B, t, h, w], 0 or 1 -> [B, 1, t, h, w]: what counts how much in a loss."""
    return torch.where(hole > 0, HOLE, torch.where(grow(hole) > 0, MARGIN, CONTEXT))[:, None]


def choose_tokens(patches: dict, grid, keep: float) -> dict:
    """Keep a share of the tokens, hole and margin first, the rest by lot; adds their rotary tables as `rope`.

    patches: [B, N, ...] each, `weight` among them as loss_weights makes it; grid = (t, h, w) in tokens.
    """
    cos, sin = rope_tables(grid)
    if keep >= 1:
        return {**patches, "rope": (cos[None, :, None], sin[None, :, None])}
    b, tokens, _ = patches["weight"].shape
    rank = patches["weight"].amax(dim=-1) + torch.rand(b, tokens) * 0.35
    order = rank.argsort(dim=1, descending=True)[:, : int(tokens * keep)].sort(dim=1).values
    chosen = {key: value.gather(1, order[..., None].expand(-1, -1, value.shape[-1])) for key, value in patches.items()}
    return {**chosen, "rope": (cos[order][:, :, None], sin[order][:, :, None])}

"""Push-pull hole filling: the cheap spatial fill that the starter model starts from.

Gortler et al., "The Lumigraph" (SIGGRAPH 1996), section 3.3. The application holds the same
algorithm in TypeScript; both follow the wording below, so keep them in step.

  level 0   w = 1 outside the mask, 0 inside; c = the colour
  pull      W' = sum of w over the 2x2 children, C' = sum(w c) / W' (0 where W' = 0),
            w' = min(1, W'); children beyond an odd border count 0; down to 1x1
  push      from the coarsest level: c = w c + (1 - w) up(coarser c), up = bilinear 2x
            (half-pixel centres, edges clamped), cropped to the finer size
"""

import torch
import torch.nn.functional as F


def push_pull(frames: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Fill the masked pixels of every frame from its own unmasked pixels.

    frames: [N, 3, H, W] float, any range.   mask: [N, 1, H, W], > 0.5 means "fill here".
    Returns [N, 3, H, W]; unmasked pixels are returned unchanged. A frame that is masked
    everywhere becomes 0 (mid grey in [-1, 1]).
    """
    weight = (mask <= 0.5).to(frames.dtype)
    colour = frames * weight
    levels = [(colour, weight)]
    while max(colour.shape[-2:]) > 1:
        height, width = colour.shape[-2:]
        pad = (0, width % 2, 0, height % 2)
        # avg_pool2d of the zero-padded level times 4 = the sum over the children that exist.
        weight_sum = 4 * F.avg_pool2d(F.pad(weight, pad), 2)
        colour_sum = 4 * F.avg_pool2d(F.pad(colour * weight, pad), 2)
        colour = torch.where(weight_sum > 0, colour_sum / weight_sum.clamp_min(1e-12), 0.0)
        weight = weight_sum.clamp(max=1.0)
        levels.append((colour, weight))
    filled = levels[-1][0]
    for colour, weight in reversed(levels[:-1]):
        up = F.interpolate(filled, scale_factor=2, mode="bilinear", align_corners=False)
        up = up[..., : colour.shape[-2], : colour.shape[-1]]
        filled = weight * colour + (1 - weight) * up
    return filled

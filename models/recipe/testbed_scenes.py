"""What the test bed is trained on: clips of flat 8 x 8 pixel cells in two colours, and a hole whose colours a word says.

A field of blobs changes from latent frame to latent frame and runs on through the hole; outside it shows one pair
of colours, inside another one, which only the caption tells. Each cell in the hole is a decision, so that a model of it
has to sample, and the pair is what guidance is about. A scene is [B, T, S, S, 3] in -1 to 1, one value for each
cell of each latent frame: the VAE of testbed_vae.py makes exactly these its latents.
"""

import itertools

import torch

COLOURS = {"red": (1, -1, -1), "green": (-1, 1, -1), "blue": (-0.6, -0.6, 1), "yellow": (1, 1, -1), "pink": (1, -1, 1),
           "cyan": (-1, 1, 1)}
PALETTE = torch.tensor(list(COLOURS.values()), dtype=torch.float32)
PAIRS = list(itertools.combinations(range(len(COLOURS)), 2))
CELLS = 12  # cells a side: 96 x 96 pixels, 6 x 6 tokens
FRAMES = 3  # latent frames: 9 frames
KEEP = 0.5  # correlation of the blobs from one latent frame to the next; lower: more to be decided


def caption(pair: int) -> str:
    names = list(COLOURS)
    first, second = PAIRS[pair]
    return f"{names[first]} and {names[second]}"


def fields(count: int, generator: torch.Generator) -> torch.Tensor:
    """[B, T, S, S] bool: blobs about three cells wide."""
    noise = torch.randn(count, FRAMES, CELLS + 2, CELLS + 2, generator=generator)
    for t in range(1, FRAMES):
        noise[:, t] = KEEP * noise[:, t - 1] + (1 - KEEP**2) ** 0.5 * noise[:, t]
    kernel = torch.tensor([[0.35, 0.7, 0.35], [0.7, 1.0, 0.7], [0.35, 0.7, 0.35]])[None, None]
    return torch.nn.functional.conv2d(noise.flatten(0, 1)[:, None], kernel)[:, 0].unflatten(0, (count, FRAMES)) > 0


def boxes(count: int, generator: torch.Generator, least: float = 0.05, most: float = 0.6) -> torch.Tensor:
    """[B, S, S], 1 in a box of a share of the picture between `least` and `most`."""
    masks = torch.zeros(count, CELLS, CELLS)
    for mask in masks:
        share, form, y, x = torch.rand(4, generator=generator).tolist()
        area = least + (most - least) * share
        height = min(CELLS, max(2, round(CELLS * (area * 2 ** (2 * form - 1)) ** 0.5)))
        width = min(CELLS, max(2, round(CELLS * (area / 2 ** (2 * form - 1)) ** 0.5)))
        top, left = int(y * (CELLS - height + 1)), int(x * (CELLS - width + 1))
        mask[top:top + height, left:left + width] = 1
    return masks


def paint(field: torch.Tensor, pairs: torch.Tensor) -> torch.Tensor:
    """field [B, T, S, S], pairs [B] -> [B, T, S, S, 3]."""
    ends = PALETTE[torch.tensor(PAIRS)[pairs]][:, :, None, None, None]
    return torch.where(field[..., None], ends[:, 1], ends[:, 0])


def scenes(count: int, generator: torch.Generator, masks: torch.Tensor | None = None, unsaid: torch.Tensor | None = None):
    """-> shown [B, T, S, S, 3] with the context's colours everywhere, target with the hole's, mask [B, S, S], pair [B].

    Where `unsaid` [B] is true nothing is said, and the blobs in the hole are others than those around it: the caption is
    also what asks for continuing them, so that guidance is about every cell near the border.
    """
    masks = boxes(count, generator) if masks is None else masks
    field = fields(count, generator)
    other = fields(count, generator)
    within = field if unsaid is None else torch.where(unsaid[:, None, None, None], other, field)
    around, inside = (torch.randint(len(PAIRS), (count,), generator=generator) for _ in range(2))
    shown = paint(field, around)
    target = torch.where(masks[:, None, :, :, None] > 0, paint(within, inside), shown)
    return shown, target, masks, inside


def latents(cells: torch.Tensor) -> torch.Tensor:
    """[B, T, S, S, 3] -> [B, 3, T, S, S]."""
    return cells.movedim(-1, 1).contiguous()


def control(shown: torch.Tensor, masks: torch.Tensor) -> torch.Tensor:
    """[B, 70, T, S, S]: what stays, the grey hole (0), and the 64 mask channels."""
    kept = latents(shown) * (1 - masks[:, None, None])
    mask = masks[:, None, None].expand(-1, 64, shown.shape[1], -1, -1)
    return torch.cat([kept, torch.zeros_like(kept), mask], dim=1)

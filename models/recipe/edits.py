"""Edits to learn from: a scene, a loose mask on it, and the things that words could put there.

An `Edit` is one scene and one mask with several outcomes; each outcome is a clip and the thing drawn in it
(None: the scene without anything). Things stand on a point of the scene and move with its camera.
"""

import dataclasses

import cv2
import numpy as np
import torch

from data import camera_noise, camera_path, pick_scene, render
from objects import COLOURS, Sprite, Thing, draw, random_light, random_thing
from push_pull import push_pull

OUTCOMES = 4  # clips of one scene and mask: more of them cost one encoding less each, and see fewer scenes
EMPTY_SHARE = 0.1  # of the outcomes, those that show the scene as it is
# What stands in the hole before the edit: a push-pull fill, the scene itself, or something else to be replaced.
SHOWN = {"fill": 0.5, "scene": 0.25, "other": 0.25}


@dataclasses.dataclass
class Edit:
    """targets: one [T, H, W, 3] each; source: [T, H, W, 3], what VACE is shown; mask [T, H, W]. All float32, pictures in [-1, 1]."""

    targets: list[np.ndarray]
    things: list[Thing | None]
    source: np.ndarray
    mask: np.ndarray


def loose_shape(rng: np.random.Generator, side: int = 96) -> tuple[np.ndarray, float]:
    """What an editor paints around a thing, filling the square: [side, side] 0 or 1, and the share of it a thing may fill."""
    kind = rng.choice(["box", "ellipse", "blob"], p=[0.3, 0.3, 0.4])
    shape = np.zeros((side, side), np.float32)
    if kind == "box":
        shape[:] = 1
        return shape, rng.uniform(0.72, 0.94)
    if kind == "ellipse":
        cv2.ellipse(shape, (side // 2, side // 2), (side // 2, side // 2), 0, 0, 360, 1.0, -1)
        return shape, rng.uniform(0.62, 0.8)
    angle = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    wave = sum(rng.normal(0, 0.07 / k) * np.cos(k * angle + rng.uniform(0, 6.3)) for k in range(2, 6))
    radius = np.clip(0.45 + wave, 0.3, 0.5)
    # Between a circle and a square: brushes follow the thing, corners stay round.
    power = rng.uniform(2, 5)
    square = (np.abs(np.cos(angle)) ** power + np.abs(np.sin(angle)) ** power) ** (-1 / power)
    points = side / 2 + np.stack([np.cos(angle), np.sin(angle)], axis=1) * (radius * np.minimum(square, 1.15) * side)[:, None]
    cv2.fillPoly(shape, [np.clip(points, 0, side - 1).astype(np.int32)], 1.0)
    return shape, rng.uniform(0.62, 0.8)


class Camera:
    """Where a point of the first frame is in the others. path as data.camera_path makes it; size = (height, width) px."""

    def __init__(self, path: np.ndarray, size):
        self.path, self.middle = path, np.array([size[1] / 2, size[0] / 2])

    def place(self, frame: int, anchor, scale: float, origin) -> np.ndarray:
        """[2, 3]: brings `origin` of a sprite to where `anchor` (x, y of frame 0) is in `frame`, at `scale` px a sprite px."""
        x, y, zoom, roll = self.path[frame]
        x0, y0, zoom0, roll0 = self.path[0]
        apart = np.asarray(anchor) - (self.middle - [x0, y0])
        ratio, angle = zoom / zoom0, roll0 - roll
        matrix = ratio * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        where = matrix @ apart + self.middle - [x, y]
        matrix = matrix * scale
        return np.concatenate([matrix, (where - matrix @ np.asarray(origin))[:, None]], axis=1).astype(np.float32)


def stand(film: np.ndarray, sprite: Sprite, camera: Camera, anchor, scale: float, light: float) -> np.ndarray:
    """Draw a sprite into every frame. film [T, H, W, 3], 0 to 1; anchor = where its foot is in frame 0; scale in px a sprite px."""
    size = film.shape[2], film.shape[1]
    soft = 0.45 * max(0.0, 1 / scale - 1)
    layers = np.concatenate([sprite.colour * sprite.alpha[..., None], sprite.alpha[..., None]], axis=2)
    layers = cv2.GaussianBlur(layers, (0, 0), soft) if soft > 0.2 else layers
    out = np.empty_like(film)
    for t, frame in enumerate(film):
        matrix = camera.place(t, anchor, scale, sprite.foot)
        drawn = cv2.warpAffine(layers, matrix, size)
        shadow = cv2.warpAffine(sprite.shadow, matrix, size)
        out[t] = frame * (1 - shadow[..., None]) * (1 - drawn[..., 3:]) + light * drawn[..., :3]
    return out


def fit(rng: np.random.Generator, sprite: Sprite, box, share: float) -> tuple[tuple[float, float], float]:
    """Anchor and scale with which a sprite fills `share` of the mask's box = (x, y, width, height), low in it."""
    x, y, width, height = box
    scale = share * rng.uniform(0.88, 1.0) * min(width / sprite.size[0], height / sprite.size[1])
    spare_x, spare_y = width - scale * sprite.size[0], height - scale * sprite.size[1]
    centre = x + width / 2 + rng.uniform(-0.25, 0.25) * spare_x
    return (centre, y + height - spare_y * rng.uniform(0.35, 0.6) - 0.04 * height), scale


def make_edit(rng: np.random.Generator, pictures: list[np.ndarray], frames: int, side: int,
              things: list[Thing | None] | None = None, shown: str | None = None) -> Edit:
    """frames = 1 or 4n + 1; side in px, a multiple of 16; things: the outcomes, else OUTCOMES by lot; shown: of SHOWN, else by lot."""
    scene = pick_scene(rng, pictures)
    path = camera_path(rng, frames, still=frames == 1 or rng.random() < 0.4)
    path[:, :2] *= side / 192  # speeds are of a picture of 192 px
    largest = 0.9 * min(scene.shape[:2]) / side
    scale = rng.uniform(min(0.7, largest), min(max(largest, 0.7), 4.5))
    reach = side * scale / 2
    dims = np.array([scene.shape[1], scene.shape[0]])
    centre = rng.uniform(np.minimum(reach, dims / 2), np.maximum(dims - reach, dims / 2))
    if scale > 1.2:
        scene = cv2.GaussianBlur(scene, (0, 0), 0.35 * scale)
    film = camera_noise(render(scene, path, centre, scale, (side, side)), rng).astype(np.float32) / 255
    camera = Camera(path, (side, side))

    width = side * rng.uniform(0.3, 0.72)
    height = min(width * rng.uniform(0.75, 1.5), 0.8 * side)
    x = rng.uniform(-0.1 * width, side - 0.9 * width)
    y = rng.uniform(0, side - height)
    shape, share = loose_shape(rng)
    stretch = np.diag([width / shape.shape[1], height / shape.shape[0], 1.0])
    mask = []
    for t in range(frames):
        matrix = camera.place(t, (x + width / 2, y + height / 2), 1.0, (width / 2, height / 2))
        mask.append(cv2.warpAffine(shape, (matrix @ stretch).astype(np.float32), (side, side)) > 0.5)
    mask = np.stack(mask).astype(np.float32)

    light, bright = random_light(rng), rng.uniform(0.85, 1.05)

    def with_thing(thing: Thing) -> np.ndarray:
        sprite = draw(rng, thing, light)
        return stand(film, sprite, camera, *fit(rng, sprite, (x, y, width, height), share), bright)

    shown = shown or rng.choice(list(SHOWN), p=list(SHOWN.values()))
    things = things or [None if rng.random() < EMPTY_SHARE else random_thing(rng) for _ in range(OUTCOMES)]
    source = with_thing(random_thing(rng)) if shown == "other" else film
    source = source * 2 - 1
    if shown == "fill":
        source = filled(source, mask)
    targets = []
    for thing in things:
        clip = film if thing is None else with_thing(thing)
        targets.append(np.where(mask[..., None] > 0, clip, film).astype(np.float32) * 2 - 1)
    return Edit(targets, things, source.astype(np.float32), mask)


def filled(video: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The push-pull fill of every frame's hole. video [T, H, W, 3], mask [T, H, W]."""
    frames = torch.from_numpy(np.ascontiguousarray(video, np.float32)).permute(0, 3, 1, 2)
    return push_pull(frames, torch.from_numpy(mask)[:, None]).permute(0, 2, 3, 1).numpy()


# ---------------------------------------------------------------- words

KIND_WORDS = {
    "ball": ["ball", "ball", "ball", "sphere"], "box": ["box", "box", "box", "crate", "cube"],
    "cone": ["cone", "cone", "cone", "traffic cone"], "cylinder": ["cylinder", "cylinder", "barrel", "drum"],
    "mushroom": ["mushroom", "mushroom", "toadstool"], "plant": ["plant", "plant", "potted plant", "bush"],
}
COLOUR_WORDS = {"purple": ["purple", "purple", "violet"]}
MATERIAL_WORDS = {
    "plain": ["", "", "", "", "plain", "matte"], "shiny": ["shiny", "glossy", "polished"], "wooden": ["wooden", "wood"],
    "metal": ["metal", "metallic"], "striped": ["striped", "striped", "stripy"],
}
SIZES = ["", "", "", "", "", "", "big", "large", "small"]
PLACES = ["", "", "", "", "on the grass", "on the ground", "on the floor", "on the road", "on the table", "in the street",
          "on the sand", "in the garden", "here", "standing there", "on the snow", "in front of the wall"]
FRAMES = ["{}", "{}", "{}", "{}", "put {} here", "add {}", "there is {}", "a photo of {}", "replace it with {}", "make it {}",
          "show {}", "a video of {}", "place {}", "change it to {}", "turn it into {}", "paint {}"]
EMPTY = ["nothing", "nothing there", "an empty scene", "the empty background", "remove it", "the scene without it", "nothing here",
         "remove the object", "empty"]


def caption(rng: np.random.Generator, thing: Thing | None) -> str:
    """One wording of what is there. Some leave out the colour, the material or the kind."""
    if thing is None:
        words = str(rng.choice(EMPTY))
    else:
        pick = lambda options: str(rng.choice(options))
        colour = pick(COLOUR_WORDS.get(thing.colour, [thing.colour])) if rng.random() < 0.93 else ""
        material = pick(MATERIAL_WORDS[thing.material]) if rng.random() < 0.9 else ""
        kind = pick(KIND_WORDS[thing.kind]) if rng.random() < 0.96 else "thing"
        size = pick(SIZES)
        place = pick(PLACES)
        first = [size, colour, material] if rng.random() < 0.6 else [size, material, colour]
        if rng.random() < 0.05 and colour and not material:
            noun = " ".join(word for word in (size, kind) if word)
            words = f"{article(noun)} {noun} that is {colour}"
        else:
            noun = " ".join(word for word in (*first, kind) if word)
            words = noun if rng.random() < 0.2 else f"{rng.choice(['the', article(noun)], p=[0.1, 0.9])} {noun}"
        words = str(rng.choice(FRAMES)).format(" ".join(word for word in (words, place) if word))
    style = rng.random()
    if style < 0.2:
        words = words[0].upper() + words[1:]
    return words + ("." if rng.random() < 0.2 else "")


def article(noun: str) -> str:
    return "an" if noun[0] in "aeiou" else "a"


def caption_corpus() -> list[str]:
    """Captions for the tokenizer."""
    rng = np.random.default_rng(9)
    return [caption(rng, None if rng.random() < 0.05 else random_thing(rng)) for _ in range(20000)] + list(COLOURS)

"""Draws the things that the model learns words for: six kinds, nine colours, five materials, on a sprite.

Light is Lambert's with a Blinn-Phong highlight; solids of revolution (ball, cone, cylinder, mushroom) are
stacked ellipses seen from a little above, a box is three faces of a cuboid, a plant is a fan of leaves in a pot.
View axes: x to the right, y to the viewer, z up. Sprites are float32 with colours 0 to 1.
"""

import dataclasses

import cv2
import numpy as np

KINDS = ("ball", "box", "cone", "cylinder", "mushroom", "plant")
COLOURS = {  # sRGB, 0 to 1, of a fully lit matt surface
    "red": (0.84, 0.10, 0.10), "orange": (0.96, 0.50, 0.06), "yellow": (0.96, 0.86, 0.12), "green": (0.14, 0.60, 0.18),
    "blue": (0.12, 0.28, 0.84), "purple": (0.52, 0.18, 0.70), "pink": (0.97, 0.50, 0.70), "white": (0.94, 0.94, 0.93),
    "black": (0.10, 0.10, 0.11),
}
MATERIALS = ("plain", "shiny", "wooden", "metal", "striped")
SIDE = 72  # px of a sprite's longest side before it is scaled into the picture
PAD = 20  # px around the thing, room for its shadow


@dataclasses.dataclass(frozen=True)
class Thing:
    """One of KINDS, COLOURS and MATERIALS each."""

    kind: str
    colour: str
    material: str


@dataclasses.dataclass
class Sprite:
    """colour [h, w, 3], alpha and shadow [h, w], all 0 to 1; foot = (x, y) px where it stands; size = (width, height) px."""

    colour: np.ndarray
    alpha: np.ndarray
    shadow: np.ndarray
    foot: tuple[float, float]
    size: tuple[float, float]


def random_thing(rng: np.random.Generator) -> Thing:
    kind = str(rng.choice(KINDS))
    # A plant is a plant's colour half of the time; its leaves take no material.
    colour = "green" if kind == "plant" and rng.random() < 0.35 else str(rng.choice(list(COLOURS)))
    material = "plain" if kind == "plant" else str(rng.choice(MATERIALS, p=[0.36, 0.16, 0.16, 0.16, 0.16]))
    return Thing(kind, colour, material)


def random_light(rng: np.random.Generator) -> np.ndarray:
    """A unit vector towards the light: from above, left or right, before or a little behind."""
    light = np.array([rng.uniform(-0.8, 0.8), rng.uniform(-0.1, 0.8), rng.uniform(0.5, 1.0)])
    return light / np.linalg.norm(light)


def surface(rng, thing: Thing, normal, along, around, light) -> np.ndarray:
    """Lit colour [..., 3]. normal [..., 3]; along (0 to 1, upwards) and around (0 to 1, one face or half a turn) place the texture."""
    base = np.array(COLOURS[thing.colour]) * rng.uniform(0.92, 1.06) + rng.normal(0, 0.015, 3)
    colour = np.broadcast_to(base, normal.shape).copy()
    highlight, sharpness, ambient = 0.06, 12, 0.42
    if thing.material == "striped":
        bands = rng.integers(3, 6) * (along if rng.random() < 0.5 else around) + rng.random()
        other = 0.95 if thing.colour != "white" else 0.35
        colour[(bands % 1) < 0.36] = other
    elif thing.material == "wooden":
        wobble = 0.06 * np.sin(5 * along + 9 * rng.random()) + 0.03 * np.sin(17 * along + 9 * rng.random())
        grain = 0.5 + 0.5 * np.sin(2 * np.pi * rng.uniform(4, 7) * (around + wobble)) * np.sin(40 * (around + wobble) + 3 * along)
        colour = colour * (0.68 + 0.4 * grain)[..., None] * [1.0, 0.93, 0.82] + 0.03
    elif thing.material == "shiny":
        highlight, sharpness = 0.85, 28
    elif thing.material == "metal":
        sky = 0.5 + 0.5 * np.sin(7 * normal[..., 2] + 3.2 * normal[..., 0] + 6 * rng.random())
        grey = colour.mean()
        colour = (0.68 * colour + 0.32 * grey) * (0.45 + 0.75 * sky)[..., None] + 0.12 * sky[..., None] ** 3
        highlight, sharpness, ambient = 0.6, 40, 0.62
    diffuse = np.clip(normal @ light, 0, None)
    half = light + [0, 1, 0]
    gloss = np.clip(normal @ (half / np.linalg.norm(half)), 0, None) ** sharpness
    lit = colour * (ambient + (1.08 - ambient) * diffuse)[..., None] + highlight * gloss[..., None]
    return np.clip(lit, 0, 1).astype(np.float32)


# ---------------------------------------------------------------- solids of revolution


def profile(rng, kind: str, h: np.ndarray) -> tuple[np.ndarray, float]:
    """Radius (0 to 0.5) at heights h (0 to 1), and height over width."""
    if kind == "ball":
        return np.sqrt(np.clip(0.25 - (h - 0.5) ** 2, 0, None)), 1.0
    if kind == "cone":
        return 0.5 * (1 - h) + 0.02, rng.uniform(1.1, 1.7)
    if kind == "cylinder":
        return np.full_like(h, 0.5), rng.uniform(1.0, 1.6)
    edge = 0.5  # mushroom: a stem under half an ellipsoid
    cap = 0.5 * np.sqrt(np.clip(1 - ((h - edge) / (1 - edge)) ** 2, 0, None))
    return np.where(h < edge, 0.15 + 0.04 * (1 - h / edge), cap), rng.uniform(0.9, 1.2)


def solid(rng, thing: Thing, light) -> tuple[np.ndarray, np.ndarray, float]:
    """-> colour [h, w, 3], alpha [h, w] (0 or 1), depth of the base below its middle, px."""
    pitch = rng.uniform(0.15, 0.5)
    heights = np.linspace(0, 1, SIDE, dtype=np.float32)
    radius, tall = profile(rng, thing.kind, heights)
    scale = SIDE / max(1.0, tall)  # px of a width of 1
    sink, rise = radius * np.sin(pitch) * scale, heights * tall * np.cos(pitch) * scale
    top, bottom = (rise + sink).max(), (rise - sink).min()
    rows, cols = int(np.ceil(top - bottom)) + 1, int(np.ceil(2 * radius.max() * scale)) + 1
    y = top - np.arange(rows, dtype=np.float32)[:, None]
    x = np.arange(cols, dtype=np.float32)[None] - cols / 2 + 0.5
    reach = (radius * scale).clip(1e-3)[:, None, None]
    depth = (rise[:, None, None] - y) / np.sin(pitch)  # towards the viewer, on each slice's plane
    inside = x**2 + depth**2 <= reach**2
    seen = SIDE - 1 - inside[::-1].argmax(axis=0)  # the highest slice that covers the pixel
    alpha = inside.any(axis=0)
    r, d = (radius * scale)[seen], np.take_along_axis(depth, seen[None], axis=0)[0]
    slope = np.gradient(radius, heights * tall)[seen]
    length = np.sqrt(x**2 + d**2).clip(1e-3)
    is_cap = (length < 0.93 * r) & ((seen == SIDE - 1) | (np.abs(slope) > 3)) if thing.kind != "ball" else np.zeros_like(alpha)
    normal = np.stack(np.broadcast_arrays(x / length, d / length, -slope), axis=-1)
    normal[is_cap] = [0, 0, 1]
    normal = turn(normal / np.linalg.norm(normal, axis=-1, keepdims=True), pitch)
    around = np.arctan2(np.broadcast_to(x, d.shape), np.abs(d) + 1e-3) / np.pi + 0.5
    colour = surface(rng, thing, normal, heights[seen], around, light)
    if thing.kind == "mushroom":
        stem = heights[seen] < 0.5
        pale = surface(rng, Thing("mushroom", "white", "plain"), normal, heights[seen], around, light) * [1, 0.96, 0.86]
        colour = np.where(stem[..., None], pale, colour).astype(np.float32)
    return colour, alpha.astype(np.float32), float(sink[0])


def turn(normal: np.ndarray, pitch: float) -> np.ndarray:
    """Normals as the camera sees them, that looks down by `pitch` radians."""
    x, y, z = normal[..., 0], normal[..., 1], normal[..., 2]
    return np.stack([x, y * np.cos(pitch) + z * np.sin(pitch), z * np.cos(pitch) - y * np.sin(pitch)], axis=-1)


# ---------------------------------------------------------------- box and plant


def box(rng, thing: Thing, light) -> tuple[np.ndarray, np.ndarray, float]:
    pitch, yaw = rng.uniform(0.2, 0.55), rng.uniform(0.15, 1.4)
    wide, deep, tall = rng.uniform(0.7, 1.0), rng.uniform(0.7, 1.0), rng.uniform(0.6, 1.1)
    cos, sin = np.cos(yaw), np.sin(yaw)

    def seen(p):  # world (right, front, up) -> picture (x, downwards y)
        x, y, z = p[..., 0] * cos - p[..., 1] * sin, p[..., 0] * sin + p[..., 1] * cos, p[..., 2]
        return np.stack([x, y * np.sin(pitch) - z * np.cos(pitch)], axis=-1)

    half = np.array([wide / 2, deep / 2, tall])
    faces = []  # (corners: bottom left, bottom right, top right, top left; normal)
    for axis, normal in ((0, [1, 0, 0]), (1, [0, 1, 0])):
        a = np.array([half[0], half[1], 0.0]) if axis == 0 else np.array([-half[0], half[1], 0.0])
        b = np.array([half[0], -half[1], 0.0]) if axis == 0 else np.array([half[0], half[1], 0.0])
        up = np.array([0, 0, tall])
        faces.append((np.array([a, b, b + up, a + up]), normal))
    faces.append((np.array([[-half[0], half[1], tall], [half[0], half[1], tall], [half[0], -half[1], tall], [-half[0], -half[1], tall]]), [0, 0, 1]))
    points = np.stack([seen(corners) for corners, _ in faces])
    low, high = points.min(axis=(0, 1)), points.max(axis=(0, 1))
    scale = SIDE / (high - low).max()
    size = np.ceil((high - low) * scale).astype(int) + 1
    colour, alpha = np.zeros((size[1], size[0], 3), np.float32), np.zeros((size[1], size[0]), np.float32)
    texture = 48
    along, around = np.meshgrid(np.linspace(1, 0, texture), np.linspace(0, 1, texture), indexing="ij")
    seed = rng.integers(1 << 30)
    for corners, (_, normal) in zip(points, faces):
        x, y, z = normal
        facing = turn(np.array([x * cos - y * sin, x * sin + y * cos, z], dtype=float), pitch)
        bend = facing + np.stack([0.25 * (around - 0.5), np.zeros_like(along), 0.25 * (along - 0.5)], axis=-1)  # so that gloss shows
        bend /= np.linalg.norm(bend, axis=-1, keepdims=True)
        lit = surface(np.random.default_rng(seed), thing, bend, along, around, light)
        target = ((corners - low) * scale).astype(np.float32)
        source = np.float32([[0, texture], [texture, texture], [texture, 0], [0, 0]])
        matrix = cv2.getPerspectiveTransform(source, target)
        drawn = cv2.warpPerspective(lit, matrix, (int(size[0]), int(size[1])), borderMode=cv2.BORDER_REPLICATE)
        cover = np.zeros_like(alpha)
        cv2.fillConvexPoly(cover, np.round(target * 16).astype(np.int32), 1.0, cv2.LINE_8, 4)
        colour = np.where(cover[..., None] > 0, drawn, colour)
        alpha = np.maximum(alpha, cover)
    base = points[:2, :2].reshape(-1, 2)[:, 1]
    return colour, alpha, float((base.max() - base.min()) * scale)


def plant(rng, thing: Thing, light) -> tuple[np.ndarray, np.ndarray, float]:
    colour, alpha = np.zeros((SIDE, SIDE, 3), np.float32), np.zeros((SIDE, SIDE), np.float32)
    base = np.array(COLOURS[thing.colour])
    middle, pot_top = SIDE / 2, SIDE * rng.uniform(0.72, 0.82)
    pot = np.array([0.55, 0.33, 0.22]) * rng.uniform(0.7, 1.1)
    w_top, w_low = SIDE * rng.uniform(0.17, 0.24), SIDE * rng.uniform(0.11, 0.15)
    corners = np.array([[middle - w_top, pot_top], [middle + w_top, pot_top], [middle + w_low, SIDE - 2], [middle - w_low, SIDE - 2]])
    cv2.fillConvexPoly(alpha, corners.astype(np.int32), 1.0)
    shade = np.clip(0.75 + light[0] * (np.arange(SIDE) - middle) / SIDE * 1.6, 0.4, 1.15)
    colour[:] = pot * shade[None, :, None]
    for i in range(rng.integers(16, 30)):  # back leaves first, darker
        lift = rng.uniform(0.1, np.pi - 0.1)
        reach = SIDE * rng.uniform(0.16, 0.42)
        way = np.array([np.cos(lift), -np.sin(lift) * 1.25])
        centre = np.array([middle, pot_top - 2]) + way * reach * 0.75
        bright = np.clip(0.5 + 0.35 * i / 24 + 0.3 * (way @ [light[0], -light[2]]) + rng.normal(0, 0.08), 0.3, 1.15)
        axes = (int(reach * 0.55), int(reach * rng.uniform(0.14, 0.24)) + 1)
        angle = np.degrees(np.arctan2(way[1], way[0]))
        tone = np.clip(base * bright + rng.normal(0, 0.02, 3) + (0.03 if bright > 0.9 else 0), 0, 1)
        place = (int(centre[0]), int(centre[1]))
        cv2.ellipse(colour, place, axes, angle, 0, 360, tone.tolist(), -1)
        cv2.ellipse(alpha, place, axes, angle, 0, 360, 1.0, -1)
        cv2.line(colour, place, (centre + way * axes[0] * 0.8).astype(int).tolist(), (tone * 0.7).tolist(), 1)
    rows, cols = np.flatnonzero(alpha.any(axis=1)), np.flatnonzero(alpha.any(axis=0))
    part = slice(rows[0], rows[-1] + 1), slice(cols[0], cols[-1] + 1)
    return np.clip(colour[part], 0, 1).astype(np.float32), alpha[part], SIDE * 0.05


def draw(rng: np.random.Generator, thing: Thing, light: np.ndarray) -> Sprite:
    """One thing with its contact shadow, each time a little different."""
    make = {"box": box, "plant": plant}.get(thing.kind, solid)
    colour, alpha, sink = make(rng, thing, light)
    height, width = alpha.shape
    colour = cv2.copyMakeBorder(colour, PAD, PAD, PAD, PAD, cv2.BORDER_REPLICATE)
    alpha = cv2.copyMakeBorder(alpha, PAD, PAD, PAD, PAD, cv2.BORDER_CONSTANT)
    # Colours reach past the outline, so that scaling does not draw in what lies outside it.
    known = cv2.GaussianBlur(alpha, (0, 0), 1.5)[..., None]
    spread = cv2.GaussianBlur(colour * alpha[..., None], (0, 0), 1.5) / np.maximum(known, 1e-3)
    colour = np.where(alpha[..., None] > 0, colour, spread)
    # A plant may lean: it stands where its pot is.
    below = np.flatnonzero(alpha[PAD + height - 3])
    foot = (below.mean() if len(below) else PAD + width / 2), PAD + height - 1 - sink / (2 if thing.kind == "box" else 1)
    rows = alpha[int(foot[1]) - 4:int(foot[1]) + 1]
    stand = max(10.0, (rows.max(axis=0) > 0).sum() * 0.5) if thing.kind != "ball" else width * 0.34
    shadow = np.zeros_like(alpha)
    centre = int(foot[0] - light[0] * stand * 0.7), int(foot[1])
    cv2.ellipse(shadow, centre, (int(stand * 1.15), max(3, int(stand * 0.36), int(sink * 0.8))), 0, 0, 360, 1.0, -1)
    shadow = cv2.GaussianBlur(shadow, (0, 0), rng.uniform(2.5, 5.0)) * rng.uniform(0.45, 0.75)
    return Sprite(colour, cv2.GaussianBlur(alpha, (0, 0), 0.6), shadow, foot, (width, height))


if __name__ == "__main__":
    draws = np.random.default_rng(3)
    lines = []
    for name in KINDS:
        line = []
        for shade, stuff in zip(COLOURS, MATERIALS * 2):
            s = draw(draws, Thing(name, shade, stuff), random_light(draws))
            ground = np.full((*s.alpha.shape, 3), 0.6, np.float32) * (1 - s.shadow[..., None])
            pic = ground * (1 - s.alpha[..., None]) + s.colour * s.alpha[..., None]
            line.append(cv2.copyMakeBorder(pic, 0, 190 - pic.shape[0], 0, 190 - pic.shape[1], cv2.BORDER_CONSTANT))
        lines.append(np.concatenate(line, axis=1))
    cv2.imwrite("/tmp/objects.png", (np.concatenate(lines) * 255).astype(np.uint8)[..., ::-1])

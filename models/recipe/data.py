"""Synthetic clips: a still picture under a moving camera, with people-sized holes that move over it.

A clip is (target, context, mask), all [T, H, W, ...]: `target` is the empty scene, `context` the
same scene with camera and compression noise, `mask` 1 where an object would stand. The object
itself is never drawn: the model only ever sees a fill in its place.
"""

import dataclasses

import cv2
import numpy as np


@dataclasses.dataclass
class Clip:
    """target, context: [T, H, W, 3] float32 in [-1, 1]; mask: [T, H, W] float32, 0 or 1."""

    target: np.ndarray
    context: np.ndarray
    mask: np.ndarray


def load_pictures(path, split: str) -> list[np.ndarray]:
    """The bank's pictures of one split ("train" or "test"): uint8 [H, W, 3] RGB."""
    with np.load(path) as bank:
        return [bank[key] for key in bank.files if key.startswith(split + "/")]


# ---------------------------------------------------------------- scenes


def procedural_scene(rng: np.random.Generator, size: int = 640) -> np.ndarray:
    """Pavements, facades and lawns: straight lines and grain that the photographs lack. uint8 [S, S, 3]."""
    base = rng.uniform(40, 215, 3)
    image = np.ones((size, size, 3), np.float32) * base.astype(np.float32)
    image += np.linspace(-1, 1, size, dtype=np.float32)[:, None, None] * rng.uniform(-40, 40, 3).astype(np.float32)
    for _ in range(rng.integers(2, 12)):  # plain areas: road, wall, lawn
        x, y = rng.integers(0, size, 2)
        w, h = rng.integers(size // 10, size, 2)
        colour = base + rng.normal(0, 45, 3)
        if rng.random() < 0.5:
            cv2.rectangle(image, (int(x), int(y)), (int(x + w), int(y + h)), colour.tolist(), -1)
        else:
            points = rng.integers(-size // 4, size * 5 // 4, (rng.integers(3, 6), 2)).astype(np.int32)
            cv2.fillPoly(image, [points], colour.tolist(), cv2.LINE_AA)
    if rng.random() < 0.6:  # a grid: paving stones, windows, fence
        pitch = int(rng.integers(8, 70))
        ratio = rng.uniform(0.5, 2.5)
        colour = (base + rng.normal(0, 50, 3)).tolist()
        thick = int(rng.integers(1, max(2, pitch // 4)))
        grid = image.copy()
        for x in range(0, size, pitch):
            cv2.line(grid, (x, 0), (x, size), colour, thick, cv2.LINE_AA)
        if rng.random() < 0.75:
            for y in range(0, size, max(4, int(pitch * ratio))):
                cv2.line(grid, (0, y), (size, y), colour, thick, cv2.LINE_AA)
        corners = np.float32([[0, 0], [size, 0], [size, size], [0, size]])
        moved = corners + rng.normal(0, size * 0.15, (4, 2)).astype(np.float32)
        grid = cv2.warpPerspective(grid, cv2.getPerspectiveTransform(corners, moved), (size, size), borderMode=cv2.BORDER_REFLECT)
        image = grid if rng.random() < 0.6 else np.where(np.arange(size)[:, None, None] > size * rng.uniform(0.2, 0.7), grid, image)
    for _ in range(rng.integers(0, 14)):  # edges: kerbs, poles, shadows
        p, q = rng.integers(0, size, (2, 2))
        cv2.line(image, p.tolist(), q.tolist(), (base + rng.normal(0, 60, 3)).tolist(), int(rng.integers(1, 12)), cv2.LINE_AA)
    grain = np.zeros((size, size), np.float32)
    for octave in range(1, 8):  # 1/f grain
        cells = max(2, size >> octave)
        noise = rng.normal(0, 1, (cells, cells)).astype(np.float32)
        grain += cv2.resize(noise, (size, size), interpolation=cv2.INTER_CUBIC) * rng.uniform(0.2, 1.0) * 2 ** (octave * 0.35)
    image += grain[..., None] * rng.uniform(0.5, 5.0) * (1 + 0.2 * rng.normal(0, 1, 3)).astype(np.float32)
    return np.clip(image, 0, 255).astype(np.uint8)


def pick_scene(rng: np.random.Generator, pictures: list[np.ndarray]) -> np.ndarray:
    """Two thirds photographs, one third procedural; mirrored, turned and re-coloured. uint8 [H, W, 3]."""
    if rng.random() < 0.33 or not pictures:
        return procedural_scene(rng)
    picture = pictures[rng.integers(len(pictures))]
    if rng.random() < 0.5:
        picture = picture[:, ::-1]
    if rng.random() < 0.2:
        picture = picture.transpose(1, 0, 2)
    picture = picture.astype(np.float32)
    if rng.random() < 0.4:  # closer to plain daylight: the bank is a colourful one
        grey = picture.mean(axis=2, keepdims=True)
        picture = grey + (picture - grey) * rng.uniform(0.0, 0.7)
    if rng.random() < 0.2:
        picture = picture[..., rng.permutation(3)]
    picture = (picture - 128) * rng.uniform(0.55, 1.1) + 128 + rng.uniform(-30, 30)
    return np.clip(picture, 0, 255).astype(np.uint8)


def camera_path(rng: np.random.Generator, frames: int, still: bool) -> np.ndarray:
    """[T, 4]: x and y in px of the clip, zoom as a factor, roll in radians, all relative to frame 0."""
    time = np.linspace(0, 1, frames)[:, None]
    if still:
        path = np.zeros((frames, 4))
        if rng.random() < 0.4:  # a tripod in the wind: below a pixel
            path[:, :2] = rng.normal(0, rng.uniform(0.05, 0.4), (frames, 2))
    else:
        speed = rng.normal(0, [24, 10, 0.06, 0.03])  # over the whole clip
        path = time * speed + 0.3 * time**2 * rng.normal(0, [16, 8, 0.05, 0.02])
        path[:, :2] += rng.normal(0, rng.uniform(0, 0.8), (frames, 2)).cumsum(axis=0) * 0.5
    path[:, 2] = np.exp(path[:, 2])
    return path - path[0] * [1, 1, 0, 1]


def render(scene: np.ndarray, path: np.ndarray, centre, scale: float, size, depth: float = 1.0) -> np.ndarray:
    """Film `scene` [H, W, 3]; size = (height, width) px. depth > 1 moves more, as nearer things do. [T, h, w, 3]."""
    height, width = size
    frames = []
    for x, y, zoom, roll in path:
        factor = scale / zoom
        cos, sin = np.cos(roll) * factor, np.sin(roll) * factor
        matrix = np.float32([[cos, -sin, 0], [sin, cos, 0]])  # clip px -> scene px
        matrix[:, 2] = np.float32(centre) - matrix[:, :2] @ np.float32([width / 2 - x * depth, height / 2 - y * depth])
        frames.append(cv2.warpAffine(scene, matrix, (width, height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                                     borderMode=cv2.BORDER_REFLECT))
    return np.stack(frames)


# ---------------------------------------------------------------- holes


def person(rng: np.random.Generator, height: int) -> np.ndarray:
    """A walker's outline grown as the application grows masks. uint8 [h, w], h = height px."""
    width = max(6, int(height * rng.uniform(0.25, 0.6)))
    shape = np.zeros((height, width), np.uint8)
    if rng.random() < 0.7:
        cv2.ellipse(shape, (width // 2, int(height * 0.12)), (max(2, width // 4), max(2, int(height * 0.11))), 0, 0, 360, 255, -1)
        cv2.ellipse(shape, (width // 2, int(height * 0.42)), (max(2, int(width * 0.45)), max(2, int(height * 0.28))), 0, 0, 360, 255, -1)
        spread = rng.integers(0, max(1, width // 3))
        for side in (-1, 1):
            cv2.line(shape, (width // 2, height // 2), (width // 2 + side * int(spread), height - 3), 255, max(2, width // 4))
    else:  # anything else: a bag, a dog, a sign
        points = rng.uniform(0.05, 0.95, (rng.integers(4, 9), 2)) * [width, height]
        cv2.fillPoly(shape, [cv2.convexHull(points.astype(np.int32))], 255)
    grow = int(rng.integers(1, 7))
    shape = cv2.copyMakeBorder(shape, grow, grow, grow, grow, cv2.BORDER_CONSTANT)
    return cv2.dilate(shape, np.ones((grow, grow), np.uint8))


def moving_holes(rng: np.random.Generator, frames: int, size) -> np.ndarray:
    """One to four outlines walking through the picture. [T, h, w] float32, 0 or 1; 3 to 65 % covered."""
    height, width = size
    for _ in range(20):
        mask = np.zeros((frames, height, width), np.uint8)
        for _ in range(rng.integers(1, 5)):
            outline = person(rng, int(height * rng.uniform(0.15, 0.75)))
            h, w = outline.shape
            start = rng.uniform([-w * 0.3, -h * 0.3], [width - w * 0.7, height - h * 0.7])
            travel = rng.normal(0, 1) * rng.choice([0.1, 0.8, 2.0], p=[0.25, 0.45, 0.3]) * w  # own widths over the clip
            drift = rng.normal(0, 0.12) * h
            bob = rng.uniform(0, 2), rng.uniform(0, 6.3)
            for t in range(frames):
                share = t / max(1, frames - 1)
                shift = np.float32([[1, 0, start[0] + travel * share],
                                    [0, 1, start[1] + drift * share + bob[0] * np.sin(t * 0.9 + bob[1])]])
                mask[t] |= cv2.warpAffine(outline, shift, (width, height), flags=cv2.INTER_NEAREST)
        if 0.03 < (mask > 127).mean() < 0.65:
            break
    return (mask > 127).astype(np.float32)


def as_after_plate(mask: np.ndarray, rng: np.random.Generator) -> np.ndarray | None:
    """What a plate would leave of a still camera's mask: the places that no frame shows, slightly grown.

    mask, result: [T, h, w]. None where too little is left to be worth a sample.
    """
    never_seen = mask.min(axis=0)
    grow = int(rng.integers(1, 6))
    never_seen = cv2.dilate(never_seen, np.ones((grow, grow), np.uint8))
    if never_seen.mean() < 0.012:
        return None
    return np.repeat(never_seen[None], len(mask), axis=0) * (mask.max(axis=0) > 0)


# ---------------------------------------------------------------- the clip


def camera_noise(frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Sensor noise and, at times, JPEG blocks. frames: uint8 [T, h, w, 3]; returns the same kind."""
    noisy = frames.astype(np.float32)
    noisy += rng.normal(0, 1, frames.shape).astype(np.float32) * rng.choice([0.0, 1.5, 3.0, 5.0], p=[0.2, 0.35, 0.3, 0.15])
    noisy = np.clip(noisy, 0, 255).astype(np.uint8)
    if rng.random() < 0.4:
        quality = int(rng.integers(45, 92))
        noisy = np.stack([cv2.imdecode(cv2.imencode(".jpg", f, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], 1) for f in noisy])
    return noisy


def make_clip(rng: np.random.Generator, pictures: list[np.ndarray], frames: int, size, still_share: float = 0.6,
              plate_share: float = 0.35) -> Clip:
    """One clip. size = (height, width) px, multiples of 16; frames = 4n + 1.

    still_share  more of it teaches copying from other frames, less of it coping with motion (0 to 1)
    plate_share  of the still clips, those whose mask keeps only never-seen places (0 to 1)
    """
    scene = pick_scene(rng, pictures)
    still = rng.random() < still_share
    path = camera_path(rng, frames, still)
    # 1 clip px = `scale` scene px. Never below what fits, so that borders are not mirrored much.
    largest = 0.9 * min(scene.shape[0] / size[0], scene.shape[1] / size[1])
    scale = rng.uniform(min(0.5, largest), min(max(largest, 0.5), 2.5))
    reach = np.array([size[1], size[0]]) * scale / 2
    dims = np.array([scene.shape[1], scene.shape[0]])
    centre = rng.uniform(np.minimum(reach, dims / 2), np.maximum(dims - reach, dims / 2))
    if scale > 1.2:  # bilinear sampling alone would alias
        scene = cv2.GaussianBlur(scene, (0, 0), 0.35 * scale)
    film = render(scene, path, centre, scale, size)
    if not still and rng.random() < 0.4:  # parallax: a nearer layer with its own picture
        near = pick_scene(rng, pictures)
        where = np.array([near.shape[1], near.shape[0]]) * rng.uniform(0.3, 0.7, 2)
        depth = rng.uniform(1.2, 2.0)
        near_film = render(near, path, where, rng.uniform(0.5, 1.5), size, depth)
        outline = np.zeros(size, np.uint8)
        points = rng.uniform(-0.2, 1.2, (5, 2)) * [size[1], size[0]]
        cv2.fillPoly(outline, [cv2.convexHull(points.astype(np.int32))], 255)
        outline = np.roll(outline, int(size[0] * rng.uniform(0.4, 0.7)), axis=0)
        covered = np.stack([cv2.warpAffine(outline, np.float32([[1, 0, x * depth], [0, 1, y * depth]]), (size[1], size[0]))
                            for x, y, _, _ in path])
        film = np.where(covered[..., None] > 127, near_film, film)
    if rng.random() < 0.25:  # exposure breathing
        gain = 1 + 0.04 * np.sin(np.arange(frames) * rng.uniform(0.1, 0.5) + rng.uniform(0, 6)) * rng.random()
        film = np.clip(film * gain[:, None, None, None], 0, 255).astype(np.uint8)
    mask = moving_holes(rng, frames, size)
    if still and rng.random() < plate_share:
        rest = as_after_plate(mask, rng)
        mask = mask if rest is None else rest.astype(np.float32)
    context = camera_noise(film, rng)
    to_unit = np.float32(1 / 127.5)
    return Clip(film.astype(np.float32) * to_unit - 1, context.astype(np.float32) * to_unit - 1, mask)

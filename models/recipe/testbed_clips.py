"""Writes the test bed's clips: scenes that were not trained on, their masks and a prompt for each.

  python testbed_clips.py            # -> ../testbed/clips: NAME.mp4 (lossless), NAME.json (mask), prompts.json

`calibrate-*` are for `hetcut model calibrate`, `bench-*` for `hetcut bench methods`: other scenes, other holes.
"""

import json
import subprocess
from pathlib import Path

import torch

from paths import starter_dir
from testbed_scenes import CELLS, caption, scenes
from testbed_vae import video

HOLES = {  # name: seed, left, top, right, bottom in cells
    "calibrate-1": (2001, 3, 3, 9, 9), "calibrate-2": (2002, 2, 4, 8, 10), "calibrate-3": (2003, 5, 4, 8, 7),
    "calibrate-4": (2004, 1, 2, 10, 10), "bench-5": (3001, 5, 5, 8, 7), "bench-24": (3002, 4, 3, 10, 9), "bench-44": (3003, 2, 2, 10, 10),
}


def main() -> None:
    folder = starter_dir().parent / "testbed" / "clips"
    folder.mkdir(parents=True, exist_ok=True)
    prompts = {}
    for name, (seed, left, top, right, bottom) in HOLES.items():
        mask = torch.zeros(1, CELLS, CELLS)
        mask[0, top:bottom, left:right] = 1
        shown, _, _, pair = scenes(1, torch.Generator().manual_seed(seed), mask)
        frames = ((video(shown)[0].permute(1, 2, 3, 0) + 1) * 127.5).round().byte().numpy()
        size = 8 * CELLS
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{size}x{size}", "-r", "25", "-i", "-",
                        "-vf", "scale=out_color_matrix=bt709:out_range=tv", "-colorspace", "bt709", "-color_primaries", "bt709",
                        "-color_trc", "bt709", "-color_range", "tv", "-pix_fmt", "yuv420p", "-c:v", "libx264", "-qp", "0",
                        str(folder / f"{name}.mp4")], input=frames.tobytes(), check=True)
        box = {"kind": "box", "keyframes": [{"frame": 0, "from": [8 * left, 8 * top], "to": [8 * right, 8 * bottom]}]}
        (folder / f"{name}.json").write_text(json.dumps({
            "format": "hetcut-mask", "version": 1, "width": size, "height": size, "frames": len(frames), "shapes": [box]}, indent=2) + "\n")
        prompts[name] = caption(int(pair))
    (folder / "prompts.json").write_text(json.dumps(prompts, indent=2) + "\n")


if __name__ == "__main__":
    main()

"""Rewrite the measured part of ../starter/README.md (between the two marker lines) from the reports of publish.sh.

  python card.py
"""

import json

import torch

from paths import starter_dir, train_dir

START, END = "<!-- measured: written by card.py -->", "<!-- end of measured -->"
COLUMNS = {"mean": "mean colour", "telea": "Telea", "push-pull": "push-pull", "model": "**this model**", "vae": "VAE ceiling"}


def measured() -> str:
    """Markdown: one row per report, and the training spent."""
    lines = ["| inside the mask, dB | " + " | ".join(COLUMNS.values()) + " |", "|" + " --- |" * (len(COLUMNS) + 1)]
    steps = None
    for path in sorted((train_dir() / "report").glob("*.json"), key=lambda p: (p.stem != "held-out", p.stem)):
        report = json.loads(path.read_text())
        name = f"{path.stem} ({len(report['clips'])} synthetic clips)" if path.stem == "held-out" else f"`{path.stem}` (real)"
        cells = [f"{report['mean'][key]:.1f}" if key in report["mean"] else "–" for key in COLUMNS]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
        steps = report["steps"], report["strength"]
    text = "\n".join(lines)
    if steps:
        text += f"\n\nSampled in {steps[0]} UniPC steps at strength {steps[1]}, guidance 1, windows of 17 frames, no plate."
    vae, dit = (torch.load(train_dir() / name, map_location="cpu") if (train_dir() / name).exists() else {} for name in ("vae.pt", "dit.pt"))
    pool = len(list((train_dir() / "pool").glob("[0-9]*.pt"))) * 32
    if "psnr" in vae:
        text += f"\nThe VAE alone reconstructs held-out crops at {vae['psnr']:.1f} dB."
    if dit.get("spent"):
        text += (f"\nTransformer: {dit['step']} steps of about 10 samples, {dit['spent'] / 60:.0f} minutes on a busy two-core machine, "
                 f"from a pool of {pool} clips.")
    return text


def main() -> None:
    path = starter_dir() / "README.md"
    head, rest = path.read_text().split(START)
    _, tail = rest.split(END)
    path.write_text(head + START + "\n" + measured() + "\n" + END + tail)


if __name__ == "__main__":
    main()

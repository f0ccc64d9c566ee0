"""The picture bank: photographs from Debian packages, scaled down, with their attributions.

  python pictures.py fetch   # apt-get download of the packages, no root and no installation
  python pictures.py build   # -> $HETCUT_TRAIN_DIR/bank.npz and attributions.json

Every package below is in Debian main; the copyright file of each package is kept beside the
bank. The licence column is what those files say about the pictures used.
"""

import fnmatch
import json
import subprocess
import sys

import cv2
import numpy as np

from paths import train_dir

# package -> (picture patterns, licence of these pictures, authors as the package names them)
PACKAGES = {
    "mate-backgrounds": (
        ["*/nature/*.jpg", "*/abstract/Elephants_3840x2160.jpg"],
        "GPL-2+",
        "Charles Barbin, Lennart Poettering, Andrea Cimitan, Marco Cogoni, Hylke Bons, Jens Ansorg, "
        "Timothy Schellhase, Lapo Calamandrei, blackcombwhistler07, Sergey Nazarov, "
        "Jean-Francois Fortin Tam, Wyng Stancikaite",
    ),
    "lomiri-wallpapers-16.04": (["*_by_*.jpg"], "CC-BY-4.0", "named in the file name"),
    "lomiri-wallpapers-20.04": (["*Fossa*.jpg", "*Kleiber*.jpg"], "CC-BY-SA-3.0", "named in the file name"),
    "plasma-workspace-wallpapers": (
        [f"*/{name}/contents/images/2560x1600.jpg" for name in (
            "Autumn", "BytheWater", "ColdRipple", "ColorfulCups", "EveningGlow",
            "FallenLeaf", "OneStandsOut", "Path")],
        "GPL-2+", "KDE Visual Design Group"),
    "python3-skimage": (
        [f"*/skimage/data/{name}" for name in (
            "astronaut.png", "brick.png", "chelsea.png", "coffee.png", "grass.png", "gravel.png",
            "rocket.jpg", "motorcycle_left.png")],
        "BSD-3-Clause (as part of scikit-image in Debian main)", "NASA, SpaceX and the scikit-image contributors"),
    "gnome-backgrounds": (["*/wood-[dl].webp"], "GPL-2 (the package's licence)", "Jakub Steiner, GNOME"),
}

# Pictures whose licence is not their package's usual one.
OTHER_LICENCE = {
    **dict.fromkeys(("analogpattern_by", "Bridge_by", "Dragonfly_by", "free_by", "greentock_by"), "CC-BY-SA-4.0"),
    "seeding_by": "CC0-1.0",
}

# Never trained on: the recipe's own test pictures (another set than the application's clips).
HELD_OUT = ("Garden", "Path/", "Bridge_by", "gravel", "coffee", "aitzgorri", "Autumn", "Blinds")

LONG_SIDE = 1024  # px; higher keeps finer texture and costs memory (about 2 MB a picture)


def fetch() -> None:
    debs = train_dir() / "debs"
    debs.mkdir(parents=True, exist_ok=True)
    subprocess.run(["apt-get", "-o", "APT::Sandbox::User=root", "download", *PACKAGES], cwd=debs, check=True)
    for deb in debs.glob("*.deb"):
        target = train_dir() / "x" / deb.name.split("_")[0]
        target.mkdir(parents=True, exist_ok=True)
        subprocess.run(["dpkg", "-x", str(deb), str(target)], check=True)


def build() -> None:
    """Write bank.npz: one uint8 [H, W, 3] RGB array per picture, keyed train/<n> or test/<n>."""
    arrays, table = {}, []
    for package, (patterns, usual, authors) in PACKAGES.items():
        root = train_dir() / "x" / package
        for path in sorted(p for p in root.rglob("*") if p.is_file()):
            name = str(path.relative_to(root))
            if not any(fnmatch.fnmatch("/" + name, pattern) for pattern in patterns):
                continue
            picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
            if picture is None or min(picture.shape[:2]) < 256:
                continue
            scale = min(1.0, LONG_SIDE / max(picture.shape[:2]))
            if scale < 1:
                picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            split = "test" if any(key in name for key in HELD_OUT) else "train"
            arrays[f"{split}/{len(table):03d}"] = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
            licence = next((other for key, other in OTHER_LICENCE.items() if key in name), usual)
            table.append({"split": split, "package": package, "file": name, "licence": licence, "authors": authors})
    np.savez(train_dir() / "bank.npz", **arrays)
    (train_dir() / "attributions.json").write_text(json.dumps(table, indent=1))
    print(len(table), "pictures,", sum(row["split"] == "test" for row in table), "held out")


if __name__ == "__main__":
    {"fetch": fetch, "build": build}[sys.argv[1]]()

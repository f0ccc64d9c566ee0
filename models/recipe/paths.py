"""Where the training keeps its files: never inside the source tree."""

import os
from pathlib import Path


def train_dir() -> Path:
    """The work folder: $HETCUT_TRAIN_DIR, else ~/.cache/hetcut-training."""
    folder = Path(os.environ.get("HETCUT_TRAIN_DIR", Path.home() / ".cache" / "hetcut-training"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def starter_dir() -> Path:
    """The committed model folder, models/starter, next to this recipe."""
    return Path(__file__).resolve().parent.parent / "starter"


def words_dir() -> Path:
    """The committed model that reads words, models/words."""
    return starter_dir().parent / "words"

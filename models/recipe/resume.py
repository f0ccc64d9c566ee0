"""Write checkpoints from the committed weights, where the training machine's are gone.

  python resume.py     # vae.pt, dit.pt from ../starter; words.pt from ../words; never overwrites a checkpoint

train_dit.py and train_words.py then start from them with a fresh optimiser. float16 has cost the weights a
little: the first hundred steps win it back.
"""

import json
import shutil

import torch
from safetensors.torch import load_file

from paths import starter_dir, train_dir, words_dir


def is_kept(name: str) -> bool:
    if (train_dir() / name).exists():
        print(name, "exists: left as it is")
        return True
    print("writing", name)
    return False


def starter() -> None:
    config = json.loads((starter_dir() / "vae" / "config.json").read_text())
    parts = {"vae.pt": ("vae", {"mean": torch.tensor(config["latents_mean"]), "std": torch.tensor(config["latents_std"]), "done": True}),
             "dit.pt": ("transformer", {"step": 0, "spent": 0.0})}
    for name, (part, extra) in parts.items():
        if not is_kept(name):
            state = load_file(starter_dir() / part / "diffusion_pytorch_model.safetensors")
            torch.save({name.split(".")[0]: {k: v.float() for k, v in state.items()}, **extra}, train_dir() / name)


def words() -> None:
    # Together or not at all: other tokens would not fit the embeddings.
    if is_kept("words.pt"):
        return
    from export_words import load_exported

    shutil.copy(words_dir() / "tokenizer" / "tokenizer.json", train_dir() / "words-tokenizer.json")
    spent = json.loads((words_dir() / "training.json").read_text())
    torch.save({"model": load_exported(words_dir()).state_dict(), **spent}, train_dir() / "words.pt")


if __name__ == "__main__":
    starter()
    if words_dir().exists():
        words()

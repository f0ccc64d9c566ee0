"""Write vae.pt and dit.pt from the committed weights, where the training machine's checkpoints are gone.

  python resume.py     # never overwrites a checkpoint

train_dit.py then starts from dit.pt with a fresh optimiser. float16 has cost the weights a little: the
first hundred steps win it back.
"""

import json

import torch
from safetensors.torch import load_file

from paths import starter_dir, train_dir


def main() -> None:
    config = json.loads((starter_dir() / "vae" / "config.json").read_text())
    parts = {"vae.pt": ("vae", {"mean": torch.tensor(config["latents_mean"]), "std": torch.tensor(config["latents_std"]), "done": True}),
             "dit.pt": ("transformer", {"step": 0, "spent": 0.0})}
    for name, (part, extra) in parts.items():
        if (train_dir() / name).exists():
            print(name, "exists: left as it is")
            continue
        state = load_file(starter_dir() / part / "diffusion_pytorch_model.safetensors")
        key = name.split(".")[0]
        torch.save({key: {k: v.float() for k, v in state.items()}, **extra}, train_dir() / name)
        print("wrote", name)


if __name__ == "__main__":
    main()

"""Write models/testbed from the newest checkpoint: transformer, hand-made VAE, tokenizer, untrained text encoder.

  python export_testbed.py --check            # then compare with diffusers
"""

import argparse
from pathlib import Path

import torch
from safetensors.torch import load_file

import testbed_dit
import testbed_vae
from export import DIFFUSERS, MODEL_INDEX, SCHEDULER, write_json, write_weights
from paths import starter_dir, train_dir
from testbed_dit import TestbedDit
from testbed_scenes import control, latents, scenes
from testbed_text import TEXT_ROWS, build_encoder, build_tokenizer, encoded_captions
from text import save_tokenizer

# Read by the application; README.md of the model explains each field.
HETCUT = {
    "description": "Test bed of the cache methods: blobs in two colours, as a prompt says (red and blue). Not for pictures.",
    "fill": "grey", "guidanceScale": 7, "recommendedSteps": 50, "flowShift": 12, "strength": 1.0, "workingPixels": 9216,
    "maxWindowFrames": 9, "overlapFrames": 0, "textTokens": TEXT_ROWS, "followsPrompt": True,
    "negativePrompt": "", "removalPrompt": "",
}


def export(target: Path) -> None:
    for part in ("transformer", "vae", "text_encoder", "tokenizer", "scheduler"):
        (target / part).mkdir(parents=True, exist_ok=True)
    saved = torch.load(train_dir() / "testbed.pt")
    write_weights(target / "transformer" / "diffusion_pytorch_model.safetensors", saved["dit"])
    write_json(target / "transformer" / "config.json", {**testbed_dit.CONFIG, "_diffusers_version": DIFFUSERS})
    write_weights(target / "vae" / "diffusion_pytorch_model.safetensors", testbed_vae.build().state_dict())
    write_json(target / "vae" / "config.json", {**testbed_vae.CONFIG, "_diffusers_version": DIFFUSERS})
    save_tokenizer(target / "tokenizer", build_tokenizer())
    build_encoder().half().save_pretrained(target / "text_encoder", safe_serialization=True)
    write_json(target / "scheduler" / "scheduler_config.json", SCHEDULER)
    write_json(target / "model_index.json", MODEL_INDEX)
    write_json(target / "hetcut.json", HETCUT)
    size = sum(file.stat().st_size for file in target.rglob("*") if file.is_file())
    print(f"wrote {target.name}: {size / 1e6:.2f} MB, {saved['step']} steps, {saved['minutes']:.1f} minutes of processor time")


def load_exported(folder: Path) -> TestbedDit:
    net = TestbedDit()
    net.load_state_dict({key: value.float() for key, value in
                         load_file(folder / "transformer" / "diffusion_pytorch_model.safetensors").items()})
    return net.eval()


@torch.no_grad()
def check(target: Path) -> None:
    """The library must compute what this recipe computes, and its VAE must give the cells back."""
    from diffusers import AutoencoderKLWan, WanVACETransformer3DModel

    theirs = WanVACETransformer3DModel.from_pretrained(target / "transformer", torch_dtype=torch.float32)
    shown, drawn, masks, pairs = scenes(2, torch.Generator().manual_seed(5))
    x, time, text = torch.randn(2, 3, 3, 12, 12), torch.tensor([700, 200]), encoded_captions()[pairs]
    want = theirs(x, time, text, control_hidden_states=control(shown, masks)).sample
    got = load_exported(target)(x, control(shown, masks), time, text)
    print("transformer", ((want - got).norm() / want.norm()).item(), "relative")
    vae = AutoencoderKLWan.from_pretrained(target / "vae", torch_dtype=torch.float32)
    video = testbed_vae.video(drawn)
    code = vae.encode(video).latent_dist.mode()
    print("encoded", (code - latents(drawn)).abs().max().item(), "decoded", (vae.decode(code).sample - video).abs().max().item())


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--target", type=Path, default=starter_dir().parent / "testbed")
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    export(arguments.target)
    if arguments.check:
        check(arguments.target)

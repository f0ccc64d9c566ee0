"""Write models/starter from the newest checkpoints: a complete diffusers WanVACEPipeline folder in float16.

  python export.py              # needs vae.pt; without dit.pt the transformer is the constructive start
  python export.py --check      # then load it with diffusers and compare with this recipe's own networks

Files are written beside their place and renamed, so that a reader never sees half a model.
"""

import argparse
import json
import os
import shutil
from pathlib import Path

import torch
from safetensors.torch import save_file

import dit as dit_module
import text
import vae as vae_module
from make_pool import load_vae
from paths import starter_dir, train_dir

DIFFUSERS = "0.42.1"

SCHEDULER = {
    "_class_name": "UniPCMultistepScheduler", "_diffusers_version": DIFFUSERS, "beta_end": 0.02, "beta_schedule": "linear",
    "beta_start": 0.0001, "disable_corrector": [], "dynamic_thresholding_ratio": 0.995, "final_sigmas_type": "zero",
    "flow_shift": 3.0, "lower_order_final": True, "num_train_timesteps": 1000, "predict_x0": True,
    "prediction_type": "flow_prediction", "rescale_betas_zero_snr": False, "sample_max_value": 1.0, "shift_terminal": None,
    "sigma_max": None, "sigma_min": None, "solver_order": 2, "solver_p": None, "solver_type": "bh2", "steps_offset": 0,
    "thresholding": False, "time_shift_type": "exponential", "timestep_spacing": "linspace", "trained_betas": None,
    "use_beta_sigmas": False, "use_dynamic_shifting": False, "use_exponential_sigmas": False, "use_flow_sigmas": True,
    "use_karras_sigmas": False,
}

MODEL_INDEX = {
    "_class_name": "WanVACEPipeline", "_diffusers_version": DIFFUSERS, "boundary_ratio": None,
    "scheduler": ["diffusers", "UniPCMultistepScheduler"], "text_encoder": ["transformers", "UMT5EncoderModel"],
    "tokenizer": ["transformers", "T5TokenizerFast"], "transformer": ["diffusers", "WanVACETransformer3DModel"],
    "transformer_2": [None, None], "vae": ["diffusers", "AutoencoderKLWan"],
}

# Read by the application; README.md of the model explains each field.
HETCUT = {
    "description": "Takes things out; what a prompt describes, the words model puts there.",
    "fill": "push-pull", "guidanceScale": 1, "recommendedSteps": 4, "strength": 1.0, "workingPixels": 114688,
    "maxWindowFrames": 17, "followsPrompt": False,
}


def write_json(path: Path, value) -> None:
    new = path.with_name(path.name + ".new")
    new.write_text(json.dumps(value, indent=2) + "\n")
    os.replace(new, path)


def write_weights(path: Path, state: dict) -> None:
    """float16 on disk; fails rather than writing an infinity."""
    half = {key: value.detach().half().contiguous().clone() for key, value in state.items()}
    bad = [key for key, value in half.items() if not torch.isfinite(value).all()]
    if bad:
        raise ValueError(f"not finite in float16: {bad[:3]}; train on from an earlier checkpoint")
    new = path.with_name(path.name + ".new")
    save_file(half, new, metadata={"format": "pt"})
    os.replace(new, path)


def export(target: Path) -> None:
    torch.manual_seed(0)
    for part in ("transformer", "vae", "text_encoder", "tokenizer", "scheduler"):
        (target / part).mkdir(parents=True, exist_ok=True)
    vae = load_vae()
    write_weights(target / "vae" / "diffusion_pytorch_model.safetensors", vae.state_dict())
    write_json(target / "vae" / "config.json", {
        **vae_module.CONFIG, "_diffusers_version": DIFFUSERS,
        "latents_mean": [round(v, 5) for v in vae.mean.tolist()], "latents_std": [round(v, 5) for v in vae.std.tolist()]})

    model = dit_module.WanVaceDit()
    dit_module.construct(model)
    checkpoint = train_dir() / "dit.pt"
    if checkpoint.exists():
        model.load_state_dict(torch.load(checkpoint)["dit"])
    write_weights(target / "transformer" / "diffusion_pytorch_model.safetensors", model.state_dict())
    write_json(target / "transformer" / "config.json", {**dit_module.CONFIG, "_diffusers_version": DIFFUSERS})

    if not (target / "text_encoder" / "model.safetensors").exists():
        vocabulary = text.save_tokenizer(target / "tokenizer", text.build_tokenizer(text.corpus()))
        encoder = text.text_encoder(vocabulary, dit_module.TEXT_DIM)
        encoder.half().save_pretrained(target / "text_encoder", safe_serialization=True)
    write_json(target / "scheduler" / "scheduler_config.json", SCHEDULER)
    write_json(target / "model_index.json", MODEL_INDEX)
    settings = train_dir() / "hetcut-settings.json"  # evaluate.py --search writes its choice here
    chosen = json.loads(settings.read_text()) if settings.exists() else {}
    # Measured by `hetcut model calibrate starter`, not here; measure it again when the weights have changed much.
    before = target / "hetcut.json"
    calibration = json.loads(before.read_text()).get("calibration", {}) if before.exists() else {}
    write_json(target / "hetcut.json", {**HETCUT, **chosen, "calibration": calibration})
    if (train_dir() / "attributions.json").exists():
        shutil.copy(train_dir() / "attributions.json", target / "attributions.json")
    size = sum(f.stat().st_size for f in target.rglob("*") if f.is_file())
    print(f"wrote {target.name}: {size / 1e6:.1f} MB")


@torch.no_grad()
def check(target: Path) -> None:
    """diffusers must load the folder with no missing or unused weight and compute what we compute."""
    from diffusers import AutoencoderKLWan, WanVACETransformer3DModel

    import samples

    theirs_vae = AutoencoderKLWan.from_pretrained(target / "vae", torch_dtype=torch.float32)
    theirs = WanVACETransformer3DModel.from_pretrained(target / "transformer", torch_dtype=torch.float32)
    vae = vae_module.WanVae()
    vae.load_state_dict(theirs_vae.state_dict())
    model = dit_module.WanVaceDit()
    model.load_state_dict(theirs.state_dict())
    torch.manual_seed(1)
    video = torch.rand(1, 3, 9, 64, 96) * 2 - 1
    z = theirs_vae.encode(video).latent_dist.mode()
    print("vae encode", (z - vae.encode(video)).abs().max().item(), "decode",
          (theirs_vae.decode(z).sample - vae.decode(z).clamp(-1, 1)).abs().max().item())
    latents, control, time = torch.randn(1, 16, 3, 8, 12), torch.randn(1, 96, 3, 8, 12), torch.tensor([700])
    control[:, 32:] = samples.mask_channels((torch.rand(1, 9, 64, 96) > 0.7).float())
    prompt = torch.randn(1, 512, dit_module.TEXT_DIM)
    want = theirs(latents, time, prompt, control_hidden_states=control).sample
    got = model.velocity(latents, control, time)
    print("transformer", ((want - got).norm() / want.norm().clamp_min(1e-9)).item(), "relative (bfloat16 products here)")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--target", type=Path, default=starter_dir())
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    export(arguments.target)
    if arguments.check:
        check(arguments.target)

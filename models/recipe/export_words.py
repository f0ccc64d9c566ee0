"""Write models/words from the newest checkpoint: the starter's VAE, the trained transformer, text encoder and tokenizer.

  python export_words.py              # $HETCUT_TRAIN_DIR/words.pt -> ../words
  python export_words.py --check      # then compare with diffusers and transformers
"""

import argparse
import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file

import dit as dit_module
import text
from edits import COLOUR_WORDS, EMPTY, FRAMES, KIND_WORDS, MATERIAL_WORDS, PLACES, SIZES
from export import DIFFUSERS, MODEL_INDEX, SCHEDULER, write_json, write_weights
from paths import starter_dir, train_dir, words_dir
from objects import COLOURS, KINDS, MATERIALS
from train_words import CAPTION_TOKENS, TEXT_ROWS, WordsModel, load_words

# Read by the application; README.md of the model explains each field.
HETCUT = {
    "description": "Puts simple things there by a word: a red ball, a blue wooden box, a green plant.",
    "fill": "push-pull", "guidanceScale": 4, "negativePrompt": "", "removalPrompt": "", "recommendedSteps": 25, "strength": 1.0, "workingPixels": 36864,
    "maxWindowFrames": 17, "textTokens": TEXT_ROWS, "followsPrompt": True, "stands": True,
}


def vocabulary() -> dict:
    """What it has learnt words for, as hetcut.json has it: the words that the recipe's captions are made of."""
    def synonyms(name: str, words: list[str]) -> list[str]:
        return [word for word in dict.fromkeys(words) if word not in ("", name)]

    around = " ".join([*SIZES, *PLACES, *FRAMES, *EMPTY, "a an the that is thing"]).replace("{}", " ")
    return {
        "kinds": {kind: synonyms(kind, KIND_WORDS[kind]) for kind in KINDS},
        "colours": {colour: synonyms(colour, COLOUR_WORDS.get(colour, [])) for colour in COLOURS},
        "materials": {material: synonyms(material, MATERIAL_WORDS[material]) for material in MATERIALS},
        "others": sorted(set(around.split())),
        "mostTokens": CAPTION_TOKENS,
    }


def export(target: Path) -> None:
    for part in ("transformer", "text_encoder", "tokenizer", "scheduler"):
        (target / part).mkdir(parents=True, exist_ok=True)
    model, facts = load_words()
    if facts["step"] == 0:
        raise SystemExit("no words.pt in $HETCUT_TRAIN_DIR: train_words.py first, or resume.py")
    shutil.copytree(starter_dir() / "vae", target / "vae", dirs_exist_ok=True)
    write_weights(target / "transformer" / "diffusion_pytorch_model.safetensors", model.dit.state_dict())
    write_json(target / "transformer" / "config.json", {**dit_module.CONFIG, "_diffusers_version": DIFFUSERS})
    model.encoder.half().save_pretrained(target / "text_encoder", safe_serialization=True)
    text.save_tokenizer(target / "tokenizer", model.tokenizer)
    write_json(target / "scheduler" / "scheduler_config.json", SCHEDULER)
    write_json(target / "model_index.json", MODEL_INDEX)
    write_json(target / "hetcut.json", {**HETCUT, "vocabulary": vocabulary()})
    write_json(target / "training.json", {key: facts[key] for key in ("step", "spent", "samples")})
    shutil.copy(train_dir() / "attributions.json", target / "attributions.json")
    size = sum(file.stat().st_size for file in target.rglob("*") if file.is_file())
    print(f"wrote {target.name}: {size / 1e6:.1f} MB, {facts['step']} steps, {facts['spent'] / 3600:.2f} hours")


def load_exported(folder: Path) -> WordsModel:
    """The folder's weights in this recipe's networks."""
    from tokenizers import Tokenizer
    from transformers import UMT5EncoderModel

    model = WordsModel(Tokenizer.from_file(str(folder / "tokenizer" / "tokenizer.json")))
    state = load_file(folder / "transformer" / "diffusion_pytorch_model.safetensors")
    model.dit.load_state_dict({key: value.float() for key, value in state.items()})
    model.encoder = UMT5EncoderModel.from_pretrained(folder / "text_encoder", dtype=torch.float32)
    return model.eval()


@torch.no_grad()
def check(target: Path) -> None:
    """The library's transformer on the library's padded prompt must compute what this recipe computes."""
    from diffusers import WanVACETransformer3DModel

    model = load_exported(target)
    theirs = WanVACETransformer3DModel.from_pretrained(target / "transformer", torch_dtype=torch.float32)
    torch.manual_seed(1)
    latents, control, time = torch.randn(1, 16, 3, 8, 12), torch.randn(1, 96, 3, 8, 12), torch.tensor([700])
    ids, mask = model.tokens(["a red ball on the grass"])
    rows = model.encoder(input_ids=ids, attention_mask=mask.long()).last_hidden_state * mask[..., None]
    prompt = torch.cat([rows, torch.zeros(1, TEXT_ROWS - rows.shape[1], dit_module.TEXT_DIM)], dim=1)
    want = theirs(latents, time, prompt, control_hidden_states=control).sample
    got = model.dit.velocity(latents, control, time, model.text(["a red ball on the grass"]))
    print("transformer", ((want - got).norm() / want.norm()).item(), "relative (bfloat16 products here)")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--target", type=Path, default=words_dir())
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    export(arguments.target)
    if arguments.check:
        check(arguments.target)

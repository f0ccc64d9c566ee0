"""The starter's text side: a small unigram tokenizer and an untrained UMT5 encoder.

They are there so that the folder is a complete Wan-VACE pipeline. The transformer's cross-attention
output is 0, so what they compute has no effect on the picture (hetcut.json: followsPrompt false).
"""

import json
from pathlib import Path

import torch
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import UMT5Config, UMT5EncoderModel

VOCABULARY = 2000
SPECIAL = ["<pad>", "</s>", "<unk>"]  # ids 0, 1, 2
BYTES = [f"<0x{value:02X}>" for value in range(256)]

OBJECTS = """person man woman child boy girl walker cyclist runner tourist crowd dog cat bird horse car bus truck van
bicycle motorcycle scooter boat ship plane drone train tram sign lamp pole bench chair table bag suitcase umbrella
phone camera tripod microphone cable wire rope fence bin bottle cup ball toy balloon kite flag logo watermark text
subtitle sticker shadow reflection statue poster window door tree branch leaf flower stone rock scratch spot""".split()
PLACES = """street road courtyard square park garden lawn grass field meadow forest beach sea lake river sky cloud mountain
hill snow sand path pavement sidewalk stairs bridge wall facade house building room kitchen office corridor floor
ceiling carpet shop station airport stadium market city village background foreground scene plate""".split()
VERBS = """remove erase delete clean fill replace restore repair inpaint hide keep leave match continue extend blend
reveal show generate paint cover smooth reconstruct""".split()
DESCRIPTIONS = """empty clean natural realistic seamless static moving calm bright dark sunny cloudy rainy snowy foggy warm cold
red green blue yellow white black grey brown orange old new small large long short high low near far left right
upper lower front behind same different consistent sharp soft blurry detailed plain textured quiet busy clear""".split()
PHRASES = """the empty scene without any people; an empty background, consistent with the surroundings; no objects, no people;
a clean plate of the same place; natural light and matching texture; remove the object and its shadow; high quality,
detailed, realistic; blurry, distorted, low quality, artifacts, watermark, text, subtitles, overexposed, static, worst
quality, deformed; keep the camera motion and the film grain; it is in the corner of the picture, on the left side""".split(";")


def corpus() -> list[str]:
    """Every pair of words in a plain sentence: enough for pieces of ordinary English prompts."""
    lines = [" ".join(phrase.split()) for phrase in PHRASES] * 50
    for i, verb in enumerate(VERBS):
        for j, thing in enumerate(OBJECTS):
            place = PLACES[(i * 7 + j) % len(PLACES)]
            word = DESCRIPTIONS[(i * 5 + j * 3) % len(DESCRIPTIONS)]
            lines.append(f"{verb} the {thing} from the {word} {place}.")
            lines.append(f"A {word} {place} with no {thing}s, {verb.rstrip('e')}ing what was behind the {thing}")
            lines.append(f"{verb.capitalize()} all {thing}s in this video and show the {place} as it is, {word} and still")
    alphabet = "abcdefghijklmnopqrstuvwxyz"
    lines += [f"{a} {a.upper()} {a}{b} {d}" for a in alphabet for b in alphabet for d in "0123456789"]
    lines += [f"({c}) '{c}' \"{c}\" {c}: {c}; {c}! {c}? {c}-{c} {c}/{c} {c} & {c} #{c} {c}% {c}+{c}" for c in alphabet + "0123456789"]
    return lines


def build_tokenizer(lines: list[str]) -> Tokenizer:
    """Unigram with byte fallback, NFKC and Metaspace; eos appended. About 2,000 pieces, learned from `lines`."""

    def around(model) -> Tokenizer:
        tokenizer = Tokenizer(model)
        tokenizer.normalizer = normalizers.Sequence([
            normalizers.NFKC(), normalizers.Strip(left=False, right=True), normalizers.Replace(Regex(" {2,}"), "▁")])
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=True)
        return tokenizer

    draft = around(models.Unigram())
    trainer = trainers.UnigramTrainer(vocab_size=VOCABULARY - len(BYTES), special_tokens=SPECIAL, unk_token="<unk>", show_progress=False)
    draft.train_from_iterator(lines, trainer)
    learned = json.loads(draft.to_str())["model"]["vocab"]
    pieces = [(piece, score) for piece, score in learned if piece not in SPECIAL]
    # The trainer knows no byte pieces: they go between the special ones and the learned ones, as in UMT5's file.
    vocabulary = [(name, 0.0) for name in SPECIAL] + [(name, 0.0) for name in BYTES] + pieces
    tokenizer = around(models.Unigram(vocabulary, unk_id=2, byte_fallback=True))
    tokenizer.add_special_tokens(SPECIAL)
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", pair="$A $B", special_tokens=[("</s>", 1)])
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always", split=True)
    return tokenizer


def save_tokenizer(folder: Path, tokenizer: Tokenizer) -> int:
    """Write tokenizer.json and tokenizer_config.json; returns the vocabulary's size."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps({
        "tokenizer_class": "T5TokenizerFast", "model_max_length": 512, "pad_token": "<pad>", "eos_token": "</s>",
        "unk_token": "<unk>"}, indent=2) + "\n")
    return tokenizer.get_vocab_size()


def text_encoder(vocabulary: int, width: int) -> UMT5EncoderModel:
    """A seeded random UMT5 encoder of 2 layers; width = the transformer's text_dim."""
    torch.manual_seed(20)
    config = UMT5Config(vocab_size=vocabulary, d_model=width, d_kv=16, d_ff=128, num_layers=2, num_decoder_layers=2, num_heads=4,
                        feed_forward_proj="gated-gelu", is_encoder_decoder=True, use_cache=False, pad_token_id=0,
                        eos_token_id=1, decoder_start_token_id=0)
    return UMT5EncoderModel(config)

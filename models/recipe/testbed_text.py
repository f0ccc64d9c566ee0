"""The test bed's text side: one token a word, and a seeded UMT5 encoder that stays untrained.

The six colours come out of it as different rows; what they mean is learned by the transformer's text embedder.
"""

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import UMT5EncoderModel

from testbed_dit import TEXT_DIM
from testbed_scenes import COLOURS, PAIRS, caption
from text import SPECIAL, text_encoder

TEXT_ROWS = 8  # hetcut.json's textTokens


def build_tokenizer() -> Tokenizer:
    """Unigram over whole words; anything else is <unk>."""
    vocabulary = [(piece, 0.0) for piece in SPECIAL] + [("▁" + word, -2.0) for word in [*COLOURS, "and"]]
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=2))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=True)
    tokenizer.add_special_tokens(SPECIAL)
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", pair="$A $B", special_tokens=[("</s>", 1)])
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always", split=True)
    return tokenizer


def build_encoder() -> UMT5EncoderModel:
    """In the float16 values that are written."""
    return text_encoder(build_tokenizer().get_vocab_size(), TEXT_DIM).half().float().eval()


@torch.no_grad()
def encode(captions: list[str]) -> torch.Tensor:
    """[B, TEXT_ROWS, TEXT_DIM], rows after the last token 0, as WanVACEPipeline pads."""
    tokenizer, encoder = build_tokenizer(), build_encoder()
    rows = torch.zeros(len(captions), TEXT_ROWS, TEXT_DIM)
    for row, words in zip(rows, captions):
        ids = torch.tensor([tokenizer.encode(words).ids])
        row[:ids.shape[1]] = encoder(input_ids=ids).last_hidden_state[0]
    return rows


def encoded_captions() -> torch.Tensor:
    """One for each pair of colours, then the empty one."""
    return encode([*(caption(pair) for pair in range(len(PAIRS))), ""])

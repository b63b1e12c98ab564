"""The training losses: text, phone of each frame, token at each token's centre, guided attention."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from speech.training.batches import IGNORE, Batch
from speech.training.model import Recogniser


def _off_centre(weights: Tensor, centres: Tensor, sigma: float = 4.0) -> Tensor:
    """Minus log of the attention that falls near the centres, 80 ms to each side."""
    frames = torch.arange(weights.shape[3])[None, None, :]
    window = torch.exp(-((frames - centres[:, :, None]) ** 2) / (2 * sigma**2))
    known = centres >= 0
    near = (weights * window[:, None]).sum(3) + 1e-4
    return -near.log().mean(1)[known].mean() if bool(known.any()) else torch.zeros(())


def _alignment_loss(guided: list[Tensor], centres: Tensor) -> Tensor:
    """The last guided layer looks at the token to come, earlier ones at the token just given."""
    given = torch.cat([torch.full_like(centres[:, :1], -1.0), centres[:, :-1]], dim=1)
    earlier = [_off_centre(weights, given) for weights in guided[:-1]]
    return torch.stack([*earlier, _off_centre(guided[-1], centres)]).mean()


def losses(model: Recogniser, batch: Batch, features: Tensor, smoothing: float) -> dict[str, Tensor]:
    """All losses of a batch by name."""
    states, middle = model.encoder(features)
    logits, guided = model.decoder(batch.tokens, states)
    text = functional.cross_entropy(
        logits.flatten(0, 1).float(), batch.labels.flatten(), ignore_index=IGNORE, label_smoothing=smoothing
    )
    with torch.set_grad_enabled(middle.requires_grad):
        phones = model.phone_logits(middle)[:, : batch.phones.shape[1]]
        known = batch.phones[:, : phones.shape[1]]
        phone = functional.cross_entropy(phones.flatten(0, 1).float(), known.flatten(), ignore_index=IGNORE)
    row, place = torch.nonzero(batch.centres >= 0, as_tuple=True)
    frame = batch.centres[row, place].long().clamp(max=states.shape[1] - 1)
    anchor = torch.zeros(())
    if len(row):
        spoken, picked = batch.labels[row, place], states[row, frame]
        anchor = functional.cross_entropy(model.anchor_logits(picked).float(), spoken, label_smoothing=smoothing)
    guide = _alignment_loss(guided, batch.centres)
    return {"text": text, "phone": phone, "anchor": anchor, "guide": guide}

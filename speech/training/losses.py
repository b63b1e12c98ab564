"""The four training losses: text, phone of each frame, token at each token's centre, guided attention."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from speech.training.batches import IGNORE, Batch
from speech.training.model import Recogniser


def _alignment_loss(guided: list[Tensor], centres: Tensor, sigma: float = 4.0) -> Tensor:
    """Minus log of the guided attention that falls near each token's centre."""
    frames = torch.arange(guided[0].shape[3])[None, None, :]
    window = torch.exp(-((frames - centres[:, :, None]) ** 2) / (2 * sigma**2))
    known = centres >= 0
    losses = [-((weights * window[:, None]).sum(3) + 1e-4).log().mean(1)[known].mean() for weights in guided]
    return torch.stack(losses).mean() if bool(known.any()) else torch.zeros(())


def losses(model: Recogniser, batch: Batch, features: Tensor, smoothing: float) -> dict[str, Tensor]:
    """The four training losses of a batch."""
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
        picked = model.anchor_logits(states[row, frame])
        anchor = functional.cross_entropy(picked.float(), batch.labels[row, place], label_smoothing=smoothing)
    return {"text": text, "phone": phone, "anchor": anchor, "guide": _alignment_loss(guided, batch.centres)}

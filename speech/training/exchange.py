"""Shared memory in which the training processes average their gradients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor


class Exchange:
    """Shared memory in which the workers average their gradients."""

    def __init__(self, workers: int, numbers: int, context: Any) -> None:
        self.workers = workers
        self._gradients = _shared(workers, numbers)
        self._barrier = context.Barrier(workers)
        self._stop = _shared(workers)

    def average(self, rank: int, parameters: Sequence[Tensor], stop: bool) -> bool:
        """Replace each gradient by the mean over the workers; whether any worker wants to stop."""
        numbers = sum(parameter.numel() for parameter in parameters)
        own = self._gradients[rank, :numbers]
        torch.cat([_gradient(parameter).flatten() for parameter in parameters], out=own)
        self._stop[rank] = float(stop)
        self._barrier.wait()
        mean = self._gradients[:, :numbers].mean(0)
        ending = bool(self._stop.any())
        self._barrier.wait()
        at = 0
        for parameter in parameters:
            parameter.grad = mean[at : at + parameter.numel()].view_as(parameter)
            at += parameter.numel()
        return ending


def _shared(*shape: int) -> Tensor:
    shared: Tensor = torch.zeros(*shape).share_memory_()  # type: ignore[no-untyped-call]
    return shared


def _gradient(parameter: Tensor) -> Tensor:
    return torch.zeros_like(parameter) if parameter.grad is None else parameter.grad

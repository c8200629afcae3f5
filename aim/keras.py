"""`aim.keras.AimCallback`: records the training of a Keras model."""

from __future__ import annotations

from aim.integrations.keras import KerasCallback
from aim.integrations.training_run import needed

with needed("keras"):
    from keras.callbacks import Callback


class AimCallback(KerasCallback, Callback):  # type: ignore[misc]
    __doc__ = KerasCallback.__doc__

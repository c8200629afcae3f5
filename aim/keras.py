"""`aim.keras.AimCallback`: records the training of a Keras model."""

from __future__ import annotations

from aim.integrations.keras import Recorder
from aim.integrations.training_run import needed

with needed("keras"):
    from keras.callbacks import Callback


class AimCallback(Recorder, Callback):  # type: ignore[misc]
    __doc__ = Recorder.__doc__

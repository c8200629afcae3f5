"""`aim.tensorflow.AimCallback`: records the training of a tf.keras model."""

from __future__ import annotations

from aim.integrations.keras import Recorder
from aim.integrations.training_run import needed

with needed("tensorflow"):
    from tensorflow.keras.callbacks import Callback


class AimCallback(Recorder, Callback):  # type: ignore[misc]
    __doc__ = Recorder.__doc__

"""The network that finds calving fronts: inputs, training, prediction.

Importing this needs no torch; loading a network and training do.
"""

from termini.segment.inputs import LAYERS, NETWORK_PIXEL, stack_inputs
from termini.segment.predict import (
    WEIGHTS,
    Network,
    Prediction,
    load_network,
    predict,
    predict_many,
)

__all__ = [
    "LAYERS",
    "NETWORK_PIXEL",
    "WEIGHTS",
    "Network",
    "Prediction",
    "load_network",
    "predict",
    "predict_many",
    "stack_inputs",
]

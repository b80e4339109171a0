"""The networks that find calving fronts: inputs, training, prediction.

Importing this needs no torch; loading a network and training do. Networks are
in `termini.segment.networks`, training is `termini.segment.run.train`.
"""

from termini.segment.inputs import LAYERS, NETWORK_PIXEL, select_layers, stack_inputs
from termini.segment.maps import Prediction
from termini.segment.network_file import WEIGHTS, Network, load_network
from termini.segment.predict import Views, predict, predict_ensemble, predict_many

__all__ = [
    "LAYERS",
    "NETWORK_PIXEL",
    "WEIGHTS",
    "Network",
    "Prediction",
    "Views",
    "load_network",
    "predict",
    "predict_ensemble",
    "predict_many",
    "select_layers",
    "stack_inputs",
]

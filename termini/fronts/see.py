"""What one network, or several together, see in a scene."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from termini.errors import InputError
from termini.scenes import Scene, normalise

if TYPE_CHECKING:
    from termini.segment import Network, Prediction, Views

    #: A network, or several whose maps are averaged.
    Networks: TypeAlias = Network | Sequence[Network]
    #: The same, or the files that hold their weights; None for the shipped ones.
    Weights: TypeAlias = str | Path | Network | Sequence[str | Path | Network] | None


def see(
    networks: Networks, scene: Scene, inside: NDArray[np.bool_] | None, views: Views | None
) -> Prediction:
    """Maps of a scene, its brightness normalised as each network was trained.

    Parameters
    ----------
    networks : Network or sequence of Network
        From `termini.segment.load_network`; of several the maps are averaged.
    scene : Scene
        On the grid to look at.
    inside : ndarray of bool or None
        Fjord on that grid.
    views : termini.segment.Views or None
        Looks to average over.

    Returns
    -------
    termini.segment.Prediction
        Maps of front, ice and rock.
    """
    from termini.segment import predict, predict_ensemble, stack_inputs

    members = members_of(networks)
    inputs = [stack_inputs(normalise(scene, n.normalisation), scene.valid, inside) for n in members]
    if len(members) == 1:
        return predict(members[0], inputs[0], views=views)
    return predict_ensemble(members, inputs, views=views)


def members_of(networks: Networks) -> list[Network]:
    """Networks as a list, be it one or several.

    Parameters
    ----------
    networks : Network or sequence of Network
        At least one.

    Returns
    -------
    list of Network
        In the order given.

    Raises
    ------
    InputError
        If there is none.
    """
    members = list(networks) if isinstance(networks, Sequence) else [networks]
    if not members:
        raise InputError("no network to extract fronts with: give at least one")
    return members


def _several(weights: Weights) -> Sequence[str | Path | Network | None]:
    """Weights as a sequence; None, for the shipped ones, if nothing is given."""
    one = isinstance(weights, str) or not isinstance(weights, Sequence)
    return [weights] if one else weights or [None]  # type: ignore[list-item,return-value]


def files_of(weights: Weights) -> list[Path]:
    """Files that weights lie in.

    Parameters
    ----------
    weights : path, Network, sequence of them, or None
        The shipped ones if None.

    Returns
    -------
    list of pathlib.Path
        One for each network.

    Raises
    ------
    InputError
        If a file is not there, or a network was not read from one.
    """
    from termini.segment import WEIGHTS

    files = []
    for one in _several(weights):
        path = WEIGHTS if one is None else one if isinstance(one, str | Path) else one.path
        if not path:
            raise InputError(
                "a network that was not read from a file cannot be told from others or sent to "
                "processes: give its weights as a file, or one worker and no folder to resume from"
            )
        if not Path(path).is_file():
            raise InputError(f"{path}: no such weights; give a .safetensors or .onnx file")
        files.append(Path(path))
    return files


def open_networks(weights: Weights, views: Views | None) -> list[Network]:
    """Networks ready to see, and able to look as is wanted.

    Parameters
    ----------
    weights : path, Network, sequence of them, or None
        The shipped ones if None.
    views : termini.segment.Views or None
        Looks to average over.

    Returns
    -------
    list of Network
        In the order given.

    Raises
    ------
    InputError
        If a file cannot be read, or passes with dropout are asked of a network without.
    """
    from termini.segment import load_network
    from termini.segment.views import check_dropout

    networks = [
        load_network(one) if one is None or isinstance(one, str | Path) else one
        for one in _several(weights)
    ]
    for network in networks if views is not None and views.passes else ():
        check_dropout(network)
    return networks

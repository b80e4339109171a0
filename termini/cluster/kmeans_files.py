"""Fitted estimators on disk: arrays and JSON in one npz file, nothing pickled."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from termini.errors import InputError
from termini.files import written_whole

_FORMAT = "termini clusters 1"


def save_estimator(estimator: Any, path: str | Path) -> None:
    """Write parameters and fitted attributes.

    Parameters
    ----------
    estimator : estimator
        Fitted; attributes are arrays, numbers or text.
    path : path
        Name of the ``.npz`` file; the file appears whole or not at all.

    Raises
    ------
    InputError
        If a parameter is neither an array, a number nor text.
    """
    arrays: dict[str, Any] = {}
    plain: dict[str, Any] = {"format": _FORMAT, "class": type(estimator).__name__}
    fitted = {name: value for name, value in vars(estimator).items() if name.endswith("_")}
    for kind, items in (("param", estimator.get_params()), ("fitted", fitted)):
        for name, value in items.items():
            if isinstance(value, np.ndarray) and value.dtype != object:
                arrays[f"{kind}:{name}"] = value
            else:
                plain[f"{kind}:{name}"] = _plain(name, value)
    text = np.frombuffer(json.dumps(plain, sort_keys=True).encode(), dtype=np.uint8)
    with written_whole(path) as temporary, open(temporary, "wb") as handle:
        np.savez(handle, json=text, **arrays)


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, np.random.RandomState):
        raise InputError(f"{name} is a generator; give a whole number as seed to save the model")
    try:
        json.dumps(value)
    except TypeError as error:
        raise InputError(
            f"{name} is {type(value).__name__}, which has no place in a file"
        ) from error
    return value


def load_estimator(kind: type, path: str | Path) -> Any:
    """Estimator from a file of `save_estimator`.

    Parameters
    ----------
    kind : type
        Class that was saved.
    path : path
        File.

    Returns
    -------
    estimator
        Fitted as it was.

    Raises
    ------
    InputError
        If the file is no such file, or of another class.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        plain = json.loads(arrays.pop("json").tobytes())
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"{path}: not a file of saved clusters ({error})") from error
    if plain.pop("format", None) != _FORMAT or plain.pop("class", None) != kind.__name__:
        raise InputError(f"{path}: holds no {kind.__name__}; load it with the class that saved it")
    values = {**plain, **arrays}
    made = kind(**{k[6:]: v for k, v in values.items() if k.startswith("param:")})
    for name, value in values.items():
        if name.startswith("fitted:"):
            setattr(made, name[7:], value)
    return made

"""Networks as ONNX files, for machines without torch.

Normalisations are folded in before; the file has free rows and columns and
carries the same header as the weights. ``onnx`` and ``onnxruntime`` are
optional: without them the other calls work as before.
"""

from __future__ import annotations

import importlib
import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from termini.errors import InputError, MissingExtraError
from termini.files import written_whole
from termini.segment.network_file import Network, import_torch

KEY = "termini"


def _optional(name: str, needed_for: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise MissingExtraError("onnx", needed_for) from error


def export_onnx(network: Network, path: str | Path, *, size: int = 256) -> Path:
    """Write a network as an ONNX file.

    Parameters
    ----------
    network : Network
        From `load_network`, on the processor.
    path : path
        Ends in ``.onnx``.
    size : int
        Rows and columns of the picture with which it is traced; it then takes
        any size.

    Returns
    -------
    pathlib.Path
        The path.

    Raises
    ------
    MissingExtraError
        If onnx (or onnxscript, which torch writes it with) is not installed.
    InputError
        If the network is an exported one already.
    """
    onnx = _optional("onnx", "exporting networks")
    _optional("onnxscript", "exporting networks")
    torch = import_torch()
    module = network.module
    if not isinstance(module, torch.nn.Module):
        raise InputError(f"{network.path} is an exported network already")
    size = -(-size // module.multiple) * module.multiple
    example = torch.zeros(1, len(module.layers), size, size)
    free = {0: "batch", 2: "rows", 3: "columns"}
    with written_whole(path) as temporary, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of torch's own exporter, about its own versions
        torch.onnx.export(
            module.to("cpu", memory_format=torch.contiguous_format), (example,), str(temporary),
            input_names=["layers"], output_names=["logits"], dynamo=False,
            dynamic_axes={"layers": free, "logits": free}, opset_version=17,
        )  # fmt: skip
        model = onnx.load(str(temporary))
        header = network.metadata | {
            "layers": list(module.layers),
            "outputs": list(module.outputs),
            "multiple": int(module.multiple),
        }
        entry = model.metadata_props.add()
        entry.key, entry.value = KEY, json.dumps(header, sort_keys=True)
        onnx.save(model, str(temporary))
    return Path(path)


class OnnxModule:
    """An exported network, run by ONNX Runtime on the processor.

    Parameters
    ----------
    path : path
        What `export_onnx` wrote.
    threads : int
        Of the processor; 0 leaves it to ONNX Runtime.

    Raises
    ------
    MissingExtraError
        If onnxruntime is not installed.
    InputError
        If the file is missing, damaged, or not one of termini's.
    """

    def __init__(self, path: str | Path, threads: int = 0) -> None:
        runtime = _optional("onnxruntime", "running exported networks")
        if not Path(path).is_file():
            raise InputError(f"no exported network at {path}: write one with export_onnx")
        options = runtime.SessionOptions()
        options.intra_op_num_threads = threads
        try:
            self.session = runtime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
            held = self.session.get_modelmeta().custom_metadata_map
            self.metadata: dict[str, Any] = json.loads(held[KEY])
        except Exception as error:  # ONNX Runtime has no common class of errors
            raise InputError(f"{path} is no exported network of termini ({error})") from error
        self.layers = tuple(self.metadata["layers"])
        self.outputs = tuple(self.metadata["outputs"])
        self.multiple = int(self.metadata["multiple"])

    def run_arrays(self, stack: NDArray[np.float32]) -> NDArray[np.float32]:
        """Logits of a batch whose sides the network divides by."""
        (logits,) = self.session.run(None, {"layers": np.ascontiguousarray(stack)})
        return np.asarray(logits, dtype=np.float32)

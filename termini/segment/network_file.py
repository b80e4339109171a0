"""A network ready to predict: read from its file, folded, on its device.

torch is loaded only here and only when a network is, so that the rest of the
package works without it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from termini.errors import InputError, MissingExtraError
from termini.scenes.normalise import Method

WEIGHTS = Path(__file__).parent / "weights" / "termini-unet.safetensors"
"""The weights that ship with the package."""


@dataclass(frozen=True)
class Network:
    """A network ready to predict, with what is known of it.

    Parameters
    ----------
    module : torch.nn.Module or termini.segment.export.OnnxModule
        Normalisation folded in, evaluation mode.
    metadata : dict
        From the weights file: name, architecture, training.
    half : bool
        Compute in bfloat16. On processors with matrix units and on graphics
        cards twice as fast; elsewhere slow.
    path : str
        Where the weights came from.
    device : str
        Where it computes.
    """

    module: Any
    metadata: dict[str, Any]
    half: bool
    path: str
    device: str = "cpu"

    @property
    def name(self) -> str:
        """What it is called, in the weights file or by its architecture."""
        return str(self.metadata.get("name") or getattr(self.module, "name", "network"))

    @property
    def normalisation(self) -> Method:
        """How brightness must be normalised: as it was in training."""
        training = self.metadata.get("training") or {}
        method: Method = training.get("normalisation", "equalise")
        return method

    @property
    def layers(self) -> tuple[str, ...]:
        """Layers that it looks at."""
        return tuple(self.module.layers)

    @property
    def outputs(self) -> tuple[str, ...]:
        """What its maps are."""
        return tuple(self.module.outputs)

    def logits(self, stack: NDArray[np.float32]) -> NDArray[np.float32]:
        """Maps of a batch, before they become probabilities.

        Parameters
        ----------
        stack : ndarray of float32, shape (n, layers, rows, columns)
            Of any size; padded with zeros to what the network divides by.

        Returns
        -------
        ndarray of float32, shape (n, outputs, rows, columns)
            As the network gives them.
        """
        rows, columns = stack.shape[2:]
        multiple = self.module.multiple
        pad = ((0, 0), (0, 0), (0, -rows % multiple), (0, -columns % multiple))
        padded = np.pad(stack, pad) if rows % multiple or columns % multiple else stack
        if hasattr(self.module, "run_arrays"):
            return np.asarray(self.module.run_arrays(padded)[..., :rows, :columns])
        return np.ascontiguousarray(_torch_logits(self, padded)[..., :rows, :columns])


def import_torch() -> Any:
    """The torch module, or an error that names what to install.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    """
    try:
        import torch
    except ImportError as error:
        raise MissingExtraError("extract", "extracting fronts from scenes") from error
    return torch


def _torch_logits(network: Network, stack: NDArray[np.float32]) -> NDArray[np.float32]:
    torch = import_torch()
    kind = torch.device(network.device).type
    with torch.inference_mode(), torch.autocast(kind, torch.bfloat16, enabled=network.half):
        x = torch.from_numpy(np.ascontiguousarray(stack)).to(network.device)
        logits = network.module(x.to(memory_format=torch.channels_last)).float()
    return np.asarray(logits.cpu().numpy(), dtype=np.float32)


def load_network(
    path: str | Path | None = None, *, half: bool | None = None, device: str | None = None
) -> Network:
    """Load weights.

    Parameters
    ----------
    path : path, optional
        A .safetensors file that `termini.segment.run.train` wrote, or an .onnx
        file that `termini.segment.export.export_onnx` did; the shipped one if
        not given.
    half : bool, optional
        Compute in bfloat16; by default on graphics cards, and where the
        processor has matrix units for it (AMX).
    device : str, optional
        Such as ``cuda``; the processor by default.

    Returns
    -------
    Network
        Ready for `predict`.

    Raises
    ------
    InputError
        If the file is missing, damaged, of an unknown network, or not the one
        whose checksum is noted beside it; or if the device is not there.
    MissingExtraError
        If torch and safetensors, or for .onnx files onnxruntime, are not installed.
    """
    file = WEIGHTS if path is None else Path(path)
    if file.suffix == ".onnx":
        from termini.segment.export import OnnxModule

        held = OnnxModule(file)
        return Network(held, held.metadata, False, str(file))
    torch = import_torch()
    from termini.segment.weights_file import read_weights

    device = device or "cpu"
    if torch.device(device).type == "cuda" and not torch.cuda.is_available():
        raise InputError(f"device {device!r}: torch sees no graphics card here; leave it out")
    module, metadata = read_weights(file)
    if half is None:
        amx = getattr(torch.cpu, "_is_amx_tile_supported", None)
        half = device != "cpu" or bool(amx is not None and amx())
    return Network(ready(module, device), metadata, half, str(file), device)


def ready(module: Any, device: str = "cpu") -> Any:
    """A trained module folded for prediction, on its device.

    Parameters
    ----------
    module : torch.nn.Module
        Changed in place; cannot be trained any more.
    device : str
        Where to.

    Returns
    -------
    torch.nn.Module
        The same.
    """
    from termini.segment.networks.blocks import fold_normalisation

    module = module.fold() if hasattr(module, "fold") else fold_normalisation(module)
    return module.to(device)

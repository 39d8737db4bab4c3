"""What the clients of stores raise, as errors of ours. Each client has errors of its own, so all are caught."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

from kerchief.errors import InputRefused, KerchiefError, OutputError
from kerchief.scale.storage.place import Place

CHECK = "Check the URL, the network, and the credentials that your environment names."
MOVE_AWAY = "Move it away, or choose another folder with -o. kerchief overwrites nothing."


@contextmanager
def reading(place: Place) -> Iterator[None]:
    """Around all that reads.

    Raises:
        InputRefused.
    """
    try:
        yield
    except KerchiefError:
        raise
    except Exception as error:  # noqa: BLE001 - see above
        raise InputRefused(str(place), f"can't be fetched ({_reason(error)})", CHECK) from None


@contextmanager
def writing(place: Place) -> Iterator[None]:
    """Around all that writes.

    Raises:
        OutputError.
    """
    try:
        yield
    except KerchiefError:
        raise
    except FileExistsError:
        raise OutputError(str(place), "exists already", MOVE_AWAY) from None
    except Exception as error:  # noqa: BLE001 - see above
        raise OutputError(str(place), f"can't be written ({_reason(error)})", CHECK) from None


def _reason(error: Exception) -> str:
    """In a few words: of the kind of error alone, since what a client says may quote what it sent."""
    if isinstance(error, FileNotFoundError):
        return "no such file or folder"
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno).lower()
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", type(error).__name__).lower()

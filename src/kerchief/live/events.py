"""What a run says while it goes on: each thing is a line of JSON for machines, and most a line for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened.

    Attributes:
        name: what, one or two words: "source lost", "segment".
        says: a sentence for people, without a full stop; empty where machines alone want to know.
        values: numbers and names for machines. Nothing of what is in a picture but counts.
    """

    name: str
    says: str = ""
    values: Mapping[str, str | int | float | bool] = field(default_factory=dict)


#: Told of events; from any thread.
Tell = Callable[[Event], None]

"""The labels and scores of samples, as lists, from whatever holds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import ne
from typing import Any

from aim.media.arrays import array, has_masked
from aim.natural import natural
from aim.plain import PLAIN, builtin, shown, text_of

Label = str | int | float | bool | None
MAX_SAMPLES = 10_000_000


def labels_in(given: Any, what: str, instead: str = "one label for each sample") -> list[Label]:
    """The labels of an array, tensor, column or list. `instead` says what to pass."""
    if has_masked(given):
        raise ValueError(f"{what} has masked elements, which have no label; fill them first")
    values = array(given)
    if values is not None:
        if values.size != max(values.shape, default=1):
            raise ValueError(f"{what} has the shape {tuple(values.shape)}; pass {instead}")
        listed = list(values.reshape(-1).tolist())
    elif given is None or isinstance(given, (str, bytes, Mapping)) or not hasattr(given, "__iter__"):
        raise TypeError(f"{what}={shown(given)} must be a list or an array: {instead}")
    else:
        listed = [_plain(label) for label in given]
    if not 1 <= len(listed) <= MAX_SAMPLES:
        raise ValueError(f"{what} has {len(listed):,} samples; pass 1 to {MAX_SAMPLES:,}")
    if not set(map(type, listed)) <= PLAIN or any(map(ne, listed, listed)):
        wrong = next(i for i, label in enumerate(listed) if type(label) not in PLAIN or label != label)
        raise ValueError(f"{what}[{wrong}] is {shown(listed[wrong])}; pass {instead}")
    return listed


def _plain(label: Any) -> Any:
    """Also of a tensor with one element."""
    label = builtin(label)
    return label.item() if type(label) not in PLAIN and callable(getattr(label, "item", None)) else label


def same_length(**given: Sequence[Any]) -> None:
    lengths = {name: len(values) for name, values in given.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} has {length:,}" for name, length in lengths.items())
        raise ValueError(f"one value for each sample is needed, but {told}")


def classes_of(seen: Sequence[Label], labels: Any, most: int) -> tuple[list[str], dict[Label, int]]:
    """The names of classes in order, and the place of each label that is `seen`. `labels` are all labels in order, or
    names for the labels 0, 1, 2 and so on. Without them: the labels that are seen, sorted."""
    distinct = set(seen)
    known = _sorted(distinct) if labels is None else labels_in(labels, "labels", "the labels in order")
    if len(known) > most:
        raise ValueError(f"there are {len(known):,} classes; at most {most:,} can be recorded, so merge rare ones")
    if len(set(known)) < len(known):
        raise ValueError(f"labels={shown(known)} has a label twice")
    places: dict[Label, int] = {label: i for i, label in enumerate(known)}
    if not distinct <= places.keys():
        numbers: dict[Label, int] = {i: i for i in range(len(known))}
        unknown = next(label for label in seen if label not in places)
        if not distinct <= numbers.keys():
            raise ValueError(f"the label {shown(unknown)} is not in labels={shown(known)}; add it")
        places = numbers
    return [text_of(label) for label in known], places


def _sorted(labels: set[Label]) -> list[Label]:
    if all(isinstance(label, (int, float)) for label in labels):
        return sorted(labels)  # type: ignore[type-var]
    return sorted(labels, key=lambda label: natural(text_of(label)))

"""Which column of a file is which of ours: by name, or as `--columns` says."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from producers.errors import UnknownColumn
from producers.importers.csv_table import normal


def read_mapping(options: Iterable[str], known: Collection[str]) -> dict[str, str]:
    """`ours=theirs,ours=theirs` (any number of such texts) as ours: theirs. Raises UnknownColumn.

    The other way round is understood too where only one side is a column of ours. A comma may be part of a name.
    """
    pieces: list[str] = []
    for option in options:
        for piece in option.split(","):
            if "=" in piece or not pieces:
                pieces.append(piece)
            else:
                pieces[-1] += f",{piece}"
    mapping: dict[str, str] = {}
    for piece in pieces:
        one, equals, two = (part.strip() for part in piece.partition("="))
        if not equals or not one or not two:
            raise UnknownColumn(f"--columns: {piece!r} is not of the form ours=theirs")
        if normal(one) not in known and normal(two) in known:
            one, two = two, one
        if normal(one) not in known:
            raise UnknownColumn(f"--columns: {one!r} is no column that is read here; those are: {', '.join(known)}")
        mapping[normal(one)] = two
    return mapping


def located(header: Sequence[str], known: Iterable[str], mapping: Mapping[str, str]) -> dict[str, int]:
    """The place of each of our columns that the header has. Raises UnknownColumn for a mapped one that it lacks."""
    exact = {column.strip().strip("\ufeff"): place for place, column in reversed(list(enumerate(header)))}
    by_name = {normal(column): place for place, column in reversed(list(enumerate(header)))}
    places: dict[str, int] = {}
    for column in known:
        if (theirs := mapping.get(column)) is not None:
            found = exact.get(theirs, by_name.get(normal(theirs)))
            if found is None:
                shown = ", ".join(header)
                raise UnknownColumn(f"--columns: the file has no column {theirs!r}; it has: {shown}")
            places[column] = found
        elif column in by_name:
            places[column] = by_name[column]
    return places

"""Finding the rows of a body that describes itself, whatever its shape (docs/protocol.md C.7, D).

    [[code, value, [scaler, unit]], [code, text], …]      array of structures: Aidon
    ["Kamstrup_V0001", code, value, code, value, …]       one structure of pairs: Kamstrup, Kaifa in Sweden
    [time, code, value, [scaler, unit], …, number]        of triples: Austria; structures in a structure too
    [[[class, code, attribute, index], …], value, …]      the list of captured objects, then their values: Switzerland
    [cause, [[(class, code, attribute), value], …]]       pairs with attribute descriptors: Czechia

A code is an octet string of six. Null-data stands for what a meter does not have.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeGuard

from hanlogger.decoding.axdr import Attribute, Value
from hanlogger.errors import DecodeError
from hanlogger.model import Obis

_CODE_OCTETS = 6
_PUSH_SETUP, _OBJECT_LIST = 40, 2  # the class whose second attribute is the list of captured objects itself
_MEASURED = (3, 4, 5, 8)  # classes: register, extended register, demand register, clock


class Row(NamedTuple):
    """One value as the meter sent it, before it is scaled."""

    obis: Obis | None  # None: it came without a code
    value: Value
    scaler: int | None = None  # None: the message does not state it
    unit: int = 0
    measured: bool = True  # False: of an object that measures nothing, where the message tells objects apart


_obis = lru_cache(maxsize=4096)(Obis.from_bytes)


def find_rows(body: Sequence[Value]) -> list[Row]:
    """Return all values of a body in order, each with its code where it has one."""
    captured = _pair_captured_objects(body) or _read_described(body)
    return list(_make_rows(captured) if captured else _read_list(body))


def _read_list(items: Sequence[Value]) -> Iterator[Row]:
    at = 0
    while at < len(items):
        item = items[at]
        if is_code(item) and at + 1 < len(items):
            row, at = _read_row(item, items, at + 1)
            yield row
            continue
        at += 1
        if isinstance(item, list):
            yield from _read_list(item)
        elif item is not None:
            yield Row(None, item)


def _read_row(code: bytes, items: Sequence[Value], at: int) -> tuple[Row, int]:
    """Return the row of a code whose value stands at `at`, and where the next one begins.

    The value may be followed by [scaler, unit], or be [value, [scaler, unit]] itself.
    """
    value, after = items[at], at + 1
    stated = items[after] if after < len(items) else None
    if is_scaler_unit(stated):
        return Row(_obis(code), value, stated[0], stated[1]), after + 1
    if isinstance(value, list) and len(value) == 2 and is_scaler_unit(value[1]):
        scaler, unit = value[1]
        return Row(_obis(code), value[0], scaler, unit), after
    return Row(_obis(code), value), after


def is_code(item: Value) -> TypeGuard[bytes]:
    """Tell whether a value has the form of a code."""
    return isinstance(item, bytes) and len(item) == _CODE_OCTETS


def is_scaler_unit(item: Value) -> TypeGuard[list[int]]:
    """Tell whether a value has the form of a register's third attribute, [scaler, unit]."""
    return isinstance(item, list) and len(item) == 2 and isinstance(item[0], int) and isinstance(item[1], int)


def has_captured_objects(body: Sequence[Value]) -> bool:
    """Tell whether a body has a list of captured objects."""
    return bool(_pair_captured_objects(body))


def has_attribute_descriptors(body: Sequence[Value]) -> bool:
    """Tell whether a body consists of pairs of an attribute descriptor and a value."""
    return bool(_read_described(body))


class _Captured(NamedTuple):
    """An object, one of its attributes, and the value of that in this message."""

    obis: Obis
    attribute: int
    value: Value
    measured: bool = True


def _pair_captured_objects(body: Sequence[Value]) -> list[_Captured]:
    """Pair the objects that a body lists with its values; nothing where it has no list of captured objects.

    The list is often the first object that it lists. DecodeError where it lists fewer or more objects than there are
    values: then it is unknown which value belongs to which object.
    """
    for index, item in enumerate(body):
        if isinstance(item, list) and item and all(map(_is_captured_object, item)):
            lists_itself = _is_list_itself(item[index : index + 1])
            values = body if lists_itself else [*body[:index], *body[index + 1 :]]
            if len(item) != len(values):
                raise DecodeError(f"a list of {len(item)} captured objects with {len(values)} values")
            pairs = [_read_captured(captured, value) for captured, value in zip(item, values, strict=True)]
            return [pair for pair in pairs if pair and pair.value is not item]
    return []


def _is_list_itself(listed: Sequence[Value]) -> bool:
    """Tell whether the object that is listed at the position of the list is the list itself."""
    match listed:
        case [[class_id, _, attribute, *_]]:
            return (class_id, attribute) == (_PUSH_SETUP, _OBJECT_LIST)
        case _:
            return False


def _is_captured_object(item: Value) -> bool:
    return _read_captured(item, None) is not None


def _read_captured(item: Value, value: Value) -> _Captured | None:
    """Return the object that `class, code, attribute, index` describes, with a value; None for anything else."""
    match item:
        case [int(), bytes(code), int(attribute), *_] if is_code(code):
            return _Captured(_obis(code), attribute, value)
        case _:
            return None


def _read_described(body: Sequence[Value]) -> list[_Captured]:
    """Return the objects of a body of pairs with attribute descriptors; none where not every element is such a pair.

    A number before them all tells what caused the push.
    """
    pairs = body[1] if len(body) == 2 and isinstance(body[0], int) and isinstance(body[1], list) else body
    found = [_read_pair(pair) for pair in pairs]
    return [each for each in found if each] if all(found) else []


def _read_pair(pair: Value) -> _Captured | None:
    match pair:
        case [Attribute(class_id, code, number), value]:
            return _Captured(_obis(code), number, value, class_id in _MEASURED)
        case _:
            return None


def _make_rows(captured: Sequence[_Captured]) -> Iterator[Row]:
    """Return the rows of objects. The third attribute of a register is its scaler and unit, the first its code."""
    stated = {each.obis: each.value for each in captured if is_scaler_unit(each.value)}
    for obis, attribute, value, measured in captured:
        if attribute > 1 and not is_scaler_unit(value):
            scaler, unit = stated.get(obis, (None, 0))
            yield Row(obis, value, scaler, unit, measured)

"""The data set that a file's header is: pydicom's, without its warnings and with this room's errors."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from ..errors import InputError
from . import values
from .elements import UNREADABLE, is_raw
from .quiet import quiet

if TYPE_CHECKING:
    from pydicom.dataset import FileDataset


@cache
def header_class() -> type[FileDataset]:
    """`FileDataset` whose elements, where they are looked at past `values`, are read in silence or refused by name."""
    from pydicom.dataset import FileDataset
    from pydicom.errors import BytesLengthException

    class Header(FileDataset):
        def __getitem__(self, key):
            element = None if isinstance(key, slice) else self.get_item(key, keep_deferred=True)
            if element is None or not is_raw(element):
                return super().__getitem__(key)
            try:
                with quiet():
                    return super().__getitem__(key)
            except (*UNREADABLE, BytesLengthException) as error:
                place = (element.tag.group, element.tag.element)
                raise InputError(f"{values.named(self, place)} cannot be read; correct the file.") from error

    return Header

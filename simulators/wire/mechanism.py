"""What a language needs of the printer behind it."""

from __future__ import annotations

from typing import Protocol

from PIL import Image


class Mechanism(Protocol):
    """See raw9100.LabelPrinter, which is the only one."""

    dpi: int
    busy: bool
    held: list[Image.Image]

    def is_on(self, fault: str) -> bool: ...

    def stopped(self) -> bool: ...

    def no_paper(self) -> bool: ...

    def spoils(self) -> bool: ...

    def put(self, page: Image.Image) -> None: ...

    def catch_up(self) -> None: ...

    def keep(self, picture: Image.Image, *, complete: bool = True) -> None: ...

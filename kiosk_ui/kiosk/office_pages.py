"""The pages of the officer's desk."""

from __future__ import annotations

from .office import Page
from .office_after import reactions, returns
from .office_bench import bench
from .office_duties import duties
from .office_keep import inspections, samples
from .office_recalls import recalls_page
from .office_rights import rights
from .office_waste import waste

PAGES: dict[str, Page] = {
    "reactions": reactions,
    "returns": returns,
    "recalls": recalls_page,
    "waste": waste,
    "samples": samples,
    "rights": rights,
    "inspections": inspections,
    "duties": duties,
    "bench": bench,
}

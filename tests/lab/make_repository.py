"""Make the repository of these tests. Run by the stack's interpreter; prints what it made as JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
from lsst.daf.butler import Butler, CollectionType

from rsp_epo_export.repository import make_repository


def main(path: str) -> None:
    butler = make_repository(path)
    for run in ("u/alien/zooniverse-1", "u/other/private-1", "u/alien/odd"):
        butler.collections.register(run)
    made = {}
    made["u/alien/zooniverse-1"] = [_put(butler, "u/alien/zooniverse-1", place) for place in range(3)]
    made["u/other/private-1"] = [_put(butler, "u/other/private-1", 9)]
    made["u/alien/odd"] = [_put(butler, "u/alien/odd", place) for place in range(4)]
    gone, large, html, _ = (Path(dataset["file"]) for dataset in made["u/alien/odd"])
    gone.unlink()
    with large.open("r+b") as file:
        file.truncate(10 * 1024 * 1024 + 1)
    html.write_bytes(b"<html><script>alert(1)</script></html>")
    butler.put({"magnitude": 21}, "zooniverse_metadata", {"htm20": _place(0)}, run="u/alien/odd")
    made["metadata"] = [
        {"id": str(ref.id)} for ref in butler.query_datasets("zooniverse_metadata", collections="u/alien/odd")
    ]
    butler.collections.register("u/alien/batch", CollectionType.CHAINED)
    butler.collections.redefine_chain("u/alien/batch", ["u/alien/zooniverse-1"])
    print(json.dumps(made))


def _place(index: int) -> int:
    return 8 * 4**20 + index


def _put(butler: Butler, run: str, index: int) -> dict[str, str]:
    pixels = np.full((8, 8, 3), 20 * index, dtype=np.uint8)
    ref = butler.put(pixels, "zooniverse_cutout", {"htm20": _place(index)}, run=run)
    return {"id": str(ref.id), "file": butler.getURI(ref).ospath}


if __name__ == "__main__":
    main(sys.argv[1])

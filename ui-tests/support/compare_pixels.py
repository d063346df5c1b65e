"""Compare published pictures with what `butler retrieve-artifacts` gave, pixel by pixel, with Pillow's decoder.

Arguments: the directory of the published files, the one of the retrieved artifacts, and the crosswalk, which says which
file is which dataset. Prints one line of JSON: how many are equal, and which differ.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

from PIL import Image


def main(published: Path, retrieved: Path, crosswalk: Path) -> None:
    """Compare each row of the crosswalk."""
    index = json.loads((retrieved / "_butler_zip_index.json").read_text())
    artifacts = {dataset: path for path, entry in index["artifact_map"].items() for dataset in entry["ids"]}
    equal, different = 0, []
    with crosswalk.open(newline="") as lines:
        for row in csv.DictReader(lines):
            theirs = _pixels(published / row["url"].rsplit("/", 1)[1])
            if theirs == _pixels(retrieved / artifacts[row["dataset_id"]]):
                equal += 1
            else:
                different.append(row["dataset_id"])
    print(json.dumps({"equal": equal, "different": different}))


def _pixels(path: Path) -> tuple[str, tuple[int, int], bytes]:
    with Image.open(path) as image:
        return image.mode, image.size, image.tobytes()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))

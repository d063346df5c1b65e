"""What a PI would write without the service: ``python plain_script.py REPOSITORY RUN DESTINATION``.

Retrieve the cutouts, verify each with Pillow, copy those that pass under a new name, and write a manifest.
"""

from __future__ import annotations

import csv
import shutil
import sys
import uuid
from pathlib import Path

from lsst.daf.butler import Butler
from PIL import Image


def main() -> None:
    """Do all of it, one file after the other."""
    repository, run, destination = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    retrieved, public = destination / "retrieved", destination / "public"
    public.mkdir(parents=True)
    butler = Butler.from_config(repository)
    refs = butler.query_datasets("zooniverse_cutout", collections=run, find_first=False, limit=None)
    # Without the slash it is no directory to the Butler.
    paths = butler.retrieveArtifacts(refs, f"{retrieved}/", transfer="copy", preserve_path=True)
    rows = []
    for path in paths:
        with Image.open(path.ospath) as image:
            image.verify()
        with Image.open(path.ospath) as image:  # verify() alone decodes nothing, and leaves the image unusable
            image.load()
        name = f"{uuid.uuid4().hex}.png"
        shutil.copyfile(path.ospath, public / name)
        rows.append((name.removesuffix(".png"), f"https://example.org/{name}"))
    with (public / "manifest.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("external_id", "location:1"))
        writer.writerows(rows)
    print(f"{len(rows)} published")


if __name__ == "__main__":
    main()

"""Write the server extension's list of what it may forward, from the contract.

Run in a checkout, with any Python, after ``contract/openapi.json`` has changed:
``python -m rsp_epo_export.lab._generate_operations``. A test in ``tests/lab`` fails where the list is not in step.
"""

from __future__ import annotations

__all__ = ("CONTRACT", "LIST", "main", "operations")

import json
from pathlib import Path
from typing import Any

_HERE = Path(__file__).resolve().parent
CONTRACT = _HERE.parent.parent / "contract" / "openapi.json"
LIST = _HERE / "operations.json"

_METHODS = ("get", "post", "delete")
_PREFIX = "/epo-export/v1/"


def operations(contract: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the operations that the contract tags ``pi``, with all that the lab needs to know of each.

    Raises
    ------
    ValueError
        One of them is such that the lab cannot forward it safely: another method or prefix, or a parameter in its path
        that is no UUID (of those the lab knows that they need no escape).
    """
    found = []
    for path, methods in contract["paths"].items():
        for method, operation in methods.items():
            if "pi" not in operation.get("tags", ()):
                continue
            name = f"{method.upper()} {path}"
            if method not in _METHODS or not path.startswith(_PREFIX):
                raise ValueError(f"The lab forwards only {_METHODS} below {_PREFIX}, which {name} is not.")
            parameters = operation.get("parameters", [])
            for parameter in parameters:
                if parameter["in"] == "path" and parameter["schema"].get("format") != "uuid":
                    raise ValueError(f"The parameter {parameter['name']} of {name} is not of the format uuid.")
            media_types = {
                media_type
                for status, response in operation["responses"].items()
                if status.startswith("2")
                for media_type in response.get("content", {})
            }
            found.append(
                {
                    "method": method.upper(),
                    "path": path,
                    "query": sorted(parameter["name"] for parameter in parameters if parameter["in"] == "query"),
                    "media_types": sorted(media_types),
                }
            )
    return sorted(found, key=lambda entry: (entry["path"], entry["method"]))


def main() -> None:
    """Write the list."""
    contract = json.loads(CONTRACT.read_text(encoding="utf-8"))
    LIST.write_text(_as_prettier_has_it(operations(contract)), encoding="utf-8")


def _as_prettier_has_it(entries: list[dict[str, Any]]) -> str:
    """JSON with each member on its line, so that the repository's formatter leaves it alone."""
    objects = [
        "  {\n" + ",\n".join(f"    {json.dumps(name)}: {json.dumps(value)}" for name, value in entry.items()) + "\n  }"
        for entry in entries
    ]
    return "[\n" + ",\n".join(objects) + "\n]\n"


if __name__ == "__main__":
    main()

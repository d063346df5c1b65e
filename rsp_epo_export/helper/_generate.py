"""Write the helper's models, `models.py`, from the contract, so that nobody writes them twice.

Run in a checkout, with any Python, after ``contract/openapi.json`` has changed:
``python -m rsp_epo_export.helper._generate``. A test in ``tests/helper`` fails where the models are not in step.
"""

from __future__ import annotations

__all__ = ("CONTRACT", "MODELS", "main", "models")

import json
import keyword
import re
from pathlib import Path
from typing import Any, TypeAlias

_HERE = Path(__file__).resolve().parent
CONTRACT = _HERE.parent.parent / "contract" / "openapi.json"
MODELS = _HERE / "models.py"

Schema: TypeAlias = dict[str, Any]

_PRIMITIVES = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
_WIDTH = 120
_HEAD = '''"""The export service's models and operations, as `contract/openapi.json` has them.

Written by `rsp_epo_export/helper/_generate.py`; not to be edited by hand.
"""

# Without `from __future__ import annotations`, which would hide from TypedDict which keys are required.

__all__ = (
{names}
)

from typing import Literal, NotRequired, TypeAlias, TypedDict

from .operation import Operation'''


def models(contract: Schema) -> str:
    """Give the source of `models.py`.

    Each named schema becomes a `TypedDict`, each closed set of words a `Literal` (``Export.state`` is `ExportState`),
    and each operation that the contract tags ``pi`` an `Operation`.

    Raises
    ------
    ValueError
        The contract uses a kind of schema that this does not know.
    """
    writer = _Writer(contract["components"]["schemas"])
    for name in contract["components"]["schemas"]:
        writer.reference(name)
    operations = [
        _operation(writer, method, path, operation)
        for path, methods in contract["paths"].items()
        for method, operation in methods.items()
        if "pi" in operation.get("tags", ())
    ]
    names = sorted([*writer.written, *(name for name, _ in operations)], key=_in_all)
    head = _HEAD.replace("{names}", "\n".join(f'    "{name}",' for name in names))
    return head + "\n" + "\n".join(writer.written.values()) + "\n\n" + "\n".join(text for _, text in operations)


class _Writer:
    """Collects definitions, each after those that it needs."""

    def __init__(self, components: dict[str, Schema]) -> None:
        self._components = components
        self.written: dict[str, str] = {}

    def reference(self, name: str) -> str:
        """Give the name of a component, after its definition."""
        if name not in self.written:
            self.type_of(self._components[name], name)
        return name

    def type_of(self, schema: Schema, name: str) -> str:
        """Give the type of a schema as Python says it; `name` is for what needs a definition of its own."""
        match schema:
            case {"$ref": str(ref)}:
                return self.reference(ref.rpartition("/")[2])
            case {"anyOf": [*options]}:
                return " | ".join(self.type_of(option, name) for option in options)
            case {"enum": [*words]}:
                self.written.setdefault(name, _literal(name, words, schema.get("description", "")))
                return name
            case {"type": "array", "items": items}:
                return f"list[{self.type_of(items, name.removesuffix('s') or name)}]"
            case {"type": "object", "properties": properties}:
                self.written[name] = self._typed_dict(name, schema, properties)
                return name
            case {"type": "object", "additionalProperties": dict(values)}:
                return f"dict[str, {self.type_of(values, name)}]"
            case {"type": str(primitive)} if primitive in _PRIMITIVES:
                return _PRIMITIVES[primitive]
            case _:
                raise ValueError(f"The contract's {name} is of a kind that the helper's models do not know: {schema}.")

    def _typed_dict(self, name: str, schema: Schema, properties: dict[str, Schema]) -> str:
        lines = ["", f"class {name}(TypedDict):"]
        if description := schema.get("description"):
            lines += [f'    """{_sentence(description)}"""', ""]
        for key, value in properties.items():
            if not key.isidentifier() or keyword.iskeyword(key):
                raise ValueError(f"The contract's {name}.{key} can be no attribute of a Python class.")
            kind = self.type_of(value, f"{name}{_camel(key)}")
            kind = kind if key in schema.get("required", ()) else f"NotRequired[{kind}]"
            lines.append(f"    {key}: {kind}")
            if description := _description(value):
                lines.append(f'    """{_sentence(description)}"""')
        return "\n".join(lines) + "\n"


def _operation(writer: _Writer, method: str, path: str, operation: Schema) -> tuple[str, str]:
    identifier = operation["operationId"]
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", identifier).upper()
    (content,) = (answer["content"] for status, answer in operation["responses"].items() if status.startswith("2"))
    if set(content) == {"text/csv"}:
        answer = "str"
    else:
        answer = writer.type_of(content["application/json"]["schema"], f"{_camel(identifier)}Answer")
    arguments = f'"{method.upper()}", "{path}", {answer}'
    text = f"{name} = Operation({arguments})"
    if len(text) > _WIDTH:
        text = f"{name} = Operation(\n    {arguments}\n)"
    return name, f'{text}\n"""{_sentence(operation["summary"])}"""\n'


def _literal(name: str, words: list[str], description: str) -> str:
    listed = ", ".join(json.dumps(word) for word in words)
    text = f"{name}: TypeAlias = Literal[{listed}]"
    if len(text) > _WIDTH:
        text = f"{name}: TypeAlias = Literal[\n" + "".join(f"    {json.dumps(word)},\n" for word in words) + "]"
    return "\n" + text + (f'\n"""{_sentence(description)}"""' if description else "") + "\n"


def _description(schema: Schema) -> str:
    """Give what is said of a property; a named or closed type has its own words."""
    if "enum" in schema or "$ref" in schema:
        return ""
    of_options = (str(_description(option)) for option in schema.get("anyOf", ()))
    return schema.get("description") or next(filter(None, of_options), "")


def _sentence(text: str) -> str:
    text = text.replace("\\", "\\\\").replace('"', "'").strip()
    text = text if text.endswith((".", "…")) else f"{text}."
    words, lines = text.split(" "), [""]
    for word in words:
        if len(lines[-1]) + len(word) > _WIDTH - 12:
            lines.append("")
        lines[-1] += (" " if lines[-1] else "") + word
    return "\n    ".join(lines)


def _camel(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def _in_all(name: str) -> tuple[int, str]:
    """Sort as ruff's RUF022 does: constants before classes."""
    return (0 if name.isupper() else 1, name)


def main() -> None:
    """Write the models."""
    contract = json.loads(CONTRACT.read_text(encoding="utf-8"))
    MODELS.write_text(models(contract), encoding="utf-8")


if __name__ == "__main__":
    main()

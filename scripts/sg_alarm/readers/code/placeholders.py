"""Which values that only a deployment knows may be replaced by a placeholder.

The account's number or a variable without a value is unknown; but ``"arn:aws:sns:${region}:${account}:x"``
is the same topic in an action and in a policy, whatever they are. So they are replaced by placeholders, which
compare equal to themselves. That must not be done where the code looks at the value: ``var.stage == "prod"``
would be false for a placeholder, and true in truth. Such a value stays unknown, and all that hangs on it.

What counts is only what the rule looks at: expressions in the resources that bear on it, and those that they
refer to, through locals, variables of modules and outputs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from sg_alarm.readers.code.folders import Call, Tree
from sg_alarm.readers.code.hcl import Block
from sg_alarm.readers.terraform_names import MERELY_THERE

ACCOUNT, REGION, PARTITION, SUFFIX = (
    "local.sg_alarm_account",
    "local.sg_alarm_region",
    "local.sg_alarm_partition",
    "local.sg_alarm_dns_suffix",
)
_DATA = (
    (re.compile(r"\bdata\.aws_caller_identity\.([\w-]+)(\[[\w*]+\]|\.\*)?\.(?:account_id|id)\b"), ACCOUNT),
    (re.compile(r"\bdata\.aws_region\.([\w-]+)(\[[\w*]+\]|\.\*)?\.(?:name|id|region)\b"), REGION),
    (re.compile(r"\bdata\.aws_partition\.([\w-]+)(\[[\w*]+\]|\.\*)?\.(?:partition|id)\b"), PARTITION),
    (re.compile(r"\bdata\.aws_partition\.([\w-]+)(\[[\w*]+\]|\.\*)?\.dns_suffix\b"), SUFFIX),
)
_DATA_TYPES = frozenset({"aws_caller_identity", "aws_region"})
_REFERENCE = re.compile(r"\b(local|var|module)\.([\w-]+)(?:\[[^\[\]]*\])?(?:\.([\w-]+))?")
# Every two names with a dot between them; those of "data.aws_region.this" overlap.
_ADDRESS = re.compile(r"(?=(?<![\w-])([a-z][\w-]*\.[\w-]+))")
_SPLAT = (".*", "[*]")

# Functions whose result holds their arguments as they are, or nothing that depends on their text.
_TRANSPARENT = frozenset(
    {
        *("base64encode", "coalesce", "coalescelist", "compact", "concat", "distinct", "element", "flatten"),
        *("format", "formatlist", "join", "jsonencode", "keys", "list", "map", "merge", "one", "replace"),
        *("setunion", "sort", "templatefile", "tolist", "tomap", "toset", "tostring", "trimprefix"),
        *("trimsuffix", "try", "values", "yamlencode", "zipmap"),
    }
)
# Attributes of resources that the rule does not look at.
_UNHEEDED = frozenset({"description", "alarm_description", "tags", "display_name", "depends_on", "provider"})
_UNHEEDED_BLOCKS = frozenset({"lifecycle", "input_transformer", "timeouts", "provisioner"})

Node = tuple[Path, str]


def resolve_data(text: str, allowed: frozenset[str]) -> str:
    """Replace references to data sources that stand for account, region and partition."""
    for expression, name in _DATA:
        if name in allowed:
            text = expression.sub(lambda found, name=name: _as(name, found[2]), text)  # type: ignore[misc]
    return text


def local_for(reference: str) -> str | None:
    """Return the local that holds the placeholder for an attribute of a data source."""
    return next((name for expression, name in _DATA if expression.fullmatch(reference)), None)


def _as(name: str, index: str | None) -> str:
    return f"[{name}]" if index in _SPLAT else name


class Placeholders:
    """The placeholders of one root: ``data`` by the local that holds them, ``variables`` of the root."""

    def __init__(self, tree: Tree, types: frozenset[str], candidates: frozenset[str]) -> None:
        self._tree = tree
        self._expressions: dict[Node, list[tuple[Path, str]]] = {}
        self._index()
        self._needed: dict[Path, frozenset[str]] = {}
        for folder, text in self._demanded(types):
            self._needed[folder] = self._needed.get(folder, frozenset()).union(_ADDRESS.findall(text))
        sources = self._sources(candidates)
        observed = {
            source
            for folder, text in self._demanded(types - MERELY_THERE)
            for start, end, found in self._tainted(folder, text, sources)
            if _observes(text, start, end)
            for source in found
        }
        self.variables = frozenset(name for name in candidates if f"var.{name}" not in observed)
        self.data = frozenset(name for _, name in _DATA if name not in observed)
        if _has_several_providers(tree):
            self.data -= {ACCOUNT, REGION}

    def _index(self) -> None:
        for path, folder in self._tree.folders.items():
            for _, block in folder.blocks:
                if block.kind in ("resource", "data"):
                    for text in (*_presence(block), *looked_at(block)):
                        self._add((path, ".".join(block.labels)), path, text)
            for _, block in folder.of("locals"):
                for name, attribute in block.attributes.items():
                    self._add((path, f"local.{name}"), path, attribute.text)
            for call in self._tree.calls[path]:
                self._index_call(path, call)

    def _index_call(self, path: Path, call: Call) -> None:
        if call.folder is None:
            return
        for name, attribute in call.block.attributes.items():
            self._add((call.folder, f"var.{name}"), path, attribute.text)
        for _, output in self._tree.folders[call.folder].of("output"):
            if "value" in output.attributes and output.labels:
                node = (path, f"module.{call.name}.{output.labels[0]}")
                self._add(node, call.folder, output.attributes["value"].text)

    def _add(self, node: Node, folder: Path, text: str) -> None:
        self._expressions.setdefault(node, []).append((folder, text))

    def _demanded(self, types: frozenset[str]) -> set[tuple[Path, str]]:
        """Return the expressions that the rule looks at, and all that they refer to."""
        todo = [
            (path, text)
            for path, folder in self._tree.folders.items()
            for _, block in folder.blocks
            if (block.kind in ("resource", "data") and block.labels[:1] and block.labels[0] in types)
            or block.kind in ("module", "provider")
            for text in (_presence(block) if block.kind == "module" else looked_at(block))
        ]
        seen: set[tuple[Path, str]] = set()
        while todo:
            one = todo.pop()
            if one not in seen:
                seen.add(one)
                folder, text = one
                nodes = [node for _, _, node in _references(folder, text)]
                nodes += [(folder, found) for found in _ADDRESS.findall(text)]
                todo += [further for node in nodes for further in self._expressions.get(node, ())]
        return seen

    def needed(self, folder: Path) -> frozenset[str]:
        """Return what the rule needs of a folder: ``local.x``, ``module.y``, ``aws_sns_topic.z``."""
        return self._needed.get(folder, frozenset())

    def _sources(self, candidates: frozenset[str]) -> dict[Node, set[str]]:
        """Return what may hold a placeholder, and which."""
        found: dict[Node, set[str]] = {
            (self._tree.root, f"var.{name}"): {f"var.{name}"} for name in candidates
        }
        changed = True
        while changed:
            changed = False
            for node, expressions in self._expressions.items():
                before = found.get(node, set())
                now = before.union(
                    *(
                        source
                        for folder, text in expressions
                        for _, _, source in self._tainted(folder, text, found)
                    )
                )
                if len(now) > len(before):
                    found[node], changed = now, True
        return found

    def _tainted(
        self, folder: Path, text: str, sources: dict[Node, set[str]]
    ) -> Iterator[tuple[int, int, set[str]]]:
        for start, end, node in _references(folder, text):
            # A placeholder is not null, nor is what it stands for.
            if node in sources and not _is_compared_with_null(text, start, end):
                yield start, end, sources[node]
        for expression, name in _DATA:
            for found in expression.finditer(text):
                yield found.start(), found.end(), {name}


def _has_several_providers(tree: Tree) -> bool:
    """Whether account and region may be others for some modules or data sources than for the root."""
    aliased = re.compile(r"=\s*aws\.")
    return any(
        "providers" in call.block.attributes and aliased.search(call.block.attributes["providers"].text)
        for calls in tree.calls.values()
        for call in calls
    ) or any(
        "provider" in block.attributes and block.labels[:1] and block.labels[0] in _DATA_TYPES
        for folder in tree.folders.values()
        for _, block in folder.of("data")
    )


def _presence(block: Block) -> Iterator[str]:
    for name in ("count", "for_each"):
        if name in block.attributes:
            yield block.attributes[name].text


def looked_at(block: Block) -> Iterator[str]:
    """Yield the expressions in a block that the rule looks at."""
    for name, attribute in block.attributes.items():
        if name not in _UNHEEDED:
            yield attribute.text
    for inner in block.blocks:
        if inner.kind not in _UNHEEDED_BLOCKS:
            yield from looked_at(inner)


def _references(folder: Path, text: str) -> Iterator[tuple[int, int, Node]]:
    for found in _REFERENCE.finditer(text):
        kind, name, attribute = found.groups()
        yield found.start(), found.end(), (folder, f"{kind}.{name}")
        if kind == "module" and attribute:
            yield found.start(), found.end(), (folder, f"module.{name}.{attribute}")


_ACCESS = re.compile(r"(?:\[[^\[\]]*\]|\.[\w*-]+)*\s*")
_LOOKS = re.compile(r"(==|!=|[<>?%*/+&|-])")
_LOOKED = re.compile(r"(==|!=|(?<!=)>|[<!%*/+&|-]|\bif)\s*$")
_WITH_NULL = re.compile(r"(?:==|!=)\s*null\b")
_NULL_WITH = re.compile(r"\bnull\s*(?:==|!=)\s*$")
_CALLED = re.compile(r"([\w]+)$")


def _after(text: str, end: int) -> int:
    access = _ACCESS.match(text, end)
    return access.end() if access else end


def _is_compared_with_null(text: str, start: int, end: int) -> bool:
    return bool(_WITH_NULL.match(text, _after(text, end)) or _NULL_WITH.search(text[:start]))


def _observes(text: str, start: int, end: int) -> bool:
    """Whether the code looks at the value of a reference, instead of handing it on."""
    after, before = _after(text, end), text[:start]
    if _LOOKS.match(text, after) or _LOOKED.search(before):
        return True
    # A template around it may be compared as a whole.
    template = re.compile(r'\s*\}[^"]*"\s*').match(text, after)
    if template and _LOOKS.match(text, template.end()):
        return True
    return any(name not in _TRANSPARENT for name in _around(before))


def _around(before: str) -> Iterator[str]:
    """Yield the functions whose arguments hold the end of the text; an index counts as a function."""
    depth = 0
    for at in range(len(before) - 1, -1, -1):
        sign = before[at]
        if sign in ")]}":
            depth += 1
        elif sign in "([{":
            if depth:
                depth -= 1
                continue
            called = _CALLED.search(before, 0, at)
            if sign == "(" and called:
                yield called[1]
            elif sign == "[" and (called or before[:at].endswith(("]", ")"))):
                yield "[]"

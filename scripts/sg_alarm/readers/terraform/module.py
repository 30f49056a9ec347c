"""Instances of modules: what names in them refer to, and the resources that there are.

Everything is evaluated when something asks for it; only the resources that bear on the rule do.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

from sg_alarm.readers.assembly import Resource
from sg_alarm.readers.policy_document import POLICY_DOCUMENT, policy_of
from sg_alarm.readers.reading import OWN_REGION, Position
from sg_alarm.readers.secret import Secret
from sg_alarm.readers.settings import Symbolic
from sg_alarm.readers.terraform.config import Call, Folder, Tree, dotted, literal, node_or_none
from sg_alarm.readers.terraform.evaluator import Budget, Evaluator, Names, constant, node_of, type_of
from sg_alarm.readers.terraform.syntax import Attribute, Block, Object, references
from sg_alarm.readers.terraform.values import (
    JUDGE_THE_PLAN,
    Namespace,
    RefusedError,
    Set,
    Symbol,
    Text,
    Type,
    UndecidableError,
    convert,
    inspected,
    known,
    number_of,
    of_type,
    pairs,
    text_of,
    whole_symbol,
)
from sg_alarm.readers.terraform_names import TYPES, resource
from sg_alarm.unknown import Outside, Unknown

_META = frozenset({"count", "for_each", "provider", "depends_on", "source", "version", "providers"})
_OF_ITSELF = frozenset(
    {"arn", "id", "key_id", "url"}
)  # attributes by which a resource is referred to as a whole
_NAMED_BY_ID = ("aws_cloudwatch_log_metric_filter", "aws_kms_alias")
_NAMES = ("name", "alarm_name", "bucket", "function_name")
_OF_A_DOCUMENT = frozenset({"json", "minified_json"})
# Attributes and blocks of resources that the rule does not look at.
_UNHEEDED = frozenset({"description", "alarm_description", "tags", "display_name", "depends_on", "provider"})
_UNHEEDED_BLOCKS = frozenset({"lifecycle", "input_transformer", "timeouts", "provisioner"})
_MANY = 1000  # instances that nobody has

# Account, region and partition of a provider.
Where = tuple[str, str, str]
# The key of an instance, with what "each" or "count" is in it.
Instances = Mapping[Any, Names]


@dataclass
class Shared:
    """What all modules of a root have in common."""

    tree: Tree
    account: str
    assigned: Mapping[str, Attribute]
    budget: Budget = field(default_factory=Budget)
    positions: dict[str, Position] = field(default_factory=dict)
    secrets: dict[str, Secret] = field(default_factory=dict)
    declared: dict[Path, set[str]] = field(default_factory=dict)

    def read(self, value: Any) -> Any:
        """Return a value as the builder of the model takes it, with ``Unknown`` for what is not known."""
        self.budget.spend()
        if isinstance(value, Namespace):
            return Unknown("a whole resource stands where a value should be", JUDGE_THE_PLAN)
        if symbol := whole_symbol(value):
            if symbol.meaning is not None:
                return self.read(symbol.meaning)
            is_text = isinstance(value, str) or symbol.type is None
            return Symbolic.of(symbol.placeholder, symbol.unknown) if is_text else symbol.unknown
        if isinstance(value, Text):
            text = str(value)
            if value.secret:
                return self.secrets.setdefault(text, Secret.of(text, len(self.secrets) + 1))
            return Symbolic.of(text, Unknown(value.symbols[0].reason, value.symbols[0].remedy))
        if isinstance(value, Fraction):
            return float(value)
        if isinstance(value, Mapping):
            return {str(key): self.read(one) for key, one in value.items()}
        return [self.read(one) for one in value] if isinstance(value, list) else value


class Module:
    """One instance of a module. ``inputs`` give the values of its variables."""

    def __init__(
        self,
        shared: Shared,
        folder: Path,
        path: str = "",
        inputs: Mapping[str, Callable[[], Any]] | None = None,
        parent: Module | None = None,
        call: Call | None = None,
    ) -> None:
        self._shared = shared
        self._folder = folder
        self._path = path
        self._inputs = inputs or {}
        self._parent = parent
        self._call = call
        self._found: dict[Any, Any] = {}
        self._evaluator = Evaluator(self._named, shared.budget, shared.tree.files, shared.tree.root)

    @property
    def _code(self) -> Folder:
        return self._shared.tree.folders[self._folder]

    def _once(self, key: Any, compute: Callable[[], Any]) -> Any:
        """Return a value that is computed once; raises UndecidableError."""
        if key not in self._found:
            self._found[key] = RefusedError("it refers to itself")
            budget = self._shared.budget
            budget.depth += 3  # as deep as that is in Python
            try:
                self._found[key] = compute()
            except UndecidableError as error:
                self._found[key] = error
            finally:
                budget.depth -= 3
        found = self._found[key]
        if isinstance(found, UndecidableError):
            raise found.with_traceback(None)
        return known(found)

    def _block(self, kind: str, *labels: str) -> Block:
        for _, block in self._code.of(kind):
            if block.labels == labels:
                return block
        name = ".".join(labels if kind == "resource" else (kind, *labels))
        raise RefusedError(f"{name} is not declared")

    # What names refer to.

    def _named(self, name: str) -> Any:
        if name == "var":
            return Namespace(lambda name: self._once(("var", name), partial(self._variable, name)))
        if name == "local":
            return Namespace(self.local)
        if name == "module":
            return Namespace(self._called)
        if name == "data":
            return Namespace(
                lambda kind: Namespace(lambda name: self._declared(self._block("data", kind, name)))
            )
        if name == "path":
            here = os.path.relpath(self._folder, self._shared.tree.root)
            return {"module": here, "root": ".", "cwd": self._outside("path.cwd", Type("string"))}
        if name == "terraform":
            return Namespace(lambda name: self._outside(f"terraform.{name}", Type("string")))
        if "_" in name:
            return Namespace(lambda label: self._declared(self._block("resource", name, label)))
        raise RefusedError(f"{name} is not declared")

    @staticmethod
    def _outside(name: str, kind: Type | None = None, why: Unknown | None = None) -> Any:
        """Return what stands for a value that lies outside the code."""
        why = why or Outside(f"{name} lies outside this code", JUDGE_THE_PLAN)
        symbol = Symbol(why.reason, why.remedy, name, sure=kind is not None)
        return of_type(symbol, kind) if kind else symbol

    def _variable(self, name: str) -> Any:
        attributes = self._block("variable", name).attributes
        kind = type_of(node_of(attributes["type"])) if "type" in attributes else Type()
        is_given, value = self._input(name)
        nullable = "nullable" not in attributes or constant(node_of(attributes["nullable"])) is True
        if not is_given or (value is None and not nullable):
            if "default" in attributes:
                value = constant(node_of(attributes["default"]), self._shared.budget)
            elif self._path:
                raise RefusedError(f"var.{name} of {self._path} is not set")
            else:
                return self._outside(f"var.{name}", kind, self._shared.tree.unset(name))
        return self._unless_sensitive(attributes, convert(value, kind, self._shared.budget.spend))

    def _unless_sensitive(self, attributes: Mapping[str, Attribute], value: Any) -> Any:
        """Return the value of a variable or output, as a secret if it is called sensitive."""
        is_sensitive = "sensitive" in attributes and constant(node_of(attributes["sensitive"])) is True
        return self._evaluator.secret(value) if is_sensitive else value

    def _input(self, name: str) -> tuple[bool, Any]:
        """Return whether a variable is given a value, and which one."""
        if name in self._inputs:
            return True, self._inputs[name]()
        if self._path or name not in self._shared.assigned:
            return False, None
        return True, constant(node_of(self._shared.assigned[name]), self._shared.budget)

    def local(self, name: str) -> Any:
        """Return a local value; raises UndecidableError."""
        return self._once(("local", name), partial(self._local, name))

    def _local(self, name: str) -> Any:
        for _, block in self._code.of("locals"):
            if name in block.attributes:
                return self._evaluator.attribute(block.attributes[name])
        raise RefusedError(f"local.{name} is not declared")

    def _declared(self, block: Block) -> Any:
        """Return what a resource or data source is in an expression."""
        found = {
            key: Namespace(partial(self._attribute, block, key, names))
            for key, names in self.instances(block).items()
        }
        return _with_keys(found, block)

    def _attribute(self, block: Block, key: Any, names: Names, name: str) -> Any:
        return self._once((block.address, key, name), partial(self._attribute_of, block, key, names, name))

    def _attribute_of(self, block: Block, key: Any, names: Names, name: str) -> Any:
        what = f"{block.address}.{name}"
        if block.kind == "data" and (found := self._of_the_provider(block, name)) is not None:
            return found
        if name in block.attributes and name not in _META:
            value = self._evaluator.attribute(block.attributes[name], names)
            if value is not None:
                return value
        bodies = [body for kind, bodies in self._bodies(block, names) if kind == name for body in bodies()]
        if bodies:
            return [Namespace(partial(self._attribute_within, *body, what)) for body in bodies]
        if (
            name in _OF_ITSELF
            or (name in _NAMES and block.labels[0] in TYPES)
            or (name in _OF_A_DOCUMENT and block.labels[0] == POLICY_DOCUMENT)
        ):
            return self._identity(block, key, names, name)
        if block.kind == "data":
            return self._outside(what)
        if what.startswith("aws_cloudformation_stack."):
            return self._outside(what)
        raise UndecidableError(f"{what} is known only after apply")

    def _attribute_within(self, body: Block, names: Names, what: str, name: str) -> Any:
        """Return an attribute of a nested block; one that is not set has a default of the provider."""
        if name in body.attributes:
            return self._evaluator.attribute(body.attributes[name], names)
        raise UndecidableError(f"{what}[…].{name} is not set")

    def _of_the_provider(self, block: Block, name: str) -> Any:
        """Return an attribute of a data source that says where the provider deploys to, else ``None``."""
        account, region, partition = self.where(block)
        suffix = "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com"
        found = {
            ("aws_caller_identity", "account_id"): account,
            ("aws_caller_identity", "id"): account,
            ("aws_region", "name"): region,
            ("aws_region", "id"): region,
            ("aws_region", "region"): region,
            ("aws_partition", "partition"): partition,
            ("aws_partition", "id"): partition,
            ("aws_partition", "dns_suffix"): suffix,
        }.get((block.labels[0], name))
        if found is None or (found != account and "${" not in region):
            return found
        what = f"{block.address}.{name}"
        reason = f"{what} is known only to the account"
        symbol = Symbol(
            reason, JUDGE_THE_PLAN, what, Type("string"), never_empty=True, text=found, declared=True
        )
        return Text.of(found, [symbol])

    def _identity(self, block: Block, key: Any, names: Names, name: str) -> Any:
        """Return what stands for a resource where it is referred to as a whole: its ARN, or its address."""
        kind, path = block.labels[0], self.path(block, key)
        text, meaning = f"${{{path}}}", None
        if kind == POLICY_DOCUMENT:
            meaning = policy_of(self._values(block, names))
        elif kind in TYPES:
            own = self._resource(block, path, self._values(block, names, (*_NAMES, "region")))
            text = own.name if kind in _NAMED_BY_ID or name in _NAMES else own.arn
        reason = f"{path}.{name} is known only after apply"
        symbol = Symbol(
            reason,
            JUDGE_THE_PLAN,
            path,
            Type("string"),
            never_empty=True,
            text=text,
            meaning=meaning,
            declared=True,
        )
        return Text.of(text, [symbol])

    def _called(self, name: str) -> Any:
        call = next((one for one in self._shared.tree.calls[self._folder] if one.name == name), None)
        if call is None:
            raise RefusedError(f"module.{name} is not declared")
        if call.folder is None:
            return self._outside(f"module.{name}", why=call.missing)
        found = {key: Namespace(self.module(call, key).output) for key in self.instances(call.block)}
        return _with_keys(found, call.block)

    def module(self, call: Call, key: Any) -> Module:
        """Return an instance of a module that this one calls; raises UndecidableError."""
        above: Module | None = self
        while above is not None:
            if above._folder == call.folder:
                raise RefusedError(f"the module {call.name} calls itself")
            above = above._parent
        if call.folder is None:
            missing = call.missing or Unknown("it is not here")
            raise UndecidableError(missing.reason, missing.remedy)
        made = partial(self._module, call, call.folder, key)
        found: Module = self._once((call.block.address, key), made)
        return found

    def _module(self, call: Call, folder: Path, key: Any) -> Module:
        self._shared.budget.spend_instance()
        names = self.instances(call.block)[key]
        inputs = {
            name: partial(self._evaluator.attribute, attribute, names)
            for name, attribute in call.block.attributes.items()
            if name not in _META
        }
        return Module(self._shared, folder, self.path(call.block, key), inputs, self, call)

    def output(self, name: str) -> Any:
        """Return an output; raises UndecidableError."""
        return self._once(("output", name), partial(self._output, name))

    def _output(self, name: str) -> Any:
        attributes = self._block("output", name).attributes
        if "value" not in attributes:
            raise RefusedError(f"the output {name} has no value")
        return self._unless_sensitive(attributes, self._evaluator.attribute(attributes["value"]))

    # Where providers deploy to.

    def where(self, block: Block | None = None) -> Where:
        """Return account, region and partition of a block's provider."""
        name = dotted(block.attributes.get("provider")) if block else ""
        return self._where(name or "aws")

    def _where(self, provider: str) -> Where:
        if self._parent is None or self._call is None:
            found: Where = self._once(("provider", provider), partial(self._configured, provider))
            return found
        passed = node_or_none(self._call.block.attributes.get("providers"))
        for key, value in passed.items if isinstance(passed, Object) else ():
            names = [
                ".".join(next(references(one), ())) or str(getattr(one, "value", "")) for one in (key, value)
            ]
            if names[0] == provider:
                return self._parent._where(names[1])
        return self._parent._where(
            provider if provider == "aws" else f"{provider} of module {self._call.name}"
        )

    def _configured(self, provider: str) -> Where:
        account, region = self._shared.account, ""
        for _, block in self._code.of("provider"):
            alias = literal(block.attributes.get("alias"))
            if block.labels[:1] != ("aws",) or provider != (f"aws.{alias}" if alias else "aws"):
                continue
            inner = {*block.attributes, *(one.kind for one in block.blocks)}
            if alias and not inner.isdisjoint({"assume_role", "assume_role_with_web_identity", "profile"}):
                account = f"${{account of provider {provider}}}"
            found = self._value(block.attributes.get("region"), {})
            region = str(found) if isinstance(found, str) and not isinstance(found, Secret) else ""
        if not region or "${" in region:
            region = OWN_REGION if provider == "aws" else f"${{region of provider {provider}}}"
        return account, region, _partition(region)

    # What there is.

    def path(self, block: Block, key: Any = None) -> str:
        """Return the address of an instance of a block."""
        index = "" if key is None else f"[{key}]" if isinstance(key, int) else f'["{key}"]'
        return ".".join(filter(None, (self._path, block.address))) + index

    def instances(self, block: Block) -> Instances:
        """Return the instances of a block by their keys; raises UndecidableError."""
        found: Instances = self._once(("instances", block.address), partial(self._instances, block))
        return found

    def _instances(self, block: Block) -> Instances:
        if "count" in block.attributes:
            count = self._evaluator.attribute(block.attributes["count"])
            number = None if count is None else number_of(count)
            if not isinstance(number, int) or number < 0:
                raise RefusedError("the count is not a number of instances")
            if number > _MANY:
                raise UndecidableError(f"it has more than {_MANY:,} instances")
            return {index: {"count": {"index": index}} for index in range(number)}
        if "for_each" in block.attributes:
            values = known(self._evaluator.attribute(block.attributes["for_each"]))
            if not isinstance(values, Mapping | Set):
                inspected(values)
                raise RefusedError("for_each is neither a map nor a set of texts")
            return {
                text_of(key): {"each": {"key": key, "value": value}}
                for key, value in pairs(values, in_order=False)
            }
        return {None: {}}

    def resources(self) -> Iterator[Resource]:
        """Yield the resources of this module and of those that it calls."""
        for file, block in self._code.of("resource"):
            if block.labels[:1] and block.labels[0] in TYPES:
                yield from self._instances_of(Position(str(file), block.line), block)
        for call in self._shared.tree.calls[self._folder]:
            if call.folder is None:
                continue
            try:
                for key in self.instances(call.block):
                    yield from self.module(call, key).resources()
            except UndecidableError as error:
                reason = _of_presence(call.block, error)
                yield from self._doubted(
                    call.folder, self.path(call.block), reason, {self._folder, call.folder}
                )

    def _instances_of(self, position: Position, block: Block) -> Iterator[Resource]:
        self._shared.positions[self.path(block)] = position
        existence = self._dangling(block)
        try:
            instances = self.instances(block)
        except UndecidableError as error:
            existence = _of_presence(block, error)
            instances = _any_instance(existence)
        for key, names in instances.items():
            self._shared.budget.spend_instance()
            path = self.path(block, key)
            self._shared.positions[path] = position
            yield self._resource(block, path, self._values(block, names), existence)

    def _resource(
        self, block: Block, path: str, values: Mapping[str, Any], existence: Unknown | None = None
    ) -> Resource:
        account, region, partition = self.where(block)
        if isinstance(own := values.get("region"), str):
            region = own
        is_data = block.kind == "data"
        return resource(block.labels[0], path, values, region, account, partition, existence, is_data)

    def _unread(self, block: Block, path: str, reason: Unknown) -> Resource:
        account, region, partition = self.where()
        return resource(block.labels[0], path, reason, region, account, partition, reason)

    def _doubted(self, folder: Path, path: str, reason: Unknown, above: set[Path]) -> Iterator[Resource]:
        """Yield the resources of a module of which it is not known whether it is called."""
        for file, block in self._shared.tree.folders[folder].of("resource"):
            if block.labels[:1] and block.labels[0] in TYPES:
                self._shared.budget.spend_instance()
                address = f"{path}.{block.address}"
                self._shared.positions[address] = Position(str(file), block.line)
                yield self._unread(block, address, reason)
        for call in self._shared.tree.calls[folder]:
            if call.folder is not None and call.folder not in above:
                inner = f"{path}.{call.block.address}"
                yield from self._doubted(call.folder, inner, reason, above | {call.folder})

    def _dangling(self, block: Block) -> Unknown | None:
        """Doubt a resource that refers to one which is not declared: Terraform refuses the code."""
        declared = self._shared.declared.get(self._folder)
        if declared is None:
            declared = {one.address for _, one in self._code.of("resource")}
            declared |= {f"local.{name}" for _, one in self._code.of("locals") for name in one.attributes}
            self._shared.declared[self._folder] = declared
        todo, seen = list(_looked_at(block)), set[str]()
        while todo:
            node = node_or_none(todo.pop())
            for names in references(node) if node else ():
                address = ".".join(names[:2])
                if names[0].startswith("aws_") and len(names) > 1 and address not in declared:
                    return Unknown(f"it refers to {address}, which is not declared")
                if names[0] == "local" and address in declared and address not in seen:
                    seen.add(address)
                    found = (one.attributes.get(names[1]) for _, one in self._code.of("locals"))
                    todo += [attribute for attribute in found if attribute]
        return None

    def _value(self, attribute: Attribute | None, names: Names) -> Any:
        """Return the value of an attribute as the builder takes it, ``None`` where it is not set."""
        try:
            return self._shared.read(self._evaluator.attribute(attribute, names)) if attribute else None
        except UndecidableError as error:
            return error.unknown

    def _values(self, block: Block, names: Names, only: Sequence[str] = ()) -> dict[str, Any]:
        """Return the attributes and nested blocks, or some of the attributes."""
        found: dict[str, Any] = {}
        for name, attribute in block.attributes.items():
            if name not in _META and (not only or name in only):
                value = self._value(attribute, names)
                if value is not None:
                    found[name] = value
        for kind, bodies in () if only else self._bodies(block, names):
            before = found.get(kind, [])
            try:
                blocks = [self._values(*body) for body in bodies()]
            except UndecidableError as error:
                made = Outside if error.outside else Unknown
                found[kind] = made(f"the blocks {kind} are not known: {error.reason}", error.remedy)
                continue
            if not isinstance(before, Unknown):
                found[kind] = [*before, *blocks] if isinstance(before, list) else blocks
        return found

    def _bodies(
        self, block: Block, names: Names
    ) -> Iterator[tuple[str, Callable[[], list[tuple[Block, Names]]]]]:
        """Yield the kinds of nested blocks, each with what gives their bodies and the names in those."""
        for inner in block.blocks:
            if inner.kind == "dynamic" and inner.labels:
                yield inner.labels[0], partial(self._dynamic, inner, names)
            elif inner.kind != "lifecycle":
                yield inner.kind, lambda inner=inner: [(inner, names)]  # type: ignore[misc]

    def _dynamic(self, block: Block, names: Names) -> list[tuple[Block, Names]]:
        content = next((one for one in block.blocks if one.kind == "content"), None)
        if content is None or "for_each" not in block.attributes:
            raise RefusedError(f"the dynamic block {block.labels[0]} has no content")
        iterator = dotted(block.attributes.get("iterator")) or block.labels[0]
        values = pairs(self._evaluator.attribute(block.attributes["for_each"], names))
        return [(content, {**names, iterator: {"key": key, "value": value}}) for key, value in values]


def _with_keys(instances: Mapping[Any, Namespace], block: Block) -> Any:
    """Return one instance, the list of those that are counted, or the map of those for each key."""
    if "count" in block.attributes:
        return list(instances.values())
    return dict(instances) if "for_each" in block.attributes else instances[None]


def _of_presence(block: Block, error: UndecidableError) -> Unknown:
    name = "count" if "count" in block.attributes else "for_each" if "for_each" in block.attributes else ""
    reason = f"its {name} is not known: {error.reason}" if name else error.reason
    return (Outside if error.outside else Unknown)(reason, error.remedy)


def _any_instance(why: Unknown) -> Instances:
    """Return the one that stands for any of the instances whose number and keys are not known."""
    symbols = {
        name: Symbol(why.reason, why.remedy, name, declared=not isinstance(why, Outside))
        for name in ("count.index", "each.key", "each.value")
    }
    each = {"key": symbols["each.key"], "value": symbols["each.value"]}
    return {None: {"count": Namespace({"index": symbols["count.index"]}.__getitem__), "each": each}}


def _looked_at(block: Block) -> Iterator[Attribute]:
    """Yield the attributes in a block that the rule looks at."""
    for name, attribute in block.attributes.items():
        if name not in _UNHEEDED:
            yield attribute
    for inner in block.blocks:
        if inner.kind not in _UNHEEDED_BLOCKS:
            yield from _looked_at(inner)


def _partition(region: str) -> str:
    return "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"

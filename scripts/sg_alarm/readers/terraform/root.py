"""One root module, read into a deployment; and all of them below a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from sg_alarm.readers.assembly import Scope, deployment_of
from sg_alarm.readers.files import Files
from sg_alarm.readers.reading import Position, Reading, account_of, addresses_of, says_alarm, unread
from sg_alarm.readers.terraform.config import Call, Loader, Tree, roots_below
from sg_alarm.readers.terraform.module import Module, Shared
from sg_alarm.readers.terraform.syntax import SyntaxProblem
from sg_alarm.readers.terraform.values import JUDGE_THE_PLAN, BudgetError
from sg_alarm.readers.terraform_names import TYPES, resource
from sg_alarm.unknown import Unknown

# What may be in a module that is not here.
_UNSEEN = (
    "aws_cloudwatch_log_metric_filter",
    "aws_cloudwatch_metric_alarm",
    "aws_sns_topic",
    "aws_sns_topic_subscription",
)


def read_code(
    directory: Path,
    variable_files: Sequence[Path] = (),
    begun: Callable[[int], None] = lambda count: None,
    done: Callable[[], None] = lambda: None,
) -> list[Reading]:
    """Read every root module below a folder; ``begun`` gets their number, ``done`` called after each.

    What cannot be read is in the deployments as ``Unknown``.
    """
    loader = Loader(Files(directory))
    roots = roots_below(directory, loader)
    begun(len(roots))
    named = [(root, str(directory / root.relative_to(directory))) for root in roots]
    return read_roots(named, variable_files, done, loader)


def read_roots(
    roots: Sequence[tuple[Path, str]],
    variable_files: Sequence[Path],
    done: Callable[[], None],
    loader: Loader,
) -> list[Reading]:
    """Read root modules, each with the name to call it by; ``done`` is called after each."""
    readings = []
    for root, name in roots:
        try:
            readings.append(read_root(root, name, variable_files, loader))
        except Exception as error:  # an error of ours is no verdict on the code
            readings.append(unread(name, f"the reader failed: {type(error).__name__}: {error}"))
        done()
    return readings


def read_root(
    root: Path, name: str, variable_files: Sequence[Path] = (), loader: Loader | None = None
) -> Reading:
    """Read one root module; ``name`` is what it is called.

    Without a ``loader`` only what is in its folder, or the Git repository that holds it, may be read.
    """
    try:
        tree = Tree(root, loader or Loader(Files(root)))
        return _Root(tree, name).reading(variable_files)
    except (SyntaxProblem, OSError) as error:
        return unread(name, f"the code could not be read: {error}", "correct the file")
    except BudgetError as error:
        return unread(name, f"the code is not evaluated to the end: {error}", JUDGE_THE_PLAN)
    except RecursionError:
        return unread(name, "the code is not evaluated to the end: it is nested too deeply", JUDGE_THE_PLAN)


class _Root:
    def __init__(self, tree: Tree, name: str) -> None:
        self._tree = tree
        self._name = name
        self._positions: dict[str, Position] = {}

    def reading(self, variable_files: Sequence[Path]) -> Reading:
        anchor = self._anchor()
        missing = list(_alarm_modules_missing(self._tree))
        if not anchor and not missing:
            return Reading(self._name, None)
        account = account_of(self._name)
        bears = any(map(self._has, TYPES))
        assigned = self._tree.assigned(variable_files) if bears else {}
        module = Module(Shared(self._tree, account, assigned, positions=self._positions), self._tree.root)
        if bears and self._tree.overridden:
            return unread(self._name, "an override file changes the code", JUDGE_THE_PLAN)
        _, region, partition = module.where()
        resources = list(module.resources()) if bears else []
        for call, reason in missing:
            address = f"module.{call.name}"
            self._positions[address] = Position(str(call.file), call.block.line)
            resources += [
                resource(kind, f"{address}.{kind}.*", reason, region, account, partition, reason)
                for kind in _UNSEEN
            ]
        elsewhere = missing[0][1] if missing else None
        deployment = deployment_of(resources, Scope(account, region, partition, elsewhere))
        unread_part = f"module.{missing[0][0].name}" if missing else ""
        addresses = addresses_of(deployment, resources, anchor, unread_part)
        return Reading(self._name, deployment, addresses, self._positions, anchor, skips=dict(self._skips()))

    def _skips(self) -> Iterator[tuple[str, str]]:
        """Yield the addresses of the blocks that have the check skipped, each with the reason."""
        skips = {
            (str(path), line): reason
            for folder in self._tree.folders.values()
            for (path, line), reason in folder.skips.items()
        }
        if not skips:
            return
        own = (
            (block.address, str(file), block.line)
            for file, block in self._tree.folders[self._tree.root].blocks
        )
        found = ((address, one.file, one.line) for address, one in self._positions.items())
        for address, file, line in (*own, *found):
            if (file, line) in skips:
                yield address, skips[file, line]

    def _has(self, kind: str) -> bool:
        return any(
            block.labels[:1] == (kind,)
            for folder in self._tree.folders.values()
            for _, block in folder.of("resource")
        )

    def _anchor(self) -> str:
        """Return the provider of AWS, else the first resource of AWS; empty where there is none."""
        first = ""
        for path, folder in self._tree.folders.items():
            for file, block in folder.blocks:
                kind = block.labels[0] if block.labels else ""
                if block.kind == "provider" and kind == "aws" and path == self._tree.root:
                    self._positions["provider.aws"] = Position(str(file), block.line)
                    return "provider.aws"
                if not first and block.kind in ("resource", "data") and kind.startswith("aws_"):
                    first = block.address
                    self._positions[first] = Position(str(file), block.line)
        return first


def _alarm_modules_missing(tree: Tree) -> Iterator[tuple[Call, Unknown]]:
    """Yield the calls of modules that are not there and surely have to do with such alarms.

    Any missing module may hold anything; only those count whose source or arguments say so. Else a codebase
    with a missing network module would never learn that it has no alarm.
    """
    for calls in tree.calls.values():
        for call in calls:
            if call.folder is None and says_alarm(call.said):
                yield call, call.missing or Unknown("it is not here")

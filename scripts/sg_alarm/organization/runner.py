"""Many accounts at a time, on any executor of ``concurrent.futures``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from itertools import islice

from sg_alarm.errors import UserError
from sg_alarm.organization.job import Task, audit_account, unread
from sg_alarm.organization.model import Record
from sg_alarm.unknown import Unanswered

_CONNECT_TIMEOUT = "10s"


def results(executor: Executor, tasks: Iterable[Task], window: int) -> Iterator[Record]:
    """Yield the records as they come; never are more than ``window`` tasks with the executor.

    What breaks the executor's work on one account (a worker that dies of it again and again) is that
    account's record. Raises ``UserError`` where the executor itself is gone.
    """
    todo = iter(tasks)
    pending: dict[Future[Record], Task] = {}
    try:
        while True:
            for task in islice(todo, window - len(pending)):
                pending[_submitted(executor, task)] = task
            if not pending:
                return
            for future in wait(pending, return_when=FIRST_COMPLETED).done:
                yield _record(future, pending.pop(future))
    finally:
        for future in pending:
            future.cancel()


def _submitted(executor: Executor, task: Task) -> Future[Record]:
    try:
        return executor.submit(audit_account, task)
    except Exception as error:  # each executor has its own for what is closed or out of reach
        raise _gone(error) from error


def _record(future: Future[Record], task: Task) -> Record:
    try:
        return future.result()
    except CancelledError as error:
        raise _gone(error) from error
    except Exception as error:  # of the executor: audit_account raises nothing
        return unread(task, Unanswered(f"the work on it broke: {type(error).__name__}: {error}"))


def _gone(error: Exception) -> UserError:
    reason = f": {error}" if str(error) else ""
    return UserError(f"the workers are gone{reason}", "go on with --resume and the journal")


@contextmanager
def on_this_machine(concurrency: int) -> Iterator[Executor]:
    """Yield threads: the work is mostly waiting for AWS."""
    executor = ThreadPoolExecutor(concurrency, thread_name_prefix="account")
    try:
        yield executor
    finally:
        executor.shutdown(wait=False, cancel_futures=True)


@contextmanager
def on_cluster(address: str) -> Iterator[tuple[Executor, int]]:
    """Yield the executor of a Dask cluster, and how many tasks its workers take at a time.

    Workers have sg-alarm installed, and credentials of their own for the account that the roles trust.
    Raises ``UserError`` where Dask is not installed, or nobody answers at the address.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise UserError(
            "--scheduler needs Dask, which is not installed", "pip install 'sg-alarm[dask]'"
        ) from error
    try:
        client = Client(address, timeout=_CONNECT_TIMEOUT, set_as_default=False)
    except (OSError, ValueError, TypeError, RuntimeError) as error:
        raise UserError(
            f"no Dask scheduler answers at {address}", "start one with: dask scheduler; see --scheduler"
        ) from error
    try:
        yield client.get_executor(pure=False), sum(client.nthreads().values())
    finally:
        client.close(timeout=5)

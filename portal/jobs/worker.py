"""Run jobs on Procrastinate: by the clock, woken by the database, once among many workers."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import psycopg
from procrastinate import App, PsycopgConnector, RetryStrategy
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Status
from sqlalchemy.engine import make_url

from portal.jobs.periodic import Periodic, Work, load
from portal.kernel import clock

_log = logging.getLogger(__name__)

_A_DAY = 24 * 3600.0
#: How long a job that failed for good can still be looked at.
_KEPT_HOURS = 30 * 24
_CHECK = 0.05


@dataclass(frozen=True, slots=True)
class Pace:
    """How often things are looked at, in seconds. ``beat``: a worker says that it lives."""

    beat: float = 10.0
    #: After so long without a beat a worker counts as dead, and its jobs are run again.
    silence: float = 30.0
    #: In cron's six fields: when nobody calls, the outbox is looked at so often.
    deliver: str = "* * * * * */5"
    rescue: str = "* * * * * */15"


def run_jobs(
    url: str,
    deliver: Callable[[], None],
    periodic: Sequence[Periodic],
    stop: threading.Event,
    *,
    pace: Pace | None = None,
) -> None:
    """Work until ``stop`` is set; a database that goes away is waited for.

    Args:
        url: SQLAlchemy address of the worker's role.
        deliver: Called in a thread, whenever there may be mail to deliver.
        periodic: The jobs by the clock.

    Raises:
        ModuleNotFoundError, AttributeError: a job has no function.
    """
    works = [(entry, load(entry)) for entry in periodic]
    while not stop.is_set():
        try:
            asyncio.run(_work(_conninfo(url), deliver, works, stop, pace or Pace()))
        except (ConnectorException, psycopg.Error, ExceptionGroup) as error:
            _log.warning("the job queue is away: %s", type(error).__name__)
            stop.wait(1)


def _conninfo(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


async def _work(
    conninfo: str,
    deliver: Callable[[], None],
    works: Sequence[tuple[Periodic, Work]],
    stop: threading.Event,
    pace: Pace,
) -> None:
    app = App(
        connector=PsycopgConnector(
            conninfo=conninfo,
            kwargs={"options": "-c search_path=jobs,public -c timezone=UTC"},
            min_size=1,
            max_size=4,
        ),
        periodic_defaults={"max_delay": _A_DAY},
    )
    wake = _register(app, deliver, works, pace)
    async with app.open_async():
        worker = asyncio.create_task(
            app.run_worker_async(
                concurrency=4,
                delete_jobs="successful",
                install_signal_handlers=False,
                shutdown_graceful_timeout=0.5,
                update_heartbeat_interval=pace.beat,
                stalled_worker_timeout=pace.silence,
            )
        )
        listener = asyncio.create_task(_listen(conninfo, wake))
        stopped = asyncio.create_task(_until(stop))
        done, running = await asyncio.wait(
            (worker, listener, stopped), return_when=asyncio.FIRST_COMPLETED
        )
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        for task in done:
            task.result()


def _register(
    app: App, deliver: Callable[[], None], works: Sequence[tuple[Periodic, Work]], pace: Pace
) -> Callable[[], Awaitable[None]]:
    """Give ``app`` its jobs; return what wakes the delivery."""

    @app.periodic(cron=pace.deliver)
    @app.task(name="deliver", queueing_lock="deliver")
    def run_delivery(timestamp: int = 0) -> None:
        del timestamp
        deliver()

    @app.periodic(cron=pace.rescue)
    @app.task(name="rescue", queueing_lock="rescue")
    async def rescue(timestamp: int) -> None:
        del timestamp
        await _rescue(app, pace.silence)

    @app.periodic(cron="47 18 * * *")
    @app.task(name="forget_failed_jobs", queueing_lock="forget_failed_jobs")
    async def forget_failed_jobs(timestamp: int) -> None:
        del timestamp
        await app.job_manager.delete_old_jobs(
            nb_hours=_KEPT_HOURS, include_failed=True, include_aborted=True
        )

    for entry, work in works:
        task = app.task(name=entry.name, retry=RetryStrategy(max_attempts=5, wait=60))(
            _on_the_hour(work)
        )
        app.periodic(cron=entry.cron)(task)

    async def wake() -> None:
        # One that waits is enough: it will see everything that was committed before it runs.
        with contextlib.suppress(AlreadyEnqueued):
            await run_delivery.defer_async()

    return wake


def _on_the_hour(work: Work) -> Callable[[int], None]:
    def run(timestamp: int) -> None:
        del timestamp  # a round made up for late must judge by the real time
        work(clock.now())

    return run


async def _rescue(app: App, silence: float) -> None:
    """Run again what a killed worker had begun."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=silence):
        try:
            await app.job_manager.retry_job(job)
        except (AlreadyEnqueued, ConnectorException):
            # The next round already waits and does this one's work too.
            await app.job_manager.finish_job(job, Status.ABORTED, delete_job=True)


async def _listen(conninfo: str, wake: Callable[[], Awaitable[None]]) -> None:
    called = asyncio.Event()

    async def wake_when_called() -> None:
        while True:
            await called.wait()
            called.clear()
            await wake()

    connection = await psycopg.AsyncConnection.connect(
        conninfo, autocommit=True, options="-c search_path=jobs,public"
    )
    async with connection, asyncio.TaskGroup() as tasks:
        await connection.execute("LISTEN portal_outbox")  # called by a trigger on the outbox
        tasks.create_task(wake_when_called())
        called.set()  # nobody heard what was called before
        async for _ in connection.notifies():
            called.set()


async def _until(stop: threading.Event) -> None:
    # The event is set by signals and other threads, which know no event loop.
    while not stop.is_set():  # noqa: ASYNC110
        await asyncio.sleep(_CHECK)

"""The command that runs a local carrier in a process of its own (I/O).

When it can be called it prints one JSON line to standard output; SIGTERM or Ctrl-C ends every call and the process.
"""

import asyncio
import json
import logging
import signal
import sys
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import structlog
import typer

from outreach.errors import FairlineError, InputError, NotAvailableError
from outreach.telephony.localcarrier.config import LocalCarrierConfig
from outreach.telephony.localcarrier.scenario import load_scenario
from outreach.telephony.localcarrier.server import serve

app = typer.Typer(add_completion=False, help="A Twilio-compatible carrier on this machine, with simulated people.")


@app.command()
def carrier(
    scenario: Annotated[Path, typer.Option(help="YAML file: who answers, what is said, what goes wrong.")],
    account_sid: Annotated[str, typer.Option(envvar="FAIRLINE_CARRIER_ACCOUNT_SID", help="AC and 32 hex digits.")],
    auth_token: Annotated[str, typer.Option(envvar="FAIRLINE_CARRIER_AUTH_TOKEN", help="Better in the environment.")],
    host: Annotated[str, typer.Option()] = "127.0.0.1",
    port: Annotated[int, typer.Option(envvar="FAIRLINE_CARRIER_PORT", help="0 takes any free port.")] = 0,
    pace: Annotated[float, typer.Option(min=0, help="1 is real time, 0 as fast as possible.")] = 1.0,
    number: Annotated[list[str] | None, typer.Option(help="A number of the account; repeatable.")] = None,
    sms_url: Annotated[str | None, typer.Option(help="Where text messages from people are sent.")] = None,
    console_url: Annotated[str | None, typer.Option(help="Where agents ask for the suggested line.")] = None,
    console_token: Annotated[str, typer.Option(envvar="FAIRLINE_CONSOLE_TOKEN")] = "",
    clock_offset_secs: Annotated[float, typer.Option(help="Shifts every time that the carrier states.")] = 0.0,
) -> None:
    """Run until told to stop.

    Example: fairline carrier --scenario demo.yaml --port 4010
    """
    structlog.configure(
        processors=[structlog.processors.add_log_level, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    try:
        config = LocalCarrierConfig(
            account_sid=account_sid,
            auth_token=auth_token,
            scenario=load_scenario(scenario),
            host=host,
            port=port,
            pace=pace,
            numbers=tuple(number or ()),
            sms_url=sms_url,
            console_url=console_url,
            console_token=console_token,
            clock_offset=timedelta(seconds=clock_offset_secs),
        )
        asyncio.run(_main(config))
    except InputError as error:
        _fail(error, 2)
    except NotAvailableError as error:
        _fail(error, 3)


def _fail(error: FairlineError, status: int) -> None:
    hint = f"\n{error.hint}" if error.hint else ""
    typer.echo(f"{error.code}: {error.message}{hint}", err=True)
    raise typer.Exit(status)


async def _main(config: LocalCarrierConfig) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with serve(config) as running:
        line = {"event": "ready", "base_url": running.base_url, "account_sid": config.account_sid}
        typer.echo(json.dumps(line))
        sys.stdout.flush()
        await stop.wait()

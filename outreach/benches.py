"""`fairline bench`: run the measurements that lie in `benchmarks/` of a checkout (I/O)."""

import runpy
import sys
from pathlib import Path
from typing import Annotated

import typer

from outreach.errors import InputError, NotAvailableError

app = typer.Typer(add_completion=False)


def available() -> dict[str, Path]:
    """The benchmarks of this checkout by name; empty where Fairline was installed without its sources."""
    folder = Path(__file__).resolve().parents[1] / "benchmarks"
    return {path.stem.removesuffix("_bench"): path for path in sorted(folder.glob("*_bench.py"))}


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def bench(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="One of media, policy, nlp, asr, latency, evidence …, or `all`.")] = "all",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a benchmark on standard output.")] = False,
) -> None:
    """Measure ours beside a named peer on the same input in the same run. Further options go to the one named.

    Exit code 1 when a benchmark finds a wrong answer (it reports no speed then), 3 when something it needs is missing.

    Example:  fairline bench latency --json --calls 4
    """
    found = available()
    if not found:
        raise NotAvailableError("missing.benchmarks", "no benchmarks here", hint="run from a checkout of the sources")
    if name != "all" and name not in found:
        raise NotAvailableError("missing.benchmark", f"no benchmark {name!r}; there are: {', '.join(found)}")
    if name == "all" and context.args:
        raise InputError("input.usage", f"{' '.join(context.args)}: name one benchmark to give it options of its own")
    arguments = [*(["--json"] if as_json else []), *context.args]
    codes = [_run(key, found[key], arguments) for key in (found if name == "all" else [name])]
    raise typer.Exit(max(codes, key=abs))


def _run(name: str, program: Path, arguments: list[str]) -> int:
    """Run one program as if it had been started by hand; its exit code. One that fails does not stop the others."""
    previous = sys.argv
    sys.argv = [str(program), *arguments]
    try:
        runpy.run_path(str(program), run_name="__main__")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except AssertionError as error:
        typer.echo(f"bench {name}: a wrong answer, so no speed: {error}", err=True)
        return 1
    except ModuleNotFoundError as error:
        hint = "pip install -e '.[asr,twilio,demo,train,bench]'"
        typer.echo(f"bench {name}: {error.name} is not installed: {hint}", err=True)
        return 3
    finally:
        sys.argv = previous
    return 0

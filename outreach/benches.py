"""`fairline bench`: run the measurements that lie in `benchmarks/` of a checkout (I/O)."""

import runpy
import sys
from pathlib import Path
from typing import Annotated

import typer

from outreach.errors import NotAvailableError

app = typer.Typer(add_completion=False)


def available() -> dict[str, Path]:
    """The benchmarks of this checkout by name; empty where Fairline was installed without its sources."""
    folder = Path(__file__).resolve().parents[1] / "benchmarks"
    return {path.stem.removesuffix("_bench"): path for path in sorted(folder.glob("*_bench.py"))}


@app.command()
def bench(
    name: Annotated[str, typer.Argument(help="One of media, policy, nlp, asr, evidence …, or `all`.")] = "all",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a benchmark on standard output.")] = False,
) -> None:
    """Measure ours beside a named peer on the same input in the same run.

    Example:  fairline bench policy --json
    """
    found = available()
    if not found:
        raise NotAvailableError("missing.benchmarks", "no benchmarks here", hint="run from a checkout of the sources")
    if name != "all" and name not in found:
        raise NotAvailableError("missing.benchmark", f"no benchmark {name!r}; there are: {', '.join(found)}")
    for key in found if name == "all" else [name]:
        previous = sys.argv
        sys.argv = [str(found[key]), *(["--json"] if as_json else [])]
        try:
            runpy.run_path(str(found[key]), run_name="__main__")
        finally:
            sys.argv = previous

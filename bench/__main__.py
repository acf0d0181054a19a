"""`python -m bench [NAMES]`: measures, prints a table, and writes it where one says."""

import argparse
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Final

from bench import machine, report
from bench.catalogue import MEASUREMENTS
from bench.errors import BenchError
from bench.measurement import measure, profiled
from bench.profile import Profile

_RUNS: Final = 5
_PROFILED: Final = ("ingress", "worker", "sweeper", "git", "relay", "connector")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"one of {', '.join(MEASUREMENTS)}; none: all"
    )
    parser.add_argument("--runs", type=int, default=_RUNS, help="runs of each side (default: %(default)s)")
    parser.add_argument(
        "--quick", action="store_true", help="tiny: tries out the benchmark, measures nothing"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every single run there")
    parser.add_argument(
        "--write", type=Path, metavar="FILE", help="put the table between that file's markers"
    )
    parser.add_argument(
        "--profile", choices=_PROFILED, help="run our side once with this process under cProfile, and show it"
    )
    arguments = parser.parse_args()
    unknown = [name for name in arguments.names if name not in MEASUREMENTS]
    if unknown:
        parser.error(f"There is no measurement {unknown[0]!r}; choose among {', '.join(MEASUREMENTS)}.")
    if arguments.runs < 1:
        parser.error("There must be one run at least.")
    return arguments


def _profile(names: Sequence[str], process: str, *, quick: bool) -> None:
    for name in names:
        with tempfile.TemporaryDirectory(prefix="fleet-bench-") as folder:
            profile = Profile(process, Path(folder))
            sample = profiled(MEASUREMENTS[name], profile, quick=quick)
            print(f"{name}, {process} profiled: {sample.value:,.2f} {MEASUREMENTS[name].unit}")
            for detail, value in sample.details.items():
                print(f"  {detail}: {value:,.2f}")
            print(profile.text())


def _measure(arguments: argparse.Namespace, names: Sequence[str]) -> None:
    facts = machine.facts()
    results = [
        measure(
            MEASUREMENTS[name],
            arguments.runs,
            quick=arguments.quick,
            tell=lambda line: print(line, file=sys.stderr, flush=True),
        )
        for name in names
    ]
    text = report.table(results, facts, arguments.runs)
    print(text)
    if arguments.json is not None:
        arguments.json.write_text(report.document(results, facts))
    if arguments.write is not None:
        report.write(arguments.write, text)


def _end(number: int, _: FrameType | None) -> None:
    sys.exit(f"Ended by signal {number}.")


def _main() -> None:
    # So that every process is ended when this one is asked to.
    signal.signal(signal.SIGTERM, _end)
    arguments = _arguments()
    names = arguments.names or list(MEASUREMENTS)
    try:
        if arguments.profile:
            _profile(names, arguments.profile, quick=arguments.quick)
        else:
            _measure(arguments, names)
    except BenchError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    _main()

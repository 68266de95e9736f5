"""The program's entry: a command line in, an exit status out, a message for every fault, never a traceback."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from rulectl.cli.exits import Exit, status_of
from rulectl.cli.logs import log_to_stderr
from rulectl.cli.program import ReaderGone, program
from rulectl.errors import RulectlError


def main() -> int:
    """Runs the command that the process was started with; its exit status."""
    arguments = sys.argv[1:]
    debug = "--debug" in arguments or os.environ.get("RULECTL_DEBUG", "") not in {"", "0"}
    log_to_stderr(debug=debug)
    return perform(arguments, debug=debug)


def perform(arguments: Sequence[str], *, debug: bool = False) -> int:
    """Runs one command and tells every fault in a message; the exit status. With `debug` tracebacks are shown."""
    try:
        status = program.main(list(arguments), prog_name="rulectl", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as fault:
        return _told(_of_click(fault), Exit.USAGE)
    except (click.Abort, KeyboardInterrupt):
        return Exit.INTERRUPTED
    except (BrokenPipeError, ReaderGone):
        return _without_reader()
    except RulectlError as fault:
        if debug:
            _show_traceback()
        return _told(str(fault), status_of(fault))
    except Exception as fault:  # noqa: BLE001 - the last border: people get a line, not a traceback
        if debug:
            _show_traceback()
        if isinstance(fault, OSError) and fault.filename:
            return _told(f"{fault.filename}: {fault.strerror}; check the path and its permissions", Exit.USAGE)
        return _told(_of_bug(fault, debug=debug), Exit.INTERNAL)
    return int(status or Exit.FINE)


def _told(message: str, status: Exit) -> int:
    try:
        sys.stdout.flush()
        print(f"error: {message}", file=sys.stderr, flush=True)
    except BrokenPipeError:
        return _without_reader()
    return status


def _of_click(fault: click.ClickException) -> str:
    message = " ".join(fault.format_message().split()).rstrip(".")
    message = message[:1].lower() + message[1:]
    context = getattr(fault, "ctx", None)
    if context is None:
        return message
    return f"{message}\nSee '{context.command_path} --help'."


def _of_bug(fault: Exception, *, debug: bool) -> str:
    at = ""
    trace = fault.__traceback__
    while trace is not None:
        at = f" at {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
        trace = trace.tb_next
    what = " ".join(f"{type(fault).__name__}: {fault}".split())
    more = "" if debug else "; --debug shows the traceback"
    return f"internal error: {what}{at}; please report it with the command line and the rule files{more}"


def _show_traceback() -> None:
    import traceback  # noqa: PLC0415 - only needed when something is wrong

    traceback.print_exc()


def _without_reader() -> int:
    """Makes the interpreter's own flush at the end quiet, too."""
    null = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            os.dup2(null, stream.fileno())
        except (OSError, ValueError):
            continue
    return Exit.BROKEN_PIPE

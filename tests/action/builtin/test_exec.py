"""With real processes; the timeouts are real and short."""

import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from rulectl.action.outcome import Done, Failed, RetryAfter
from rulectl.action.secrets import SECRETS
from rulectl.clock import SystemClock
from tests.action.builtin.bench import faults, run
from tests.action.fakes import FakeKube, context_for, pod, secret

TOKEN = {"secretKeyRef": {"name": "agent", "key": "token"}}


def execute(script: str, *arguments: Any, deadline: float = 10.0, stop: Any = None, **more: Any) -> Any:
    """Runs a Python script as the rule's program."""
    kube = FakeKube().put(SECRETS, secret("agent", token="hunter2"))
    context = context_for(pod(), kube, allow_exec=True, clock=SystemClock(), deadline=deadline, stop=stop)
    return run("exec", {"command": [sys.executable, "-Sc", script, *arguments], **more}, context)


def test_it_is_off_unless_allowed() -> None:
    assert run("exec", {"command": ["true"]}, context_for(pod())) == Failed(
        "exec is off: start rulectl with --allow-exec to let rules run programs"
    )


def test_arguments_arrive_as_they_are_without_any_shell() -> None:
    outcome = execute("import sys, json; print(json.dumps(sys.argv[1:]))", "$HOME; echo *", "", 3, True)
    assert json.loads(outcome.result["stdout"]) == ["$HOME; echo *", "", "3", "true"]


def test_the_environment_is_clean_but_for_what_the_rule_names() -> None:
    os.environ["RULECTL_TEST_LEAK"] = "leak"
    try:
        outcome = execute("import os; print(sorted(os.environ))", env={"A": "1", "T": TOKEN, "NO": None})
    finally:
        del os.environ["RULECTL_TEST_LEAK"]
    names = eval(outcome.result["stdout"])
    assert [name for name in names if name != "LC_CTYPE"] == [
        "A",
        "HOME",
        "LANG",
        "PATH",
        "RULECTL_IDEMPOTENCY_KEY",
        "T",
    ]


def test_a_secret_reaches_the_program_and_is_masked_in_what_it_says() -> None:
    outcome = execute("import os; print(os.environ['T'], len(os.environ['T']))", env={"T": TOKEN})
    assert isinstance(outcome, Done)
    assert outcome.result == {"status": 0, "stdout": "*** 7\n", "stderr": "", "truncated": False}


def test_the_program_reads_what_the_rule_gives_it() -> None:
    text = "ä" * 200_000
    outcome = execute("import sys; print(len(sys.stdin.buffer.read()))", stdin=text)
    assert outcome.result["stdout"] == "400000\n"


def test_a_program_that_does_not_read_is_no_trouble() -> None:
    assert isinstance(execute("pass", stdin="x" * 1_000_000), Done)


def test_it_runs_where_the_rule_says(tmp_path: Path) -> None:
    assert execute("import os; print(os.getcwd())", workingDirectory=str(tmp_path)).result["stdout"] == f"{tmp_path}\n"


def test_a_failure_is_tried_again_and_shows_the_end_of_what_it_said() -> None:
    outcome = execute("import sys; print('x' * 500, 'it broke', file=sys.stderr); sys.exit(3)")
    assert isinstance(outcome, RetryAfter)
    assert outcome.message.startswith(f"{sys.executable} ended with status 3: ")
    assert outcome.message.endswith("x it broke")


def test_some_statuses_can_be_final() -> None:
    assert execute("raise SystemExit(2)", finalStatuses=[2]) == Failed(f"{sys.executable} ended with status 2")


def test_a_program_killed_by_a_signal_has_the_status_a_shell_shows() -> None:
    outcome = execute("import os, signal; os.kill(os.getpid(), signal.SIGTERM)")
    assert outcome == RetryAfter(None, f"{sys.executable} ended with status 143")


def test_its_output_is_bounded_and_the_rest_thrown_away() -> None:
    outcome = execute("import sys; sys.stdout.write('x' * 1_000_000); sys.stderr.write('y' * 10)")
    assert (len(outcome.result["stdout"]), outcome.result["stderr"], outcome.result["truncated"]) == (
        65_536,
        "y" * 10,
        True,
    )


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["/nowhere/program"], "/nowhere/program does not exist; name a program by its path"),
        (["/etc"], "/etc cannot be started: [Errno 13] Permission denied: '/etc'"),
        (["a\0b"], "a\0b cannot be started: embedded null byte"),
    ],
    ids=["missing", "no program", "null byte"],
)
def test_what_cannot_be_started_is_final(command: list[str], message: str) -> None:
    assert run("exec", {"command": command}, context_for(pod(), allow_exec=True)) == Failed(message)


FORKS = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-Sc", "import time; time.sleep(30)"])
open(sys.argv[1], "w").write(str(child.pid))
if sys.argv[2] == "wait":
    time.sleep(30)
"""


def has_gone(pid: int) -> bool:
    for _ in range(200):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.01)
    return False


def test_at_the_timeout_everything_that_it_started_is_killed(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    outcome = execute(FORKS, str(file), "wait", deadline=0.8)
    assert outcome == RetryAfter(None, f"{sys.executable} was killed: the action's timeout has passed")
    assert has_gone(int(file.read_text()))


def test_what_it_leaves_behind_is_killed_and_not_waited_for(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    started = time.monotonic()
    assert isinstance(execute(FORKS, str(file), "go"), Done)
    assert time.monotonic() - started < 5
    assert has_gone(int(file.read_text()))


def test_it_is_killed_when_rulectl_stops() -> None:
    stop = threading.Event()
    timer = threading.Timer(0.2, stop.set)
    timer.start()
    outcome = execute("import time; time.sleep(30)", stop=stop)
    timer.join()
    assert outcome == RetryAfter(None, f"{sys.executable} was killed: rulectl is stopping")


@pytest.mark.parametrize(
    ("parameters", "fault"),
    [
        ({"command": "ls -l"}, "command: expected a list of text, a whole number, a number or true or false"),
        ({"command": []}, "command: expected at least 1 entry"),
        ({"command": ["x"], "env": {"A=B": "1"}}, "'A=B' cannot be the name of an environment variable"),
    ],
    ids=["shell line", "empty", "bad name"],
)
def test_a_command_that_makes_no_sense_is_a_fault_of_the_rule(parameters: dict[str, Any], fault: str) -> None:
    assert faults("exec", parameters)[0].startswith(fault)


def test_its_description_shows_references_and_no_secrets() -> None:
    context = context_for(pod(), allow_exec=True, dry_run="client")
    outcome: Any = run("exec", {"command": ["notify", 1], "env": {"T": TOKEN}}, context)
    assert outcome.result == {
        "command": ["notify", "1"],
        "env": {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG": "C.UTF-8",
            "HOME": "/",
            "RULECTL_IDEMPOTENCY_KEY": "f00d" * 16,
            "T": TOKEN,
        },
        "workingDirectory": "/",
    }

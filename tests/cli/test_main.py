"""Bad input of every kind: a message that says what to do, the right status, never a traceback."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import click
import pytest

from rulectl.cli.main import perform
from rulectl.cli.program import COMMANDS, program
from tests.cli.shell import PROGRAM, environment, rulectl

GOOD = """\
apiVersion: rulectl.dev/v1alpha1
kind: Rule
metadata: {name: one}
spec:
  watch: {apiVersion: v1, kind: Pod}
  actions:
  - log: {message: "${{ object.metadata.name }}"}
"""
DEAD = ("--server", "http://127.0.0.1:1")


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["rnu"], 2, "there is no command 'rnu'; the commands are run, validate"),
        (["validat"], 2, "there is no command 'validat'; did you mean 'validate'?\nSee 'rulectl --help'."),
        (["--nope"], 2, "no such option '--nope'"),
        (["run"], 2, "missing argument 'PATH...'\nSee 'rulectl run --help'."),
        (["run", "missing/"], 2, "no such file or folder: missing; give the path of a rule file"),
        (["run", "empty"], 1, "nothing is run: no rule is good"),
        (["run", "good.yaml", "--sandbox", "--state", "etcd"], 2, "--state 'etcd' means nothing: use memory, sqlite"),
        (["run", "good.yaml", "--dry-run=maybe"], 2, "'maybe' is not one of"),
        (["run", "good.yaml", "--sandbox", "--context", "x"], 2, "--sandbox brings its own API server"),
        (["run", "good.yaml", "--sandbox=missing"], 2, "missing"),
        (["run", "good.yaml", "--egress-allow", "http://x", *DEAD], 2, "is no destination"),
        (["run", "good.yaml", "--workers", "0"], 2, "0 is not in the range"),
        (["run", "good.yaml"], 2, "no cluster to talk to"),
        (["run", "good.yaml", "--kubeconfig", "missing"], 2, "missing"),
        (
            ["run", "good.yaml", "--plugin", "no.such.module"],
            2,
            "plugin 'no.such.module' cannot be imported: there is no module",
        ),
        (["run", "good.yaml", "--kubeconfig", "broken.yaml"], 2, "the configuration broken.yaml cannot be used: while"),
        (["run", "good.yaml", "--server", "a:1"], 2, "--server a:1: write it with its scheme, https://a:1"),
        (
            ["watch", "pods", "--certificate-authority", "no.pem", *DEAD],
            2,
            "--certificate-authority no.pem: there",
        ),
        (["completion"], 2, "missing argument '{bash|zsh|fish}'. Choose from: bash, zsh, fish\nSee"),
        (["state", "lst"], 2, "there is no command 'lst'; did you mean 'list'?\nSee 'rulectl state --help'."),
        (["state", "x"], 2, "the commands are list, show, ack, retry, resume, rename, clear"),
        (["state", "rename", "a", "B_c", *DEAD], 2, "'B_c' cannot be a rule's name: lower case letters, digits and da"),
        (["validate"], 2, "missing argument 'PATH...'"),
        (["validate", "missing"], 2, "no such file or folder: missing"),
        (["validate", "good.yaml", "-o", "xml"], 2, "'xml' is not one of 'text', 'json'"),
        (["validate", "good.yaml", "--nope"], 2, "no such option '--nope'"),
        (["plan", "missing"], 2, "no such file or folder: missing"),
        (["plan", "empty"], 1, "RC120"),
        (["eval"], 2, "missing argument 'EXPR'"),
        (["eval", "objekt.a"], 1, "unknown root 'objekt' (did you mean 'object'?)\n  objekt.a\n  ^^^^^^"),
        (["eval", "object", "-f", "missing"], 2, "missing cannot be read: No such file or directory"),
        (["eval", "object", "-f", "good.yaml", "pod", "x"], 2, "give either -f FILE or KIND NAME, not both"),
        (["eval", "object", "pod"], 2, "name the object as KIND NAME, for example: pod web-0 -n shop"),
        (["eval", "object", "pod", "x", *DEAD], 3, "127.0.0.1:1"),
        (["eval", "object", "--env", "A"], 2, "--env A: write it as NAME=VALUE"),
        (["watch"], 2, "missing argument 'KIND'"),
        (["watch", "pods", "--when", "foo("], 2, "--when: the expression ends too early\n  foo(\n      ^"),
        (["watch", "pods", "--changed", "a."], 2, "--changed: the expression ends too early"),
        (["watch", "pods"], 2, "no cluster to talk to"),
        (["watch", "pods", *DEAD], 3, "127.0.0.1:1"),
        (["schema", "htpp"], 2, "there is no kind, action or function 'htpp'; did you mean 'http'?"),
        (["schema", "-o", "xml"], 2, "'xml' is not one of"),
        (["sandbox", "--port", "70000"], 2, "70000 is not in the range"),
        (["sandbox", "--load", "missing"], 2, "missing"),
        (["sandbox", "--kubeconfig", "good.yaml/x"], 2, "good.yaml"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_input_is_answered_with_a_message_and_a_status(
    arguments: list[str], status: int, message: str, tmp_path: Path
) -> None:
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken.yaml").write_text("a: [")
    known = ("good.yaml", "broken.yaml", "missing", "empty", "good.yaml/x")
    shown = rulectl(*(str(tmp_path / argument) if argument in known else argument for argument in arguments))
    told = (shown.out + shown.err).replace(f"{tmp_path}/", "")
    assert message in told
    assert shown.status == status
    assert "Traceback" not in told


def test_without_a_command_the_help_is_shown() -> None:
    shown = rulectl()
    assert (shown.status, shown.err) == (0, "")
    assert shown.out.startswith("Usage: rulectl [OPTIONS] [COMMAND] [ARGS]...\n")


def test_the_version_can_be_asked_for() -> None:
    assert rulectl("--version").out.startswith("rulectl 0.")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_that_ends_with_examples(name: str) -> None:
    shown = rulectl(name, "--help")
    assert shown.status == 0
    _, examples = shown.out.split("\nExamples:\n")
    assert f"rulectl {name}" in examples


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_knows_each_command_by_the_line_it_gives_itself(name: str) -> None:
    command = program.get_command(click.Context(program), name)
    assert command is not None
    assert command.short_help == COMMANDS[name]


PLUGIN = """\
from rulectl.expression import Function, Kind

broken = Function("broken", (), Kind.NULL, "Its example is none.", lambda: None, None)
"""


@pytest.mark.parametrize("debug", [False, True])
def test_a_fault_that_nobody_expected_is_one_line_that_asks_for_a_report(debug: bool, tmp_path: Path) -> None:
    (tmp_path / "careless.py").write_text(PLUGIN)
    command = [*PROGRAM, "schema", "broken", "--plugin", "careless", *(["--debug"] if debug else [])]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment(), check=False)
    lines = ended.stderr.splitlines()
    assert ended.returncode == 70
    assert lines[-1].startswith("error: internal error: TypeError: cannot unpack non-iterable NoneType object at ")
    assert "; please report it with the command line and the rule files" in lines[-1]
    assert ("Traceback (most recent call last):" in lines) == debug
    assert len(lines) == 1 or debug


def test_who_closes_the_pipe_is_not_told_about_it() -> None:
    command = f"{shlex.join([*PROGRAM, 'schema', 'functions'])} | head -1"
    ended = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False)
    assert ended.stdout == "abs(number: number) -> number\n"
    assert ended.stderr == ""


def test_who_closes_the_pipe_of_a_command_that_goes_on_ends_it_as_shells_say() -> None:
    written = "import click; [click.echo('line ' * 1000) for _ in range(1000)]"
    source = (
        "import sys, click\n"
        "from rulectl.cli.program import program\n"
        f"program.callback = lambda: exec({written!r})\n"
        "from rulectl.cli.main import perform\n"
        "sys.exit(perform([]))\n"
    )
    command = f"{shlex.join([PROGRAM[0], '-c', source])} | head -1"
    ended = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (141, "")


def test_every_line_in_the_help_of_a_group_is_whole() -> None:
    assert "..." not in rulectl("state", "--help").out.partition("Commands:")[2]


def test_the_help_imports_nothing_heavy() -> None:
    source = (
        "import sys\n"
        "from rulectl.cli.main import perform\n"
        "perform(['--help'])\n"
        "print([name for name in ('kubernetes', 'urllib3', 'yaml', 'jsonschema', 'aiohttp', 'rich', 'msgspec',\n"
        "       'rulectl.plan.compiler', 'rulectl.expression') if name in sys.modules])\n"
    )
    ended = subprocess.run([PROGRAM[0], "-c", source], capture_output=True, text=True, check=True)
    assert ended.stdout.splitlines()[-1] == "[]"


def test_checking_rules_imports_no_way_to_a_cluster(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD)
    source = (
        "import sys\n"
        "from rulectl.cli.main import perform\n"
        f"assert perform(['validate', {str(tmp_path)!r}]) == 0\n"
        "print([name for name in ('kubernetes', 'urllib3', 'aiohttp', 'rich', 'rulectl.sandbox', 'rulectl.informer',\n"
        "       'rulectl.manager') if name in sys.modules])\n"
    )
    ended = subprocess.run([PROGRAM[0], "-c", source], capture_output=True, text=True, check=True)
    assert ended.stdout.splitlines()[-1] == "[]"


def test_the_program_gives_the_status_back() -> None:
    assert perform(["--version"]) == 0

"""`rulectl run`: from the start to the end of a controller."""

from __future__ import annotations

import io
import json
import signal
import sys
import time
from pathlib import Path

import pytest

from rulectl.cli.connection import ConnectionFlags
from rulectl.cli.running import Running
from rulectl.cli.signals import SAME_SECONDS
from rulectl.cli.status_line import StatusLine
from rulectl.errors import Forbidden, Unreachable
from rulectl.manager.settings import Settings
from rulectl.plan.compiler import compile_text
from rulectl.plan.model import Plan
from rulectl.sandbox import SandboxServer
from rulectl.value import decode, mapping
from tests.cli.shell import Shown, rulectl, started
from tests.cli.test_watch import CONFIG_MAPS, KEY, client, config_map

RULE = """\
apiVersion: rulectl.dev/v1alpha1
kind: Rule
metadata: {name: one}
spec:
  watch: {apiVersion: v1, kind: ConfigMap, namespaces: [default]}
  events: [added, modified]
  changed: {fields: [data.a]}
  actions:
  - {name: mark, annotate: {set: {a.io/seen: "${{ object.data.a }}"}}}
"""


def plan() -> Plan:
    compiled = compile_text(RULE)
    assert not compiled.problems
    return compiled.plan


def running(seconds: float = 0.1) -> tuple[Running, io.StringIO]:
    err = io.StringIO()
    return Running(plan(), Settings(start_seconds=seconds), "memory", "text", io.StringIO(), err), err


def test_rules_run_beside_a_sandbox_until_they_are_asked_to_stop(tmp_path: Path) -> None:
    (tmp_path / "rule.yaml").write_text(RULE)
    with started("run", str(tmp_path), "--sandbox") as program:
        program.wait_for("1 rule ready: 1 watch", errors=True)
        kubeconfig = next(line for line in program.errors if "export KUBECONFIG=" in line).partition("=")[2]
        kube = client(kubeconfig)
        kube.create(CONFIG_MAPS, "default", config_map(a="1"))
        line = program.wait_for("one added ConfigMap default/web")
        assert 'data.a null -> "1"; mark done' in line
        kube.patch(CONFIG_MAPS, KEY, {"data": {"a": "2"}}, "merge")
        assert 'data.a "1" -> "2"; mark done' in program.wait_for("one modified")
        assert program.end(signal.SIGTERM) == 0
    assert len(program.lines) == 2
    assert program.errors[-1] == "SIGTERM: waiting up to 25s for runs that are under way; once more ends at once"


def test_a_dry_run_shows_in_json_what_would_be_sent_and_sends_nothing(tmp_path: Path) -> None:
    (tmp_path / "rule.yaml").write_text(RULE)
    with SandboxServer() as server:
        kubeconfig = str(server.kubeconfig_path)
        with started("run", "--dry-run", str(tmp_path), "-o", "json", "--kubeconfig", kubeconfig) as program:
            program.wait_for("1 rule ready", errors=True)
            kube = client(kubeconfig)
            kube.create(CONFIG_MAPS, "default", config_map(a="1"))
            told = mapping(decode(program.wait_for('"type":"run"')))
            assert (told["rule"], told["outcome"]) == ("one", "would")
            assert "annotations" not in mapping(kube.get(CONFIG_MAPS, KEY)["metadata"])
            assert program.end(signal.SIGINT) == 0


def test_a_second_signal_ends_at_once_and_leaves_no_process_of_an_action_behind(tmp_path: Path) -> None:
    noted = tmp_path / "pid"
    code = f"import os, time; open({str(noted)!r}, 'w').write(f'{{os.getpid()}} '); time.sleep(60)"
    actions = json.dumps([{"timeout": "60s", "exec": {"command": [sys.executable, "-c", code]}}])
    (tmp_path / "rule.yaml").write_text(
        "{apiVersion: rulectl.dev/v1alpha1, kind: Rule, metadata: {name: slow}, spec: {watch: {apiVersion: v1, "
        f"kind: Namespace}}, existing: handle, when: [object.metadata.name == 'default'], actions: {actions}}}}}"
    )
    with started("run", str(tmp_path), "--sandbox", "--allow-exec") as program:
        until = time.monotonic() + 20.0
        while not (noted.exists() and noted.read_text().endswith(" ")):
            assert time.monotonic() < until
            time.sleep(0.02)
        program.process.send_signal(signal.SIGINT)
        program.wait_for("once more ends at once", errors=True)
        time.sleep(SAME_SECONDS + 0.1)
        assert program.end(signal.SIGINT) == 130
    status = Path(f"/proc/{noted.read_text().strip()}/stat")
    assert not status.exists() or ") Z " in status.read_text()


@pytest.mark.parametrize(("more", "status"), [(["--once"], 130), ([], 0)], ids=["once", "a controller"])
def test_who_is_stopped_before_the_server_answers_has_done_nothing(
    more: list[str], status: int, tmp_path: Path
) -> None:
    (tmp_path / "rule.yaml").write_text(RULE)
    with started("run", str(tmp_path), "--server", "http://127.0.0.1:1", *more) as program:
        program.wait_for("does not answer", errors=True)
        assert program.end(signal.SIGINT) == status


def test_a_dry_run_beside_a_sandbox_says_why_what_is_there_already_is_skipped(tmp_path: Path) -> None:
    (tmp_path / "rule.yaml").write_text(RULE)
    shown = rulectl("run", str(tmp_path / "rule.yaml"), "--sandbox", "--dry-run", "--once")
    assert (shown.status, shown.out) == (0, "0 runs\n")
    assert "\nstate: in memory only, best effort: what changes while rulectl is down is not seen" in shown.err


def test_bad_rules_are_told_and_the_good_ones_refused_only_with_strict(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(RULE)
    (tmp_path / "bad.yaml").write_text(RULE.replace("name: one", "name: two").replace("fields", "field"))
    shown = rulectl("run", str(tmp_path), "--strict")
    assert shown.status == 1
    assert "RC203 unknown key 'field' in spec.changed" in shown.err
    assert shown.err.endswith("error: nothing is run: with --strict all rules must be without errors and warnings\n")
    without = rulectl("run", str(tmp_path))
    assert (without.status, without.err.splitlines()[-1][:29]) == (2, "error: no cluster to talk to:")


def test_no_answer_is_told_with_what_to_check() -> None:
    program, err = running()
    with pytest.raises(Unreachable) as fault:
        program.run(ConnectionFlags(server="http://127.0.0.1:1"), None)
    assert str(fault.value).startswith("http://127.0.0.1:1 has not answered within 100ms: ")
    assert str(fault.value).endswith("; check the address, the network and that the API server runs")
    assert err.getvalue().splitlines()[0] == "1 rule on http://127.0.0.1:1"


def test_a_server_that_does_not_know_us_is_refused_at_once() -> None:
    with SandboxServer(token="secret") as server, pytest.raises(Forbidden):
        running(30.0)[0].run(ConnectionFlags(server=server.url, token="wrong"), None)


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_the_status_line_gives_way_to_lines_that_stay() -> None:
    screen = Screen()
    status = StatusLine(screen)
    status.show("reading 0/1 watches")
    status.say("one line")
    status.clear()
    assert screen.getvalue() == ("\r\x1b[Kreading 0/1 watches\r\x1b[Kone line\n\r\x1b[Kreading 0/1 watches\r\x1b[K")


def test_on_a_pipe_there_is_no_status_line() -> None:
    pipe = io.StringIO()
    status = StatusLine(pipe)
    status.show("reading 0/1 watches")
    status.say("one line")
    assert pipe.getvalue() == "one line\n"


def once(rule: str, kubeconfig: str, folder: Path, *more: str) -> Shown:
    (folder / "rule.yaml").write_text(rule)
    return rulectl("run", "--once", str(folder), "--kubeconfig", kubeconfig, "--state", f"sqlite:{folder}/s", *more)


def test_once_does_what_is_owed_tells_how_it_went_and_ends(tmp_path: Path) -> None:
    with SandboxServer() as server:
        kubeconfig = str(server.kubeconfig_path)
        client(kubeconfig).create(CONFIG_MAPS, "default", config_map(a="1"))
        first = once(RULE, kubeconfig, tmp_path)
        again = once(RULE, kubeconfig, tmp_path)
        assert mapping(client(kubeconfig).get(CONFIG_MAPS, KEY)["metadata"])["annotations"] == {"a.io/seen": "1"}
    assert (first.status, first.out.splitlines()[1:]) == (0, ["1 run: 1 succeeded"])
    assert "one added ConfigMap default/web" in first.out.splitlines()[0]
    assert (again.status, again.out) == (0, "0 runs\n")


def test_once_ends_with_4_where_a_run_failed(tmp_path: Path) -> None:
    failing = RULE.replace("annotate: {set: {a.io/seen:", 'exec: {command: ["true"], env: {A:')
    with SandboxServer() as server:
        kubeconfig = str(server.kubeconfig_path)
        client(kubeconfig).create(CONFIG_MAPS, "default", config_map(a="1"))
        shown = once(failing, kubeconfig, tmp_path, "-o", "json")
    told = [mapping(decode(line)) for line in shown.out.splitlines()]
    assert shown.status == 4
    assert "  one runs programs, which fails without --allow-exec" in shown.err.splitlines()
    assert [one["type"] for one in told] == ["run", "summary"]
    assert (told[0]["outcome"], told[1]["ok"], told[1]["runs"]) == ("failed", False, {"failed": 1})

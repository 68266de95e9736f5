"""The plugin of examples/03-plugin-bandwidth: installed as a package, found, tested, at work."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="tc is Linux's")
EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "03-plugin-bandwidth"


class Installed:
    """The package in a folder of its own, on the path of the programs that are started."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # A copy, so that building leaves nothing in the checkout.
        source = folder / "source"
        subprocess.run(["cp", "-r", str(EXAMPLE), str(source)], check=True)
        self.python(
            "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--no-index", "--no-compile",
            "--target", str(folder), str(source),
        )  # fmt: skip

    def python(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            env={**os.environ, "PYTHONPATH": str(self.folder), "HOME": str(self.folder)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    pytest.importorskip("setuptools", reason="setuptools builds the package; it is in rulectl[dev]")
    return Installed(tmp_path_factory.mktemp("plugin"))


def test_it_is_found_by_its_entry_points(installed: Installed) -> None:
    assert installed.python("-m", "rulectl", "schema", "bandwidth").startswith("bandwidth (rulectl-bandwidth)\n")
    assert "no problems" in installed.python("-m", "rulectl", "validate", str(EXAMPLE / "rules"))


def test_its_own_tests_pass(installed: Installed) -> None:
    pytest.importorskip("pyroute2", reason="pyroute2 speaks netlink; it is in rulectl[dev]")
    told = installed.python(
        "-m", "pytest", "-q", "-p", "no:cacheprovider", "-rs", "-c", str(EXAMPLE / "pyproject.toml"), str(EXAMPLE)
    )
    assert "passed" in told
    if "no network namespaces here" in told:
        pytest.skip("its tests of real interfaces were skipped: network namespaces are not allowed here")


def test_a_dry_run_needs_no_network(installed: Installed) -> None:
    pytest.importorskip("pyroute2", reason="pyroute2 speaks netlink; it is in rulectl[dev]")
    told = installed.python(
        "-m", "rulectl", "run", str(EXAMPLE / "rules"), f"--sandbox={EXAMPLE / 'manifests'}", "--once", "--dry-run"
    )
    assert "tc qdisc replace dev eth0 in rulectl-example root tbf rate 2000000bit burst 2500 latency 50ms" in told

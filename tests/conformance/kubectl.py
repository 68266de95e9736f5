"""kubectl, run against the server under test."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.conformance.target import Api

_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Kubectl:
    """Each call is one process, in the own namespace."""

    api: Api
    folder: Path

    def __call__(self, *arguments: str, text: str | None = None, may_fail: bool = False) -> str:
        """What it prints on both channels; `text` is its standard input."""
        ended = subprocess.run(
            self._command(arguments),
            input=text,
            capture_output=True,
            text=True,
            check=False,
            env=self._environment(),
            timeout=_SECONDS,
        )
        assert may_fail or ended.returncode == 0, ended.stderr or ended.stdout
        return ended.stdout + ended.stderr

    @contextmanager
    def following(self, *arguments: str) -> Iterator[Iterator[str]]:
        """The lines that a command prints which goes on until it is ended; it has opened its watch."""
        command = [*self._command(arguments), "-v=6"]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self._environment()
        ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            try:
                for line in process.stderr:
                    if "watch=true" in line:
                        break
                yield (line.strip() for line in process.stdout)
            finally:
                process.terminate()

    def config_map(self, name: str, **data: str) -> str:
        """A manifest."""
        meta = {"name": name, "namespace": self.api.namespace}
        return json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": data or {"k": "1"}})

    def _command(self, arguments: tuple[str, ...]) -> list[str]:
        return ["kubectl", "--namespace", self.api.namespace, *arguments]

    def _environment(self) -> dict[str, str]:
        config = self.folder / "kubeconfig"
        if not config.exists():
            target = self.api.target
            cluster: dict[str, object] = {"server": target.url}
            if target.url.startswith("https"):
                cluster["insecure-skip-tls-verify"] = True
            user = {"token": target.token} if target.token else {}
            content = {
                "apiVersion": "v1",
                "kind": "Config",
                "clusters": [{"name": "x", "cluster": cluster}],
                "users": [{"name": "x", "user": user}],
                "contexts": [{"name": "x", "context": {"cluster": "x", "user": "x"}}],
                "current-context": "x",
            }
            config.write_text(json.dumps(content))
        return {**os.environ, "KUBECONFIG": str(config), "HOME": str(self.folder)}

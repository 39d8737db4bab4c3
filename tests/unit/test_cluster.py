"""The door to Ray, as far as it is seen without Ray: what is refused, told by the environment, and put off."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from kerchief.errors import UsageError
from kerchief.scale.cluster import door as cluster
from kerchief.scale.cluster import folders
from kerchief.scale.cluster.door import _environment, _must_answer, _uninterrupted, _variables, _Worker
from kerchief.version import __version__


class Kind:
    def __init__(self, word: str) -> None:
        self.word = word

    def say(self, more: str) -> str:
        return self.word + more


def test_a_node_with_another_version_is_refused() -> None:
    worker = _Worker()
    with pytest.raises(
        UsageError, match=rf"kerchief {__version__} is installed on a node of the cluster, and 0.0.1 here"
    ):
        worker.start("0.0.1", Kind, "a")
    assert worker.start(__version__, Kind, "a")
    assert worker.call("say", "b") == "ab"


class Broken:
    def __init__(self, word: str) -> None:
        raise UsageError(word, "is broken", "Mend it.")


def test_what_a_process_that_is_started_again_can_not_be_made_of_is_told_by_every_call() -> None:
    worker = _Worker(Broken, "a")
    for call in (lambda: worker.start(__version__), lambda: worker.call("say", "b")):
        with pytest.raises(UsageError, match="a: is broken"):
            call()
    assert _Worker(Kind, "a").start(__version__)


@pytest.mark.parametrize("address", ["ray://head:10001", "head", "head:", ":6379", "head:x", "s3://a/b:1"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match="is not a host and a port"):
        _must_answer(address)


def test_an_address_that_nobody_answers_at_is_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise ConnectionRefusedError("refused")

    monkeypatch.setattr(cluster.socket, "create_connection", refuse)
    with pytest.raises(UsageError, match=r"nobody answers at 10\.0\.0\.1:6379"):
        _must_answer("10.0.0.1:6379")


def test_a_cluster_of_our_own_is_silent_on_loopback_and_has_a_token_of_its_own() -> None:
    ours, again, theirs = _variables(None), _variables(None), _variables("10.0.0.1:6379")
    for variables in (ours, theirs):
        assert variables["RAY_USAGE_STATS_ENABLED"] == "0"
        assert variables["RAY_ENABLE_UV_RUN_RUNTIME_ENV"] == "0"
        assert variables["RAY_ENABLE_AUTO_CONNECT"] == "0"
    assert ours["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] == "0"
    assert ours["RAY_AUTH_MODE"] == "token"
    assert len(ours["RAY_AUTH_TOKEN"]) >= 64
    assert ours["RAY_AUTH_TOKEN"] != again["RAY_AUTH_TOKEN"]
    assert not any(name.startswith("RAY_AUTH") for name in theirs), "how to come in there is the user's to say"


def test_ray_is_not_told_the_command_line() -> None:
    """It names originals, and whoever may list the jobs of a cluster would read it."""
    pytest.importorskip("ray")
    assert cluster._imported()._private.utils.get_entrypoint_name() == "kerchief"


def test_the_environment_is_as_it_was_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERCHIEF_A", "1")
    with _environment({"KERCHIEF_A": "2", "KERCHIEF_B": "3"}):
        assert (os.environ["KERCHIEF_A"], os.environ["KERCHIEF_B"]) == ("2", "3")
    assert os.environ["KERCHIEF_A"] == "1"
    assert "KERCHIEF_B" not in os.environ


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_waits_until_ray_has_started(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = {one: signal.signal(one, interrupt) for one in (signal.SIGINT, signal.SIGTERM)}
    done = []

    def start() -> None:
        with _uninterrupted():
            signal.raise_signal(number)
            done.append("all")

    try:
        with pytest.raises(KeyboardInterrupt):
            start()
        assert done == ["all"]
        assert signal.getsignal(number) is interrupt
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def test_what_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with _uninterrupted():
            signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_what_ray_opens_to_everybody_lies_in_a_folder_that_is_not(tmp_path: Path) -> None:
    inner = Path(cluster._options_here(tmp_path, 2)["_temp_dir"])
    assert inner.is_dir()
    assert inner.parent == tmp_path


def test_the_folder_for_sockets_has_a_short_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = tmp_path / ("long" * 20)
    long.mkdir()
    monkeypatch.setattr(folders.tempfile, "gettempdir", lambda: str(long))
    parent = folders.short_parent(cluster.FOLDER)
    session = f"{cluster.INNER}/session_2026-12-31_23-59-59_999999_4194304/sockets/plasma_store"
    assert len(str(parent / f"{cluster.FOLDER}12345678" / session)) <= 103

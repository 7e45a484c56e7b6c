"""The server of the built site: the next free port, compressed text, no folders, a clean end."""

import contextlib
import gzip
import http.client
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import serve

ROOT = Path(__file__).resolve().parents[2]
TEXT = b"<!doctype html><title>A page</title>" + b"<p>words " * 500


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "index.html").write_bytes(TEXT)
    (tmp_path / "inner").mkdir()
    (tmp_path / "pack.bin").write_bytes(bytes(range(256)))
    return tmp_path


@pytest.fixture
def connection(folder: Path) -> Iterator[http.client.HTTPConnection]:
    with serve.open_server(folder, port=0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        client = http.client.HTTPConnection(*server.server_address[:2], timeout=10)
        yield client
        client.close()
        server.shutdown()


def ask(client: http.client.HTTPConnection, path: str, **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
    client.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    reply = client.getresponse()
    return reply, reply.read()


def test_text_is_compressed_for_those_who_can_read_it(connection: http.client.HTTPConnection) -> None:
    reply, body = ask(connection, "/index.html?v=1", Accept_Encoding="gzip")
    assert reply.headers["Content-Encoding"] == "gzip" and len(body) < len(TEXT)
    assert gzip.decompress(body) == TEXT
    reply, body = ask(connection, "/index.html")
    assert reply.headers["Content-Encoding"] is None and body == TEXT


def test_packs_are_sent_as_they_are(connection: http.client.HTTPConnection) -> None:
    reply, body = ask(connection, "/pack.bin", Accept_Encoding="gzip")
    assert reply.headers["Content-Encoding"] is None and body == bytes(range(256))


@pytest.mark.parametrize("path", ["/inner/", "/absent.html", "/../secret", "/%2e%2e/secret"])
def test_folders_and_strangers_are_not_found(connection: http.client.HTTPConnection, folder: Path, path: str) -> None:
    (folder.parent / "secret").write_text("not for the web")
    assert ask(connection, path)[0].status == 404


def test_a_taken_port_gives_way_to_the_next_free_one(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind((serve.HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with serve.open_server(folder, port) as server:
            assert port < server.server_address[1] < port + serve.PORTS_TRIED


@pytest.mark.parametrize("port", ["x", "-1", "65536", "8000.5", ""])
def test_what_is_no_port_is_refused(folder: Path, port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        serve.main(["--site", str(folder), f"--port={port}"])
    assert ended.value.code == 2
    assert f"must be a whole number from 0 to 65535, got {port!r}" in capsys.readouterr().err


def test_the_last_port_is_the_last_tried(folder: Path) -> None:
    with socket.socket() as taken:
        with contextlib.suppress(OSError):  # somebody else may have it, which does as well
            taken.bind((serve.HOST, serve.LAST_PORT))
        with pytest.raises(OSError, match="No port from 65535 to 65535 is free"):
            serve.open_server(folder, serve.LAST_PORT)


def test_without_a_site_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="make site"):
        serve.open_server(tmp_path)


def test_it_prints_its_address_and_stops_quietly(folder: Path) -> None:
    command = [sys.executable, str(ROOT / "tools" / "serve.py"), "--site", str(folder), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stderr is not None
        assert "http://127.0.0.1:" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0
        assert process.stderr.read() == ""

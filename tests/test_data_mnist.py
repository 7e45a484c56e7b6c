"""MNIST's loader against a small server on this machine that can resume, refuse, break off and lie."""

import gzip
import hashlib
import os
import struct
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from nnlab import data
from nnlab.data.download import cache_folder, fetch


def idx(array):
    head = struct.pack(">BBBB", 0, 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    return gzip.compress(head + array.astype(np.uint8).tobytes(), mtime=0)


RNG = np.random.default_rng(0)
ARRAYS = {
    "train-images-idx3-ubyte.gz": RNG.integers(0, 256, (20, 28, 28)),
    "train-labels-idx1-ubyte.gz": RNG.integers(0, 10, 20),
    "t10k-images-idx3-ubyte.gz": RNG.integers(0, 256, (5, 28, 28)),
    "t10k-labels-idx1-ubyte.gz": RNG.integers(0, 10, 5),
}
CONTENTS = {name: idx(array) for name, array in ARRAYS.items()}
NAME = "train-images-idx3-ubyte.gz"
CONTENT = CONTENTS[NAME]
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Server(ThreadingHTTPServer):
    """Serves CONTENTS. ``resumes``: answers Range; ``cut``: closes after so many bytes; ``instead``: other contents."""

    daemon_threads = True
    resumes, cut, status, stall = True, None, None, False

    def __init__(self):
        self.instead, self.asked, self.sent = {}, [], 0
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}/"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        server, name = self.server, self.path.lstrip("/")
        wanted = self.headers.get("Range")
        server.asked.append((name, wanted))
        if server.status:
            self.send_error(server.status)
            return
        if server.stall:
            server.stall.wait(5)
            return
        content = server.instead.get(name, CONTENTS[name])
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and server.resumes else 0
        if start >= len(content):
            self.send_error(416)
            return
        self.send_response(206 if wanted and server.resumes else 200)
        if wanted and server.resumes:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        body = content[start:]
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        body = body if server.cut is None else body[: server.cut]
        for piece in range(0, len(body), 1 << 16):
            server.sent += len(body[piece : piece + (1 << 16)])
            self.wfile.write(body[piece : piece + (1 << 16)])

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server():
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def tiny(monkeypatch, server):
    """The loader, expecting the server's small files."""
    files = {name: (hashlib.sha256(content).hexdigest(), len(content)) for name, content in CONTENTS.items()}
    monkeypatch.setattr(loader_module(), "FILES", files)
    monkeypatch.setattr(loader_module(), "MIRRORS", (server.address,))
    return server


def loader_module():
    return sys.modules["nnlab.data.mnist"]


def get(server, folder, *others, **settings):
    return fetch(NAME, [server.address, *others], SHA256, len(CONTENT), folder, **settings)


def test_it_downloads_once_and_reads_what_it_got(tiny, tmp_path):
    (x, y), (x_test, y_test) = data.mnist(tmp_path)
    np.testing.assert_array_equal(x, (ARRAYS[NAME].reshape(20, 784) / 255).astype(np.float32))
    np.testing.assert_array_equal(y, ARRAYS["train-labels-idx1-ubyte.gz"])
    assert x.dtype == np.float32 and y.dtype == np.int64 and x_test.shape == (5, 784) and len(y_test) == 5
    assert [name for name, _ in tiny.asked] == list(ARRAYS)
    data.mnist(str(tmp_path))
    assert len(tiny.asked) == 4
    assert sorted(os.listdir(tmp_path)) == sorted(ARRAYS)


def test_the_cache_folder_is_the_system_s_own_or_as_told(tiny, tmp_path, monkeypatch):
    monkeypatch.setenv("NNLAB_CACHE", str(tmp_path / "own"))
    data.mnist()
    assert sorted(os.listdir(tmp_path / "own" / "mnist")) == sorted(ARRAYS)
    monkeypatch.delenv("NNLAB_CACHE")
    home = tmp_path / "home"
    monkeypatch.setattr(Path, "home", lambda: home)
    for variable in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(variable, raising=False)
    for platform, expected in (
        ("linux", home / ".cache" / "nnlab"),
        ("darwin", home / "Library" / "Caches" / "nnlab"),
        ("win32", home / "AppData" / "Local" / "nnlab"),
    ):
        monkeypatch.setattr(sys, "platform", platform)
        assert cache_folder() == expected
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    assert cache_folder() == tmp_path / "local" / "nnlab"
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder() == tmp_path / "xdg" / "nnlab"


def test_a_broken_download_is_resumed(server, tmp_path):
    server.cut = 100
    with pytest.raises(ConnectionError, match="the connection ended"):
        get(server, tmp_path)
    assert (tmp_path / f"{NAME}.part").stat().st_size == 100
    assert not (tmp_path / NAME).exists()
    server.cut = None
    assert get(server, tmp_path).read_bytes() == CONTENT
    assert [wanted for _, wanted in server.asked] == [None, "bytes=100-"]
    assert server.sent == len(CONTENT)
    assert os.listdir(tmp_path) == [NAME]


def test_a_download_that_breaks_again_and_again_gets_there(server, tmp_path):
    server.cut = len(CONTENT) // 3 + 1
    for _ in range(2):
        with pytest.raises(ConnectionError):
            get(server, tmp_path)
    assert get(server, tmp_path).read_bytes() == CONTENT


def test_a_server_that_cannot_resume_sends_all_of_it(server, tmp_path):
    (tmp_path / f"{NAME}.part").write_bytes(CONTENT[:100])
    server.resumes = False
    assert get(server, tmp_path).read_bytes() == CONTENT
    assert server.asked == [(NAME, "bytes=100-")]


def test_a_rest_that_the_server_refuses_is_asked_for_as_a_whole(server, tmp_path):
    (tmp_path / f"{NAME}.part").write_bytes(b"x" * (len(CONTENT) - 1))
    server.instead[NAME] = CONTENT[:-5]
    with pytest.raises(ConnectionError, match="ended 5 bytes early"):
        get(server, tmp_path)
    assert server.asked == [(NAME, f"bytes={len(CONTENT) - 1}-"), (NAME, None)]


def test_an_unfinished_file_that_is_as_long_as_the_whole_is_started_again(server, tmp_path):
    for length in (len(CONTENT), len(CONTENT) + 10):
        (tmp_path / f"{NAME}.part").write_bytes(b"x" * length)
        assert get(server, tmp_path).read_bytes() == CONTENT
        (tmp_path / NAME).unlink()
    assert [wanted for _, wanted in server.asked] == [None, None]


@pytest.mark.parametrize("change", ["other bytes", "longer"])
def test_corrupted_files_are_never_kept(server, tmp_path, change):
    if change == "other bytes":
        server.instead[NAME] = CONTENT[:-1] + b"\x01"
    else:
        server.instead[NAME] = CONTENT + b"and more" * 100_000
    with pytest.raises(ConnectionError, match="another checksum or size than the data set's"):
        get(server, tmp_path)
    assert os.listdir(tmp_path) == []
    server.instead.clear()
    assert get(server, tmp_path).read_bytes() == CONTENT


def test_what_was_resumed_onto_other_bytes_is_asked_for_again(server, tmp_path):
    (tmp_path / f"{NAME}.part").write_bytes(b"x" * 100)
    assert get(server, tmp_path).read_bytes() == CONTENT
    assert [wanted for _, wanted in server.asked] == ["bytes=100-", None]


def test_a_longer_file_is_not_read_to_its_end(server, tmp_path):
    server.instead[NAME] = CONTENT + bytes(20_000_000)
    with pytest.raises(ConnectionError, match="another checksum or size"):
        get(server, tmp_path)
    assert server.sent < 20_000_000


def test_a_file_that_was_changed_in_the_cache_is_downloaded_again(server, tmp_path):
    path = get(server, tmp_path)
    for damaged in (CONTENT[:-1], CONTENT[:-1] + b"\x01", b""):
        path.write_bytes(damaged)
        assert get(server, tmp_path).read_bytes() == CONTENT
    assert len(server.asked) == 4


def test_the_next_mirror_takes_over(server, tmp_path):
    with Server() as broken:
        thread = threading.Thread(target=broken.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        for trouble in ("cut", "status", "instead"):
            broken.cut, broken.status, broken.instead = None, None, {}
            setattr(broken, trouble, {"cut": 50, "status": 404, "instead": {NAME: b"not it"}}[trouble])
            assert get(broken, tmp_path, server.address).read_bytes() == CONTENT
            (tmp_path / NAME).unlink()
        broken.shutdown()
        thread.join()
    assert server.asked[0] == (NAME, "bytes=50-")


def test_a_server_that_says_nothing_is_given_up(server, tmp_path):
    server.stall = threading.Event()
    with pytest.raises(ConnectionError, match="timed out"):
        get(server, tmp_path, timeout=0.2)
    server.stall.set()


def test_offline_it_says_what_to_do(tiny, monkeypatch, tmp_path):
    with Server() as closed:
        address = closed.address
    monkeypatch.setattr(loader_module(), "MIRRORS", (address,))
    with pytest.raises(ConnectionError) as caught:
        data.mnist(tmp_path / "new")
    message = str(caught.value)
    assert f"MNIST is not in {tmp_path / 'new'} and could not be downloaded" in message
    assert f"{address}{NAME}" in message and "refused" in message
    assert "use data.digits(), 1,797 digits of 8 × 8 pixels that come with nnlab" in message
    assert all(name in message for name in ARRAYS)


def test_files_put_there_by_hand_are_used(tiny, tmp_path):
    for name, content in CONTENTS.items():
        (tmp_path / name).write_bytes(content)
    assert data.mnist(tmp_path)[0][0].shape == (20, 784)
    assert tiny.asked == []


def test_what_is_expected_is_the_published_data_set():
    files = loader_module().FILES
    assert list(files) == list(ARRAYS)
    assert sum(size for _, size in files.values()) == 11_594_722
    assert all(len(bytes.fromhex(sha256)) == 32 for sha256, _ in files.values())
    assert all(mirror.startswith("https://") and mirror.endswith("/") for mirror in loader_module().MIRRORS)


def test_a_file_that_is_no_idx_file_is_named(tmp_path):
    for content in (b"\x00\x00\x09\x01\x00\x00\x00\x01x", b"\x00\x00\x08\x01\x00\x00\x00\x02x"):
        (tmp_path / "labels.gz").write_bytes(gzip.compress(content))
        with pytest.raises(ValueError, match=r"labels.gz is no IDX file of bytes"):
            loader_module()._read(tmp_path / "labels.gz")

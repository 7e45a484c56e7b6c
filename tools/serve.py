"""Serve the built site on this machine: `python tools/serve.py`. Text is compressed, as any real web server does."""

import argparse
import errno
import gzip
import io
import sys
from functools import lru_cache, partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import BinaryIO

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "_build" / "html"
HOST = "127.0.0.1"
PORTS_TRIED = 100
LAST_PORT = 65_535
COMPRESSED = ("text/", "image/svg+xml", "application/json", "application/javascript")


@lru_cache(maxsize=256)
def compressed(path: Path, _modified: int) -> bytes:
    """The file's content under gzip, kept until the file changes."""
    return gzip.compress(path.read_bytes(), compresslevel=9, mtime=0)


class Handler(SimpleHTTPRequestHandler):
    """Files of one folder, quietly: no listing of folders, no log of requests."""

    protocol_version = "HTTP/1.1"
    extensions_map = {  # noqa: RUF012 -- the base class's own name, which machines fill differently
        **SimpleHTTPRequestHandler.extensions_map,
        ".js": "text/javascript; charset=utf-8",
        ".css": "text/css; charset=utf-8",
        ".html": "text/html; charset=utf-8",
        ".svg": "image/svg+xml",
        ".woff2": "font/woff2",
        ".bin": "application/octet-stream",
    }

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the address is all a reader needs."""

    def list_directory(self, path: str) -> None:  # type: ignore[override]
        self.send_error(HTTPStatus.NOT_FOUND, "No such page")

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def send_head(self) -> io.BytesIO | BinaryIO | None:
        path = Path(self.translate_path(self.path))
        kind = self.guess_type(str(path))
        accepts = "gzip" in self.headers.get("Accept-Encoding", "")
        if not (accepts and path.is_file() and kind.startswith(COMPRESSED)):
            return super().send_head()
        content = compressed(path, path.stat().st_mtime_ns)
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Vary", "Accept-Encoding")
        self.end_headers()
        return io.BytesIO(content)


def open_server(site: Path = SITE, port: int = 8000) -> ThreadingHTTPServer:
    """A server of the folder at the given port, or at the next free one; port 0 lets the system choose."""
    if not (site / "index.html").is_file():
        raise FileNotFoundError(f"There is no site in {site}; `make site` builds it.")
    handler = partial(Handler, directory=str(site))
    last = min(port + PORTS_TRIED - 1, LAST_PORT)
    for candidate in range(port, last + 1):
        try:
            return ThreadingHTTPServer((HOST, candidate), handler)
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
    raise OSError(f"No port from {port} to {last} is free; choose another with --port.")


def address(server: ThreadingHTTPServer) -> str:
    """Where a browser finds the server."""
    return f"http://{HOST}:{server.server_address[1]}/"


def port_number(text: str) -> int:
    """The number of a port; 0 lets the system choose."""
    number = int(text) if text.isascii() and text.isdigit() else -1
    if not 0 <= number <= LAST_PORT:
        raise argparse.ArgumentTypeError(f"must be a whole number from 0 to {LAST_PORT}, got {text!r}")
    return number


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=port_number, default=8000, help="the first port to try (default: 8000)")
    parser.add_argument("--site", type=Path, default=SITE, help="the folder to serve (default: _build/html)")
    options = parser.parse_args(arguments)
    try:
        server = open_server(options.site, options.port)
    except OSError as error:
        print(error, file=sys.stderr)
        return 1
    with server:
        try:
            print(f"Read the course at {address(server)}  (Ctrl-C stops)", flush=True)
            server.serve_forever()
        except KeyboardInterrupt:
            print()
    return 0


if __name__ == "__main__":
    sys.exit(main())

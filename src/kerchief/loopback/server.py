"""The server: on loopback only, and silent."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import uvicorn

from kerchief.errors import UsageError

if TYPE_CHECKING:
    from starlette.types import ASGIApp

HOST = "127.0.0.1"
#: An answer that takes longer is dropped when the server stops.
GRACE_SECONDS = 3


class Silent(uvicorn.Server):
    """Without logs, lifespan events and WebSockets; answers do not say what serves them.

    Args:
        app: what is served.
    """

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                log_level="critical",
                access_log=False,
                lifespan="off",
                ws="none",
                server_header=False,
                date_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )


def listening(port: int, subject: str) -> socket.socket:
    """A socket that only this machine can reach.

    Args:
        port: to listen on; 0: any that is free.
        subject: what the user named the port with.

    Raises:
        UsageError: the port is taken, or not for us.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if os.name == "posix":  # elsewhere it would let two servers share a port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen()
    except OSError as error:
        listener.close()
        reason = (error.strerror or "failed").lower()
        raise UsageError(subject, f"port {port} can't be used ({reason})", "Choose another, or leave it out.") from None
    return listener


def address_of(listener: socket.socket) -> str:
    """The address under which a browser finds it, as "http://127.0.0.1:8000"."""
    return f"http://{HOST}:{listener.getsockname()[1]}"

"""Which ports of this machine are free to listen on?"""

from __future__ import annotations

import socket

from desirepath.errors import InputError

TRIED = 100
"""Ports that are tried before giving up."""


def is_taken(host: str, port: int) -> bool:
    """Whether somebody listens there already; port 0, which stands for any, never is."""
    if port == 0:
        return False
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does: one that has closed is free
        try:
            one.bind((host, port))
        except OSError:
            return True
    return False


def free_from(host: str, port: int) -> int:
    """The first free port from this one on.

    Raises
    ------
    InputError
        If none is free among the next hundred.
    """
    for one in range(port, min(port + TRIED, 65536)):
        if not is_taken(host, one):
            return one
    raise InputError(f"No port of {host} from {port} to {port + TRIED - 1} is free to listen on.")

"""What passes between the server, the warm process and the workers.

Server to worker: the length of a question, then its name, a new line and the body as JSON.
Worker to server: status, whether the worker ends now, the length of the answer, the answer.

Server to warm process: a command and two numbers; the command to fork comes with the socket
of the new worker. The warm process answers with a word and a number.
"""

from __future__ import annotations

import struct

__all__ = [
    "ANSWER",
    "COMMAND",
    "FORK",
    "FORKED",
    "KILL",
    "NICE",
    "QUESTION",
    "REPORT",
    "WARM",
    "question_frame",
]

QUESTION = struct.Struct("!I")
ANSWER = struct.Struct("!H?I")
COMMAND = struct.Struct("!cii")
REPORT = struct.Struct("!ci")

FORK, KILL, NICE = b"f", b"k", b"n"
FORKED, WARM = b"f", b"w"


def question_frame(name: str, body: bytes) -> bytes:
    """A question as it is sent to a worker."""
    content = name.encode() + b"\n" + body
    return QUESTION.pack(len(content)) + content

"""supervisord's configuration file."""

from __future__ import annotations

import os
import pwd
import shlex
from collections.abc import Sequence
from pathlib import Path

from deploy.stack.processes import Process


def text(state: Path, socket: Path, processes: Sequence[Process]) -> str:
    """The file: `processes` declared in their order, none of them started by the supervisor on its own."""
    sections: dict[str, dict[str, object]] = {
        "unix_http_server": {"file": socket, "chmod": "0700"},
        "rpcinterface:supervisor": {
            "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
        },
        "supervisord": {
            "nodaemon": "true",
            "silent": "true",
            "logfile": state / "logs" / "supervisor.log",
            "logfile_maxbytes": "10MB",
            "pidfile": state / "supervisor.pid",
            "user": pwd.getpwuid(os.getuid()).pw_name,
            # Cleaning up would delete logs in a temporary folder that other stacks share.
            "nocleanup": "true",
            "childlogdir": state / "logs",
        },
    }
    for order, one in enumerate(processes, 1):
        sections[f"program:{one.name}"] = {
            "command": shlex.join(one.command),
            "directory": state,
            "environment": ",".join(f"{name}={_quoted(value)}" for name, value in one.environment.items()),
            "autostart": "false",
            "priority": order,  # ended in reverse
            "autorestart": "true",
            # A start that does not last so long is a failure; the n-th failure in a row is followed by n seconds.
            "startsecs": 5,
            "startretries": 8,
            "stopsignal": "TERM",
            "stopwaitsecs": int(one.stop_within),
            "stopasgroup": "true",
            "killasgroup": "true",
            "redirect_stderr": "true",
            "stdout_logfile": state / "logs" / f"{one.name}.log",
            "stdout_logfile_maxbytes": "20MB",
            "stdout_logfile_backups": 3,
        }
    return "\n".join(
        f"[{title}]\n" + "".join(f"{name} = {_escaped(value)}\n" for name, value in settings.items())
        for title, settings in sections.items()
    )


def _escaped(value: object) -> str:
    return str(value).replace("%", "%%")


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'

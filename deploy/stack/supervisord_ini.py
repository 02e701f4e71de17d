"""supervisord's configuration file."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from pathlib import Path

from deploy.stack.processes import Process


def text(socket: Path, processes: Sequence[Process]) -> str:
    """The file: `processes` declared in their order, none of them started by the supervisor on its own.

    Paths are relative to the state folder, in which it is started: supervisor expands some of them twice.
    """
    sections: dict[str, dict[str, object]] = {
        "unix_http_server": {"file": socket, "chmod": "0700"},
        "rpcinterface:supervisor": {
            "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
        },
        "supervisord": {
            "nodaemon": "true",
            "silent": "true",
            "logfile": "logs/supervisor.log",
            "logfile_maxbytes": "10MB",
            "pidfile": "supervisor.pid",
            # Cleaning up would delete logs in a temporary folder that other stacks share.
            "nocleanup": "true",
            "childlogdir": "logs",
        },
    }
    if os.getuid() == 0:
        sections["supervisord"]["user"] = "root"  # meant so: whoever starts a stack owns its processes
    for order, one in enumerate(processes, 1):
        sections[f"program:{one.name}"] = {
            "command": shlex.join(_with_environment(one)),
            "autostart": "false",
            "priority": order,  # ended in reverse
            "autorestart": "true",
            "startsecs": 5,
            "startretries": one.retries,
            "stopsignal": "TERM",
            "stopwaitsecs": int(one.stop_within),
            "stopasgroup": "true",
            "killasgroup": "true",
            "redirect_stderr": "true",
            "stdout_logfile": f"logs/{one.name}.log",
            "stdout_logfile_maxbytes": "20MB",
            "stdout_logfile_backups": 3,
        }
    return "\n".join(
        f"[{title}]\n" + "".join(f"{name} = {_escaped(value)}\n" for name, value in settings.items())
        for title, settings in sections.items()
    )


def _escaped(value: object) -> str:
    return str(value).replace("%", "%%")


def _with_environment(process: Process) -> tuple[str, ...]:
    """The command, through env(1): supervisor's own `environment` cannot hold quotes or a comma beside one."""
    if not process.environment:
        return process.command
    return ("/usr/bin/env", *(f"{name}={value}" for name, value in process.environment.items()), *process.command)

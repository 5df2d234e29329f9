"""What the examples run with: a broker, a PostgreSQL and a projector, each a process that can be killed and started again."""

import glob
import os
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg
import pytest

ROOT = Path(__file__).resolve().parents[2]
DEADLINE = 60.0


def eventually(condition, what):
    """Retries until the condition holds; the deadline is for what never gets there."""
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        if outcome := condition():
            return outcome
        time.sleep(0.005)
    pytest.fail(f"never came true: {what}")


class Process:
    """A program in a directory of its own, the output of its last start in a file there."""

    def __init__(self, name):
        self.name = name
        self.directory = tempfile.mkdtemp(prefix=f"respublica-{name}-")
        self.log = Path(self.directory) / "log"
        self.process = None

    def start_program(self, command, **options):
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                command, cwd=self.directory, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, **options
            )

    def running(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        assert self.running(), self.log.read_text()
        self.process.kill()
        self.process.wait()

    def terminate(self):
        """Asks it to end, and returns its exit code."""
        self.process.terminate()
        return self.process.wait(DEADLINE)

    def remove(self):
        if self.running():
            self.kill()
        shutil.rmtree(self.directory)


class Broker(Process):
    """The broker, on the port that the system chose at its first start."""

    def __init__(self, *arguments):
        super().__init__("broker")
        self.arguments = arguments
        self.port = 0

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}"

    def start(self):
        """Returns once it serves."""
        eventually(self._serves, "the broker serves")

    def _serves(self):
        if not self.running():
            program = os.environ.get("RESPUBLICA", str(ROOT / "build/release/respublica"))
            self.start_program([program, "--port", str(self.port), *self.arguments])
        log = self.log.read_text()
        # While it was down a connection of somebody else may have taken its port: then it tries again.
        assert self.running() or "Address already in use" in log, log
        ready = re.search(r"Ready to accept connections port=(\d+)", log)
        if ready:
            self.port = int(ready[1])
        return ready


class Postgres(Process):
    """PostgreSQL on a unix socket in its directory. It refuses to be root, who starts it as the user of its package."""

    def __init__(self):
        super().__init__("postgres")
        self.programs = self._programs()
        self.user = pwd.getpwuid(os.geteuid()).pw_name
        self.as_user = {}
        if os.geteuid() == 0:
            self.user = "postgres"
            self.as_user = {"user": "postgres", "group": "postgres", "extra_groups": []}
            shutil.chown(self.directory, "postgres", "postgres")
        self.data = os.path.join(self.directory, "data")
        initdb = [f"{self.programs}/initdb", "-D", self.data, "-U", self.user, "-A", "trust", "-E", "UTF8", "--no-locale", "-N"]
        subprocess.run(initdb, check=True, cwd=self.directory, stdout=subprocess.DEVNULL, **self.as_user)

    @staticmethod
    def _programs():
        """The directory of its programs. Debian has one for each version, and not in $PATH."""
        debian = sorted(glob.glob("/usr/lib/postgresql/*/bin/postgres"), key=lambda path: int(path.split("/")[4]))
        found = shutil.which("postgres") or (debian or [None])[-1]
        assert found, "needs PostgreSQL (Debian package postgresql)"
        return os.path.dirname(os.path.realpath(found))

    @property
    def environment(self):
        """What libpq connects with. Whatever else psql and the projector would read is out of the way."""
        return {
            "PGHOST": self.directory,
            "PGUSER": self.user,
            "PGDATABASE": "postgres",
            "DATABASE_URL": "",
            "PSQLRC": os.devnull,
        }

    def connect(self):
        return psycopg.connect(host=self.directory, user=self.user, dbname="postgres", autocommit=True)

    def start(self):
        """Returns once it serves. After a kill its first start may fail: backends of the killed one still end."""
        eventually(self._serves, "PostgreSQL serves")

    def _serves(self):
        if not self.running():
            command = [f"{self.programs}/postgres", "-D", self.data, "-k", self.directory, "-c", "listen_addresses="]
            self.start_program(command, **self.as_user)
        try:
            self.connect().close()
            return True
        except psycopg.OperationalError:
            return False


class Projector(Process):
    """examples/cqrs/projector.py."""

    def __init__(self, broker, database):
        super().__init__("projector")
        self.environment = {**os.environ, "REDIS_URL": broker.url, **database.environment}

    def start(self):
        program = str(ROOT / "examples/cqrs/projector.py")
        self.start_program([sys.executable, "-B", program], env=self.environment)

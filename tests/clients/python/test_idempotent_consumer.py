"""redis-py: a consumer that keeps the IDs of what it has done beside its effects has each effect once."""

import os
import sqlite3
import subprocess
import sys
import textwrap

from conftest import eventually
from test_streams import stream  # noqa: F401 (fixture)

# Adds numbers to a balance. The ID of each entry is written in the transaction of its effect; XACK comes after that, and
# now and then the process is gone in between: the entry is delivered again.
CONSUMER = textwrap.dedent(
    """
    import os, redis, sqlite3, sys
    host, port, stream, path = sys.argv[1:]
    client = redis.Redis(host=host, port=int(port))
    database = sqlite3.connect(path, timeout=60, isolation_level=None)
    name = str(os.getpid())
    left = 20
    while True:
        entries = client.xautoclaim(stream, "g", name, 50, count=5)[1]
        for _, new in client.xreadgroup("g", name, {stream: ">"}, count=5, block=20) or []:
            entries += new
        for entry_id, fields in entries:
            database.execute("BEGIN IMMEDIATE")
            if database.execute("INSERT OR IGNORE INTO done VALUES (?)", [entry_id]).rowcount == 1:
                database.execute("UPDATE account SET balance = balance + ?", [int(fields[b"number"])])
            else:
                database.execute("UPDATE account SET repeated = repeated + 1")
            database.execute("COMMIT")
            left -= 1
            if left == 0:
                os._exit(1)
            client.xack(stream, "g", entry_id)
    """
)


def test_effects_are_there_exactly_once(client, address, stream, tmp_path):
    total = 200
    client.xgroup_create(stream, "g", id="0", mkstream=True)
    for number in range(total):
        client.xadd(stream, {"number": number})
    path = tmp_path / "account.db"
    database = sqlite3.connect(path, timeout=60)
    database.executescript(
        "CREATE TABLE done (id BLOB PRIMARY KEY); CREATE TABLE account (balance INTEGER, repeated INTEGER);"
        "INSERT INTO account VALUES (0, 0);"
    )
    arguments = [sys.executable, "-c", CONSUMER, address["host"], str(address["port"]), stream, str(path)]
    consumers = [subprocess.Popen(arguments, env=os.environ) for _ in range(2)]

    def is_over():
        for index, consumer in enumerate(consumers):
            if consumer.poll() is not None:
                consumers[index] = subprocess.Popen(arguments, env=os.environ)
        [group] = client.xinfo_groups(stream)
        return group["pending"] == 0 and group["lag"] == 0

    try:
        eventually(is_over, "all entries acknowledged")
    finally:
        for consumer in consumers:
            consumer.kill()
            consumer.wait()
    balance, repeated = database.execute("SELECT balance, repeated FROM account").fetchone()
    assert balance == sum(range(total))
    # Each process that went left one entry that was done and not acknowledged.
    assert repeated >= 5

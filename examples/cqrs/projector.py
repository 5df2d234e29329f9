#!/usr/bin/env python3
"""Follows the events of all accounts ($ce:account) and keeps a read model of them in PostgreSQL.

The position in the channel is stored in the transaction that stores what the events up to it have changed. So each event
has its effect exactly once, whatever is killed and started again, and wherever: this program, the broker, the database.

    projector.py        until SIGTERM or Ctrl-C; the broker: $REDIS_URL, or the one on this machine;
                        the database: $DATABASE_URL, or what libpq's $PGHOST, $PGDATABASE... say
To build the read model anew, drop its three tables and start the projector.
"""

import os
import signal
import time

import psycopg
import redis

CHANNEL = "$ce:account"
BATCH = 100  # events in one transaction, at most
BLOCK_MS = 1000  # less than redis-py's socket_timeout; SIGTERM is noticed after so long at the latest
PAUSE_S = 0.2  # before it connects again

SCHEMA = """
CREATE TABLE IF NOT EXISTS projection (channel text PRIMARY KEY, position text NOT NULL);
CREATE TABLE IF NOT EXISTS balances
    (account text PRIMARY KEY, owner text NOT NULL, balance bigint NOT NULL, events bigint NOT NULL);
CREATE TABLE IF NOT EXISTS statement
    (line bigint GENERATED ALWAYS AS IDENTITY, account text NOT NULL, event text NOT NULL, type text NOT NULL,
     change bigint NOT NULL, position text NOT NULL);
"""


class MovedOn(Exception):
    """Another projector has stored a position meanwhile."""


def change_of(event):
    """By how much an event changes the balance. Events of types that this read model does not know change nothing."""
    match event["type"]:
        case "Deposited":
            return int(event["amount"])
        case "Withdrawn":
            return -int(event["amount"])
        case "Undone":
            return int(event["change"])
        case _:
            return 0


def project(database, position, event):
    """What one event does to the read model."""
    account = event["$channel"].partition(":")[2]
    change = change_of(event)
    database.execute(
        "INSERT INTO balances VALUES (%(account)s, %(owner)s, %(change)s, 1) ON CONFLICT (account)"
        " DO UPDATE SET balance = balances.balance + %(change)s, events = balances.events + 1",
        {"account": account, "owner": event.get("owner", ""), "change": change},
    )
    database.execute(
        "INSERT INTO statement (account, event, type, change, position) VALUES (%s, %s, %s, %s, %s)",
        (account, event["$id"], event["type"], change, position),
    )


def load_position(database):
    """Where to go on; at the first start, the beginning."""
    with database.transaction():
        database.execute(SCHEMA)
        database.execute("INSERT INTO projection VALUES (%s, '0') ON CONFLICT DO NOTHING", (CHANNEL,))
        return database.execute("SELECT position FROM projection WHERE channel = %s", (CHANNEL,)).fetchone()[0]


def apply(database, position, entries):
    """Stores a batch and the position behind it, both or neither. Returns that position."""
    last = entries[-1][0]
    with database.transaction():
        # First of all, since it locks the row: two projectors cannot apply the same batch.
        moved = database.execute(
            "UPDATE projection SET position = %s WHERE channel = %s AND position = %s", (last, CHANNEL, position)
        )
        if moved.rowcount != 1:
            raise MovedOn(f"the position is not {position} any more")
        for entry_id, event in entries:
            project(database, entry_id, event)
    return last


class Projector:
    def __init__(self, broker_url, database_url):
        self.broker_url = broker_url
        self.database_url = database_url
        self.stopping = False

    def stop(self, *_):
        self.stopping = True

    def run(self):
        """Follows until it is stopped. After any error of a connection it begins again at the stored position."""
        while not self.stopping:
            try:
                with (
                    psycopg.connect(self.database_url, autocommit=True, connect_timeout=5) as database,
                    redis.Redis.from_url(self.broker_url, decode_responses=True) as broker,
                ):
                    self.follow(database, broker)
            except (psycopg.OperationalError, redis.ConnectionError, redis.TimeoutError, MovedOn) as error:
                print(f"begins again: {error}", flush=True)
                time.sleep(PAUSE_S)

    def follow(self, database, broker):
        position = load_position(database)
        print(f"reads {CHANNEL} behind {position}", flush=True)
        while not self.stopping:
            for _, entries in broker.xread({CHANNEL: position}, count=BATCH, block=BLOCK_MS):
                position = apply(database, position, entries)


if __name__ == "__main__":
    projector = Projector(os.environ.get("REDIS_URL", "redis://127.0.0.1:6379"), os.environ.get("DATABASE_URL", ""))
    signal.signal(signal.SIGTERM, projector.stop)
    signal.signal(signal.SIGINT, projector.stop)
    projector.run()

"""Writers that change accounts all the time, whatever happens to the broker."""

import random
import threading
import time
import uuid
from collections import Counter

import redis

from accounts import Accounts, Refused

ACCOUNTS = [str(number) for number in range(1, 9)]


class Writers:
    """Threads that send commands to a few accounts from `with` to its end; each is repeated until it has an answer,
    or until the end."""

    def __init__(self, url, seed, count=4):
        self.url = url
        self.stopping = threading.Event()
        self.acknowledged = [[] for _ in range(count)]  # of each thread: (account, command)
        self.outcomes = [Counter() for _ in range(count)]
        self.failures = []
        self.threads = [
            threading.Thread(target=self._write, args=(random.Random(f"{seed}-{number}"), acknowledged, outcomes))
            for number, (acknowledged, outcomes) in enumerate(zip(self.acknowledged, self.outcomes))
        ]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def count(self):
        assert not self.failures, self.failures
        return sum(map(len, self.acknowledged))

    def _write(self, chance, acknowledged, outcomes):
        try:
            with redis.Redis.from_url(self.url, decode_responses=True) as broker:
                accounts = Accounts(broker)
                while not self.stopping.is_set():
                    number, command = chance.choice(ACCOUNTS), uuid.uuid4().hex
                    self._send(accounts, number, command, self._choose(chance, accounts), acknowledged, outcomes)
        except Exception as failure:  # whatever it is, the test is to fail of it
            self.failures.append(failure)

    @staticmethod
    def _choose(chance, accounts):
        """A change: what it does with an account and a command."""
        amount = chance.randint(1, 100)
        kind = chance.choice(("deposit", "deposit", "withdraw", "undo"))

        def change(number, command):
            account = accounts.load(number)
            if not account.revision:
                return accounts.open(number, f"owner of {number}", command)
            if kind == "undo":
                return accounts.undo(number, max(account.changes, default=0), command)
            return getattr(accounts, kind)(number, amount, command)

        return change

    def _send(self, accounts, number, command, change, acknowledged, outcomes):
        while not self.stopping.is_set():
            try:
                change(number, command)
                acknowledged.append((number, command))
                outcomes["acknowledged"] += 1
                return
            except Refused:
                outcomes["refused"] += 1
                return
            except (redis.ConnectionError, redis.TimeoutError):
                outcomes["sent again"] += 1
                time.sleep(0.01)

#!/usr/bin/env python3
"""Bank accounts that are stored as nothing but their events.

The account 42 is the channel account:42; its event number n has the ID 0-n. Whoever decides something about an account
adds the event with the number behind the last one that it has seen. If somebody else was faster the broker refuses,
and it decides again. The broker has the rule: durable account:* append-only yes.

    accounts.py open ACCOUNT OWNER | deposit ACCOUNT CENTS | withdraw ACCOUNT CENTS | undo ACCOUNT EVENT
    accounts.py show ACCOUNT | history ACCOUNT           (the broker: $REDIS_URL, or the one on this machine)
"""

import os
import sys
import uuid
from dataclasses import dataclass, field

import redis

# How Redis says that an ID is taken: an event with this number is there already.
TAKEN = "equal or smaller"


class Refused(Exception):
    """A rule of the business says no. Nothing has been added."""


@dataclass
class Account:
    """What the events of one account amount to. Decides without touching the broker."""

    number: str
    revision: int = 0  # events so far
    owner: str = ""
    balance: int = 0  # cents
    changes: dict[int, int] = field(default_factory=dict)  # event number -> change that can still be undone
    commands: set[str] = field(default_factory=set)  # handled so far

    def apply(self, event):
        """Takes note of the next event."""
        self.revision += 1
        self.commands.add(event["command"])
        match event["type"]:
            case "Opened":
                self.owner = event["owner"]
            case "Deposited":
                self.changes[self.revision] = int(event["amount"])
                self.balance += int(event["amount"])
            case "Withdrawn":
                self.changes[self.revision] = -int(event["amount"])
                self.balance -= int(event["amount"])
            case "Undone":
                self.balance -= self.changes.pop(int(event["event"]))

    def open(self, owner):
        if self.revision:
            raise Refused(f"account {self.number} is open already")
        return {"type": "Opened", "owner": owner}

    def deposit(self, amount):
        self._check_open()
        if amount <= 0:
            raise Refused("a deposit is more than nothing")
        return {"type": "Deposited", "amount": amount}

    def withdraw(self, amount):
        self._check_open()
        if amount <= 0:
            raise Refused("a withdrawal is more than nothing")
        if amount > self.balance:
            raise Refused(f"account {self.number} has {self.balance}, not {amount}")
        return {"type": "Withdrawn", "amount": amount}

    def undo(self, event):
        """Events stay: what was wrong is compensated by another event."""
        if event not in self.changes:
            raise Refused(f"account {self.number} has no event {event} that can be undone")
        change = self.changes[event]
        if change > self.balance:
            raise Refused(f"account {self.number} has {self.balance}, not {change}")
        return {"type": "Undone", "event": event, "change": -change}

    def _check_open(self):
        if not self.revision:
            raise Refused(f"there is no account {self.number}")


class Accounts:
    """All accounts of a broker (a redis.Redis with decode_responses=True).

    Each change takes the ID of its command. A command that was handled already changes nothing more, so after an error
    of the network the caller, and redis-py by itself, can send it again.
    """

    def __init__(self, broker):
        self.broker = broker

    def load(self, number):
        return self._catch_up(Account(number))

    def open(self, number, owner, command=None):
        return self._handle(number, command, lambda account: account.open(owner))

    def deposit(self, number, amount, command=None):
        return self._handle(number, command, lambda account: account.deposit(amount))

    def withdraw(self, number, amount, command=None):
        return self._handle(number, command, lambda account: account.withdraw(amount))

    def undo(self, number, event, command=None):
        return self._handle(number, command, lambda account: account.undo(event))

    def _handle(self, number, command, decide):
        """Adds the event that is decided on the newest state. Returns the account as it is then."""
        command = command or uuid.uuid4().hex
        account = Account(number)
        while True:
            self._catch_up(account)
            if command in account.commands:
                return account
            event = {**decide(account), "command": command}
            try:
                self.broker.xadd(f"account:{number}", event, id=f"0-{account.revision + 1}")
            except redis.ResponseError as error:
                if TAKEN not in str(error):
                    raise
            else:
                account.apply(event)
                return account

    def _catch_up(self, account):
        """Applies the events that the account has not seen."""
        for _, event in self.broker.xrange(f"account:{account.number}", min=f"(0-{account.revision}"):
            account.apply(event)
        return account


def main(action, number, *values):
    url = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379")
    with redis.Redis.from_url(url, decode_responses=True) as broker:
        if action == "history":
            for event_id, event in broker.xrange(f"account:{number}"):
                print(event_id, *(f"{name}={value}" for name, value in event.items() if name != "command"))
            return
        accounts = Accounts(broker)
        match action, *values:
            case "open", owner:
                account = accounts.open(number, owner)
            case "deposit" | "withdraw" | "undo", value:
                account = getattr(accounts, action)(number, int(value))
            case ("show",):
                account = accounts.load(number)
            case _:
                sys.exit(__doc__)
        print(f"account {number} of {account.owner}: {account.balance} after {account.revision} events")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except Refused as refusal:
        sys.exit(f"refused: {refusal}")

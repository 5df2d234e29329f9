"""examples/cqrs/projector.py: each event has its effect once, whatever is killed.

$EXAMPLES_ROUNDS: how many kills (10); $EXAMPLES_SEED: of what writers do, and when it kills (by chance).
"""

import os
import random
import time
from collections import Counter

import pytest

from accounts import Accounts
from processes import Projector, eventually
from writers import Writers

ROUNDS = int(os.environ.get("EXAMPLES_ROUNDS", "10"))


@pytest.fixture
def projectors(server, database):
    """Makes projectors of the broker and the database, and ends them after the test."""
    made = []

    def make():
        made.append(Projector(server, database))
        made[-1].start()
        return made[-1]

    yield make
    for projector in made:
        projector.remove()


def stored(database, query):
    """What the database answers, or nothing while it has no such table."""
    with database.connect() as connection:
        exists = connection.execute("SELECT to_regclass('statement')").fetchone()[0]
        return connection.execute(query).fetchall() if exists else []


def position(database):
    return next((row[0] for row in stored(database, "SELECT position FROM projection")), "0")


def caught_up(database, broker):
    return position(database) == broker.xrevrange("$ce:account", count=1)[0][0]


def assert_read_model_is_what_replay_gives(database, broker):
    """Nothing is missing, nothing is there twice, and everything in the order of the channel."""
    events = broker.xrange("$ce:account")
    lines = stored(database, "SELECT account, event, position FROM statement ORDER BY line")
    doubles = [line for line, count in Counter(lines).items() if count > 1]
    assert doubles == [], "applied more than once"
    assert lines == [(event["$channel"].removeprefix("account:"), event["$id"], place) for place, event in events]
    replayed = [Accounts(broker).load(key.removeprefix("account:")) for key in broker.keys("account:*")]
    assert sum(account.revision for account in replayed) == len(events)
    assert sorted(stored(database, "SELECT * FROM balances")) == sorted(
        (account.number, account.owner, account.balance, account.revision) for account in replayed
    )


def assert_acknowledged_is_there_once(writers, broker):
    commands = Counter((event["$channel"].removeprefix("account:"), event["command"]) for _, event in broker.xrange("$ce:account"))
    assert [command for command, count in commands.items() if count > 1] == [], "commands handled twice"
    acknowledged = [command for commands in writers.acknowledged for command in commands]
    assert [command for command in acknowledged if command not in commands] == [], "acknowledged and not there"


def test_the_read_model_follows_and_ends_in_order(accounts, broker, database, projectors):
    projector = projectors()
    accounts.open("42", "Ada")
    accounts.deposit("42", 100)
    accounts.withdraw("42", 30)
    accounts.undo("42", 3)
    accounts.open("43", "Bob")
    eventually(lambda: len(stored(database, "SELECT * FROM statement")) == 5, "all events are applied")
    assert sorted(stored(database, "SELECT * FROM balances")) == [("42", "Ada", 100, 4), ("43", "Bob", 0, 1)]
    assert_read_model_is_what_replay_gives(database, broker)
    assert projector.terminate() == 0
    assert "Traceback" not in projector.log.read_text()


def test_the_read_model_can_be_built_anew(accounts, broker, database, projectors):
    accounts.open("42", "Ada")
    accounts.deposit("42", 100)
    first = projectors()
    eventually(lambda: stored(database, "SELECT * FROM statement") and caught_up(database, broker), "the first has caught up")
    assert first.terminate() == 0
    with database.connect() as connection:
        connection.execute("DROP TABLE projection, balances, statement")
    projectors()
    eventually(lambda: caught_up(database, broker), "the second has caught up")
    assert_read_model_is_what_replay_gives(database, broker)


def test_several_projectors_of_one_read_model_apply_each_event_once(server, broker, database, projectors):
    projectors()
    eventually(lambda: stored(database, "SELECT position FROM projection"), "the tables are there")
    projectors()
    projectors()
    with Writers(server.url, seed=1) as writers:
        eventually(lambda: writers.count() >= 500, "writers write")
    eventually(lambda: caught_up(database, broker), "the projectors have caught up")
    assert_read_model_is_what_replay_gives(database, broker)


class Rounds:
    """One thing is killed in each round, and started again, while writers write and the projector follows."""

    def __init__(self, server, database, projector, chance):
        self.server, self.database, self.projector, self.chance = server, database, projector, chance
        self.kills = Counter()

    def victims(self, number):
        if number == ROUNDS // 2:
            return ["database"]
        return (["projector"], ["broker"], ["projector", "broker"])[number % 3]

    def run(self, writers):
        for number in range(ROUNDS):
            self._await_progress(writers)
            victims = [(name, self._process(name)) for name in self.victims(number)]
            for name, process in victims:
                process.kill()
                self.kills[name] += 1
            for _, process in victims:
                process.start()
        self._await_progress(writers)

    def _process(self, name):
        return {"projector": self.projector, "broker": self.server, "database": self.database}[name]

    def _await_progress(self, writers):
        """Until some events have been applied, and then as many as chance wants have been acknowledged."""
        place = position(self.database)
        eventually(lambda: position(self.database) != place, "the projector goes on")
        count = writers.count() + self.chance.randint(1, 60)
        eventually(lambda: writers.count() >= count, "writers go on")


def test_nothing_is_missed_and_nothing_applied_twice_whatever_is_killed(server, broker, database, projectors):
    seed = os.environ.get("EXAMPLES_SEED", str(random.randrange(1 << 32)))
    print(f"EXAMPLES_SEED={seed}")
    begin = time.monotonic()
    projector = projectors()
    rounds = Rounds(server, database, projector, random.Random(seed))
    with Writers(server.url, seed) as writers:
        rounds.run(writers)
    eventually(lambda: caught_up(database, broker), "the projector has caught up")
    assert projector.terminate() == 0
    assert_acknowledged_is_there_once(writers, broker)
    assert_read_model_is_what_replay_gives(database, broker)
    outcomes = sum(writers.outcomes, Counter())
    print(f"{ROUNDS} rounds in {time.monotonic() - begin:.1f} s, killed {dict(rounds.kills)}, {dict(outcomes)}")
    print(f"{broker.xlen('$ce:account')} events, each applied once")


def test_a_projector_waits_for_a_broker_and_a_database_that_are_not_there(server, broker, database, projectors):
    Accounts(broker).open("42", "Ada")
    server.kill()
    database.kill()
    projector = projectors()
    eventually(lambda: "begins again" in projector.log.read_text(), "the projector misses the database")
    database.start()
    eventually(lambda: str(server.port) in projector.log.read_text(), "the projector misses the broker")
    server.start()
    eventually(lambda: caught_up(database, broker), "the projector has caught up")
    assert_read_model_is_what_replay_gives(database, broker)

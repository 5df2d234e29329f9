"""examples/event_sourcing/accounts.py, against the broker."""

import json
import threading
from collections import Counter

import pytest
import redis

from accounts import Account, Accounts, Refused
from processes import DEADLINE


def test_events_of_an_account_are_numbered_in_its_own_channel(accounts, broker):
    accounts.open("42", "Ada", command="a")
    accounts.deposit("42", 100, command="b")
    accounts.withdraw("42", 30, command="c")
    assert broker.xrange("account:42") == [
        ("0-1", {"type": "Opened", "owner": "Ada", "command": "a"}),
        ("0-2", {"type": "Deposited", "amount": "100", "command": "b"}),
        ("0-3", {"type": "Withdrawn", "amount": "30", "command": "c"}),
    ]
    assert broker.keys("*") == ["account:42"]


def test_replay_gives_the_state_that_the_writer_had_also_after_a_kill(accounts, server):
    accounts.open("42", "Ada")
    accounts.deposit("42", 100)
    accounts.withdraw("42", 30)
    accounts.open("43", "Bob")
    written = accounts.undo("42", 3)
    assert (written.owner, written.balance, written.revision) == ("Ada", 100, 4)
    server.kill()
    server.start()
    assert accounts.load("42") == written


@pytest.mark.parametrize(
    "decide, why",
    [
        (lambda accounts: accounts.withdraw("42", 101), "account 42 has 100, not 101"),
        (lambda accounts: accounts.open("42", "Eve"), "open already"),
        (lambda accounts: accounts.deposit("7", 1), "there is no account 7"),
        (lambda accounts: accounts.deposit("42", 0), "more than nothing"),
        (lambda accounts: accounts.withdraw("42", -5), "more than nothing"),
        (lambda accounts: accounts.undo("42", 1), "no event 1 that can be undone"),
    ],
)
def test_a_rule_refuses_and_nothing_is_added(accounts, broker, decide, why):
    accounts.open("42", "Ada")
    accounts.deposit("42", 100)
    with pytest.raises(Refused, match=why):
        decide(accounts)
    assert (broker.xlen("account:42"), broker.exists("account:7")) == (2, 0)


def test_the_second_of_two_writers_with_one_revision_gets_the_error_of_redis(broker, server):
    broker.xadd("account:42", {"type": "Opened"}, id="0-1")
    with redis.Redis(port=server.port) as second:
        broker.xadd("account:42", {"type": "Deposited"}, id="0-2")
        with pytest.raises(redis.ResponseError) as refused:
            second.xadd("account:42", {"type": "Withdrawn"}, id="0-2")
    assert str(refused.value) == "The ID specified in XADD is equal or smaller than the target stream top item"
    assert [event["type"] for _, event in broker.xrange("account:42")] == ["Opened", "Deposited"]


class FasterWriter:
    """A broker's client before whose first XADD somebody else's change is made."""

    def __init__(self, broker, change):
        self.broker = broker
        self.change = change

    def xrange(self, *arguments, **options):
        return self.broker.xrange(*arguments, **options)

    def xadd(self, *arguments, **options):
        change, self.change = self.change, lambda: None
        change()
        return self.broker.xadd(*arguments, **options)


def test_who_comes_second_decides_again_on_the_new_state(accounts, broker):
    accounts.open("42", "Ada")
    accounts.deposit("42", 100)
    slow = Accounts(FasterWriter(broker, lambda: accounts.withdraw("42", 60)))
    with pytest.raises(Refused, match="account 42 has 40, not 50"):
        slow.withdraw("42", 50)
    slow = Accounts(FasterWriter(broker, lambda: accounts.withdraw("42", 10)))
    assert slow.withdraw("42", 30).balance == 0
    assert accounts.load("42").revision == 5


def test_many_writers_of_one_account_never_overdraw_it(server, accounts):
    accounts.open("42", "Ada")
    accounts.deposit("42", 100)
    outcomes = []

    def withdraw():
        with redis.Redis(port=server.port, decode_responses=True) as broker:
            for _ in range(20):
                try:
                    Accounts(broker).withdraw("42", 5)
                    outcomes.append("withdrawn")
                except Refused:
                    outcomes.append("refused")

    threads = [threading.Thread(target=withdraw) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(outcomes) == {"withdrawn": 20, "refused": 60}
    account = accounts.load("42")
    assert (account.balance, account.revision) == (0, 22)


def test_a_command_that_is_sent_again_changes_nothing_more(accounts, broker):
    accounts.open("42", "Ada", command="open")
    first = accounts.deposit("42", 100, command="pay")
    accounts.withdraw("42", 100, command="take")
    assert accounts.deposit("42", 100, command="pay").balance == 0
    assert accounts.withdraw("42", 100, command="take").balance == 0
    assert accounts.open("42", "Ada", command="open").revision == 3
    assert (first.balance, broker.xlen("account:42")) == (100, 3)


def test_an_answer_that_was_lost_does_not_double_the_event(accounts, broker):
    """redis-py sends a command again after an error of the connection: the first XADD may have been done."""

    class LosesAnswer(FasterWriter):
        def xadd(self, *arguments, **options):
            self.broker.xadd(*arguments, **options)
            return self.broker.xadd(*arguments, **options)

    accounts.open("42", "Ada")
    assert Accounts(LosesAnswer(broker, None)).deposit("42", 100).balance == 100
    assert accounts.load("42").revision == 2


def test_undo_adds_an_event_that_compensates_and_only_once(accounts, broker):
    accounts.open("42", "Ada")
    accounts.deposit("42", 100)
    accounts.withdraw("42", 30)
    assert accounts.undo("42", 3).balance == 100
    assert [event["type"] for _, event in broker.xrange("account:42")] == ["Opened", "Deposited", "Withdrawn", "Undone"]
    with pytest.raises(Refused, match="no event 3 that can be undone"):
        accounts.undo("42", 3)
    with pytest.raises(Refused, match="no event 4 that can be undone"):
        accounts.undo("42", 4)
    accounts.withdraw("42", 60)
    with pytest.raises(Refused, match="account 42 has 40, not 100"):
        accounts.undo("42", 2)


@pytest.mark.parametrize(
    "command",
    [
        "XDEL account:42 0-1",
        "XTRIM account:42 MAXLEN 0",
        "XTRIM account:42 MINID 0-2",
        "XADD account:42 MAXLEN 1 0-3 type Forged",
        "DEL account:42",
        "UNLINK account:42",
        "EXPIRE account:42 1",
        "FLUSHALL",
        "FLUSHDB",
    ],
)
def test_the_audit_log_stays_whatever_a_client_asks(accounts, broker, command):
    accounts.open("42", "Ada")
    accounts.deposit("42", 100)
    before = broker.xrange("account:42")
    with pytest.raises(redis.ResponseError) as refused:
        broker.execute_command(*command.split())
    assert str(refused.value) == "the channel is append-only: its entries stay"
    assert broker.xrange("account:42") == before


def test_an_account_of_thousands_of_events_is_replayed(accounts, broker):
    accounts.open("42", "Ada")
    with broker.pipeline(transaction=False) as pipe:
        for number in range(2, 5001):
            pipe.xadd("account:42", {"type": "Deposited", "amount": 1, "command": str(number)}, id=f"0-{number}")
        pipe.execute()
    account = accounts.load("42")
    assert (account.balance, account.revision) == (4999, 5000)
    assert isinstance(account, Account)


def deposit_and_withdraw(pipe):
    """Both in one transaction, decided on revision 1."""
    pipe.xadd("account:42", {"type": "Deposited", "amount": 100, "command": "both"}, id="0-2")
    pipe.xadd("account:42", {"type": "Withdrawn", "amount": 70, "command": "both"}, id="0-3")


def test_several_events_are_added_together_under_a_watch(accounts, broker):
    accounts.open("42", "Ada")
    with broker.pipeline() as pipe:
        pipe.watch("account:42")
        accounts.deposit("42", 1)
        pipe.multi()
        deposit_and_withdraw(pipe)
        with pytest.raises(redis.WatchError):
            pipe.execute()
    assert accounts.load("42").revision == 2


def test_without_a_watch_the_second_event_may_be_added_where_the_first_is_refused(accounts, broker):
    accounts.open("42", "Ada")
    accounts.deposit("42", 1)
    with broker.pipeline() as pipe:
        deposit_and_withdraw(pipe)
        refused, added = pipe.execute(raise_on_error=False)
    assert "equal or smaller" in str(refused)
    assert added == "0-3"


def test_one_account_is_watched_from_a_revision_on(accounts, broker):
    accounts.open("42", "Ada", command="a")
    accounts.deposit("42", 100, command="b")
    with broker.pubsub(ignore_subscribe_messages=True) as watcher:
        watcher.subscribe("$since:0-1:account:42")
        accounts.withdraw("42", 30, command="c")
        messages = (watcher.get_message(timeout=DEADLINE) for _ in range(3))
        events = [json.loads(message["data"]) for message in messages if message]
    assert events == [
        {"type": "Deposited", "amount": "100", "command": "b"},
        {"type": "Withdrawn", "amount": "30", "command": "c"},
    ]

"""Scripts that nobody wrote: conversations of a few clients, drawn from a seed, with the messages that each must hear.

A small model of subscriptions says how many messages to await on which connection; what they contain is for the two servers
to agree on."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from corpus_format import Script, parse_corpus

CHANNELS = ["a", "b", "ab", "ba", "news.art", "news.music", '""', "x"]
PATTERNS = {"*": lambda c: c != "", "a*": lambda c: c.startswith("a"), "?": lambda c: len(c) == 1, "news.*": lambda c: c.startswith("news."),
            "[ab]": lambda c: c in ("a", "b"), "ab": lambda c: c == "ab", "nothing?": lambda c: False}  # fmt: skip
CLIENTS = "ABC"


@dataclass
class Client:
    channels: set[str] = field(default_factory=set)
    patterns: set[str] = field(default_factory=set)
    shards: set[str] = field(default_factory=set)

    def hears(self, channel: str) -> int:
        name = channel.strip('"')
        return (channel in self.channels) + sum(PATTERNS[pattern](name) for pattern in self.patterns)


@dataclass
class Conversation:
    draw: random.Random
    resp3: bool
    lines: list[str] = field(default_factory=list)
    clients: dict[str, Client] = field(default_factory=lambda: {name: Client() for name in CLIENTS})

    def some(self, names: list[str]) -> list[str]:
        return [self.draw.choice(names) for _ in range(self.draw.randint(1, 3))]

    def subscribe(self, who: str) -> None:
        client = self.clients[who]
        kind, names, held = self.draw.choice(
            [("", CHANNELS, client.channels), ("P", list(PATTERNS), client.patterns), ("S", CHANNELS, client.shards)]
        )
        chosen = self.some(names)
        if self.draw.random() < 0.6:
            held.update(chosen)
            self.lines.append(f"{who}: {kind}SUBSCRIBE {' '.join(chosen)}")
        elif self.draw.random() < 0.3:
            held.clear()
            self.lines.append(f"{who} %names-in-any-order: {kind}UNSUBSCRIBE")
        else:
            held.difference_update(chosen)
            self.lines.append(f"{who}: {kind}UNSUBSCRIBE {' '.join(chosen)}")

    def may_publish(self, who: str) -> bool:
        client = self.clients[who]
        return self.resp3 or not (client.channels or client.patterns or client.shards)

    def publish(self, who: str) -> None:
        count, shard = self.draw.choice([1, 1, 1, 2, 5]), self.draw.random() < 0.25
        command = "SPUBLISH" if shard else "PUBLISH"
        chosen = [self.draw.choice(CHANNELS) for _ in range(count)]
        heard = {name: 0 for name in CLIENTS}
        requests = []
        for number, channel in enumerate(chosen):
            requests.append(f"{command} {channel} m{number}{'x' * self.draw.choice([0, 1, 20, 600])}")
            for name, client in self.clients.items():
                heard[name] += (channel in client.shards) if shard else client.hears(channel)
        multi = self.draw.random() < 0.2 and not heard[who]
        if multi:
            requests = ["MULTI", *requests, "EXEC"]
        if self.may_publish(who):
            self.lines.append(f"{who} pipe %any-order: {' | '.join(requests)}")
            self.lines += [f"{name} await {n} %any-order" for name, n in heard.items() if n and name != who]
        else:
            self.lines.append(f"{who}: {command} {chosen[0]} refused")

    def look(self, who: str) -> None:
        self.lines.append(
            self.draw.choice(
                [f"{who}: PING", f"{who}: PING hi", f"{who} %unordered: PUBSUB CHANNELS", f"{who} %unordered: PUBSUB CHANNELS a*",
                 f"{who}: PUBSUB NUMSUB a b ab", f"{who}: PUBSUB NUMPAT", f"{who}: PUBSUB SHARDNUMSUB a b x",
                 f"{who} %unordered: PUBSUB SHARDCHANNELS", f"{who}: NOSUCH x", f"{who}: PUBLISH", f"{who}: EXEC"]
            )
        )  # fmt: skip

    def leave(self, who: str) -> None:
        self.clients[who] = Client()
        if self.draw.random() < 0.5 and not self.resp3:
            self.lines.append(f"{who}: RESET")
        else:
            self.lines.append(f"{who} [close]: QUIT")


def conversation(seed: int, protocol: str, steps: int = 60) -> Script:
    talk = Conversation(random.Random(seed), protocol == "resp3")
    for _ in range(steps):
        action = talk.draw.choices([talk.subscribe, talk.publish, talk.look, talk.leave], [5, 6, 3, 0.4])[0]
        action(talk.draw.choice(CLIENTS))
    return parse_corpus(f"== conversation-{seed}\n" + "\n".join(talk.lines), "random")[0]


PIECES = [b"*1\r\n$4\r\nPING\r\n", b"*2\r\n$4\r\nECHO\r\n$3\r\nabc\r\n", b"PING\r\n", b"ECHO \"a b\"\r\n", b"*0\r\n", b"\r\n", b"*-1\r\n",
          b"*2\r\n$3\r\nFOO\r\n$1\r\nx\r\n", b"*3\r\n$9\r\nSUBSCRIBE\r\n$1\r\na\r\n$1\r\na\r\n", b"*2\r\n$11\r\nUNSUBSCRIBE\r\n$1\r\na\r\n", b"ECHO 'it'\n",
          b"*3\r\n$7\r\nPUBLISH\r\n$1\r\nz\r\n$1\r\nm\r\n", b"*1\r\n$5\r\nMULTI\r\n", b"*1\r\n$4\r\nEXEC\r\n", b"ECHO \"\\x41\"\r\n"]  # fmt: skip
ODD = [b"*", b"$", b"\r", b"\n", b"\r\n", b"-", b"0", b"1", b"9", b"+", b":", b" ", b'"', b"'", b"\\", b"\xff", b"x", b"\t", b"%", b"_"]


def mangled_requests(seed: int) -> bytes:
    """A pipeline with a few bytes changed, lost or added. No null bytes: Redis's inline reader stops at them."""
    draw = random.Random(seed)
    data = b"".join(draw.choice(PIECES) for _ in range(draw.randint(1, 8)))
    for _ in range(draw.randint(0, 3)):
        at = draw.randrange(len(data) + 1)
        keep = at + draw.choice([0, 0, 1, 1, 1, 2])
        data = data[:at] + draw.choice([*ODD, b""]) + data[keep:]
    return data

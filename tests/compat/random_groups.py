"""Scripts that nobody wrote: one client with a few streams, groups and consumers, drawn from a seed.

Consumers are made before they read, since Redis 7.0 and 7.2 differ in which commands make one that gets nothing."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from corpus_format import Script, parse_corpus

STREAMS = ["s", "t"]
GROUPS = ["g", "h"]
CONSUMERS = ["a", "b", "c"]
FULL = "%number-after(radix-tree-keys,radix-tree-nodes) %consumer-times %entries-read"


@dataclass
class GroupConversation:
    draw: random.Random
    lines: list[str] = field(default_factory=list)
    last: dict[str, int] = field(default_factory=lambda: {stream: 0 for stream in STREAMS})

    def say(self, request: str, normalisers: str = "") -> None:
        self.lines.append(f"A {normalisers}: {request}" if normalisers else f"A: {request}")

    def place(self) -> tuple[str, str]:
        return self.draw.choice(STREAMS), self.draw.choice(GROUPS)

    def consumer(self) -> str:
        return self.draw.choice(CONSUMERS)

    def entry(self, stream: str) -> str:
        return f"1-{self.draw.randint(1, max(self.last[stream], 1))}"

    def entries(self, stream: str) -> str:
        return " ".join(self.entry(stream) for _ in range(self.draw.randint(1, 4)))

    def different_entries(self, stream: str) -> str:
        return " ".join(sorted({self.entry(stream) for _ in range(self.draw.randint(1, 4))}))

    def some_count(self) -> str:
        return self.draw.choice(["", "", f" COUNT {self.draw.randint(0, 5)}"])

    def make(self, stream: str, group: str, options: str = "") -> None:
        self.say(f"XGROUP CREATE {stream} {group} {self.draw.choice(['0', '$', self.entry(stream)])} MKSTREAM{options}")
        for consumer in CONSUMERS:
            self.say(f"XGROUP CREATECONSUMER {stream} {group} {consumer}")

    def add(self) -> None:
        stream = self.draw.choice(STREAMS)
        for _ in range(self.draw.randint(1, 4)):
            self.last[stream] += self.draw.choice([1, 1, 1, 3])
            trim = self.draw.choice(["", "", "", "", " MAXLEN 6", f" MINID {self.entry(stream)}"])
            self.say(f"XADD {stream}{trim} 1-{self.last[stream]} f {self.draw.randint(0, 99)}")

    def read(self) -> None:
        streams = self.draw.choice([["s"], ["t"], ["s", "t"], ["t", "s"], ["s", "s"]])
        places = [self.draw.choice([">", ">", ">", "0", self.entry(stream)]) for stream in streams]
        noack = self.draw.choice(["", "", "", " NOACK"])
        group = f"GROUP {self.draw.choice(GROUPS)} {self.consumer()}"
        self.say(f"XREADGROUP {group}{self.some_count()}{noack} STREAMS {' '.join(streams)} {' '.join(places)}")

    def acknowledge(self) -> None:
        stream, group = self.place()
        self.say(f"XACK {stream} {group} {self.entries(stream)}")

    def delete(self) -> None:
        stream = self.draw.choice(STREAMS)
        self.say(
            self.draw.choice(
                [f"XDEL {stream} {self.entries(stream)}", f"XTRIM {stream} MAXLEN {self.draw.randint(0, 8)}",
                 f"XTRIM {stream} MINID {self.entry(stream)}"]
            )
        )  # fmt: skip

    def claim(self) -> None:
        stream, group = self.place()
        idle = self.draw.choice(["0", "0", "600000"])
        options = "".join(
            option
            for option in [" JUSTID", " FORCE", " RETRYCOUNT 4", " IDLE 700000", " TIME 1000", f" LASTID {self.entry(stream)}"]
            if self.draw.random() < 0.2
        )
        self.say(f"XCLAIM {stream} {group} {self.consumer()} {idle} {self.different_entries(stream)}{options}")

    def claim_idle(self) -> None:
        stream, group = self.place()
        count = self.draw.choice(["", f" COUNT {self.draw.randint(1, 4)}"])
        options = count + self.draw.choice(["", " JUSTID"])
        idle, start = self.draw.choice(["0", "600000"]), self.draw.choice(["0", self.entry(stream)])
        self.say(f"XAUTOCLAIM {stream} {group} {self.consumer()} {idle} {start}{options}")

    def look(self) -> None:
        stream, group = self.place()
        request, normalisers = self.draw.choice(
            [(f"XPENDING {stream} {group}", ""), (f"XPENDING {stream} {group} - + 100", "%pending-times"),
             (f"XPENDING {stream} {group} {self.entry(stream)} + 3 {self.consumer()}", "%pending-times"),
             (f"XPENDING {stream} {group} IDLE 600000 - + 100", "%pending-times"),
             (f"XINFO GROUPS {stream}", "%entries-read"), (f"XINFO CONSUMERS {stream} {group}", "%consumer-times"),
             (f"XINFO STREAM {stream} FULL{self.some_count()}", FULL), (f"XRANGE {stream} - +", "")]
        )  # fmt: skip
        self.say(request, normalisers)

    def change_group(self) -> None:
        stream, group = self.place()
        action = self.draw.random()
        if action < 0.4:
            read = self.draw.choice(["", f" ENTRIESREAD {self.draw.randint(0, 9)}"])
            self.say(f"XGROUP SETID {stream} {group} {self.draw.choice(['0', '$', self.entry(stream)])}{read}")
        elif action < 0.7:
            consumer = self.consumer()
            self.say(f"XGROUP DELCONSUMER {stream} {group} {consumer}")
            self.say(f"XGROUP CREATECONSUMER {stream} {group} {consumer}")
        elif action < 0.95:
            self.say(f"XGROUP DESTROY {stream} {group}")
            self.make(stream, group, self.draw.choice(["", f" ENTRIESREAD {self.draw.randint(0, 9)}"]))
        else:
            self.say(f"DEL {stream}")
            for each in GROUPS:
                self.make(stream, each)


def group_conversation(seed: int, steps: int = 80) -> Script:
    talk = GroupConversation(random.Random(seed))
    talk.say("FLUSHALL")
    for stream in STREAMS:
        for group in GROUPS:
            talk.make(stream, group)
    actions = [talk.add, talk.read, talk.acknowledge, talk.delete, talk.claim, talk.claim_idle, talk.look, talk.change_group]
    for _ in range(steps):
        talk.draw.choices(actions, [4, 6, 2, 1, 2, 2, 4, 1])[0]()
    for stream in STREAMS:
        talk.say(f"XINFO STREAM {stream} FULL COUNT 0", FULL)
    talk.say("FLUSHALL")
    return parse_corpus(f"== groups-{seed}\n" + "\n".join(talk.lines), "random")[0]

// Dead letters that no delivery has caused.

#include "broker/dead_letters.h"

#include "tests/broker/ruled_sequencer.h"

namespace respublica {
namespace {

using namespace test;
using std::chrono::milliseconds;
using std::chrono::seconds;

DurableCommand unheard(std::string channel, std::string_view value) {
  DurableCommand command = add_live(std::move(channel), "*", value);
  std::get<AppendEntry>(command.change).is_unheard = true;
  return command;
}

/// An append with the limits of a rule, as the server sends it.
DurableCommand add_limited(std::string_view value, std::uint64_t most) {
  DurableCommand command = add("s", "*", value);
  std::get<AppendEntry>(command.change).limits.entries = most;
  return command;
}

struct Trimming : RuledSequencer {
  Trimming() : RuledSequencer("s maxlen 3 dlq-trimmed yes") {}

  void add_values(const std::string& values) {
    for (const char value : values) run(add_limited(std::string(1, value), 3));
    settle();
  }
};

/// The dead letters of s have no ID left, those of t have. Each has an entry and a group, t half a second after s.
struct OneFails : RuledSequencer {
  explicit OneFails(const std::string& limits) : RuledSequencer("* dlq dead:%channel " + limits) {
    listener.put_failures(failures);
    run(add("dead:s", "18446744073709551615-18446744073709551615"));
    for (const char* const channel : {"s", "t"}) {
      run(add(channel, "*", "v"));
      DurableCommand group = make_group();
      group.channel = channel;
      run(group);
      DurableCommand read = read_new("c");
      std::get<ReadGroup>(read.change).places[0].channel = channel;
      run(read);
      pass(milliseconds(500));
    }
  }

  std::vector<std::string> failures;
};

}  // namespace

TEST_CASE("what nobody was there for is copied to the dead letters, in the same commit") {
  RuledSequencer by_hand("s dlq-undelivered yes");
  by_hand.run(unheard("s", "lost"));
  CHECK(by_hand.letters() == "undelivered 1000-0 - - 0 lost");
  CHECK(by_hand.shown("s") == "1000-0=lost");
  by_hand.run(add_live("s", "*", "heard"));
  by_hand.run(make_group("$"));
  by_hand.run(unheard("s", "kept for the group"));
  CHECK(by_hand.letters() == "undelivered 1000-0 - - 0 lost");
  by_hand.run({"s", DropGroup{"g"}});
  by_hand.run(unheard("s", "again"));
  CHECK(by_hand.letters() == "undelivered 1000-0 - - 0 lost, undelivered 1000-3 - - 0 again");
}

TEST_CASE("without the option, and among dead letters, nobody need be there") {
  RuledSequencer plain("s");
  plain.run(unheard("s", "lost"));
  CHECK(plain.letters().empty());
  RuledSequencer dead("* dlq-undelivered yes");
  dead.run(unheard("dlq", "by hand"));
  CHECK(dead.shown("dlq") == "1000-0=by hand");
}

TEST_CASE_METHOD(Trimming, "what limits take off while a group wants it becomes a dead letter") {
  run(make_group("0", {}, MissingStream::make));
  add_values("ab");
  CHECK(answer(read_new("c")) == "s: 1000-0=a 1000-1=b");
  answer(acknowledge("1000-0"));
  add_values("cdefg");
  CHECK(shown("s") == "1000-4=e 1000-5=f 1000-6=g");
  CHECK(letters() == "maxlen 1000-1 g c 1 b, maxlen 1000-2 g - 0 c, maxlen 1000-3 g - 0 d");
  CHECK(answer(list_pending()).empty());
  CHECK(answer(read_new("c")) == "s: 1000-4=e 1000-5=f 1000-6=g");
  settle();
}

TEST_CASE_METHOD(Trimming, "without a group limits act at once, and without a trace") {
  for (const char value : std::string("abcde")) run(add_limited(std::string(1, value), 3));
  CHECK(shown("s") == "1000-2=c 1000-3=d 1000-4=e");
  CHECK(letters().empty());
}

TEST_CASE_METHOD(Trimming, "many entries that a limit takes off go one lot after the other") {
  run(make_group("0", {}, MissingStream::make));
  std::vector<DurableCommand> commands;
  for (int i = 0; i < 1000; ++i) commands.push_back(add_limited("v", 3));
  commit(std::move(commands));
  settle();
  CHECK(sequencer.streams().find("s")->length() == 3);
  CHECK(sequencer.streams().find("dlq")->length() == 997);
}

TEST_CASE("a dead letter that cannot be written holds up no other, and is tried again every second") {
  OneFails by_hand("max-deliveries 1 ack-wait 60s");
  by_hand.pass(seconds(59));
  by_hand.settle();
  CHECK(by_hand.failures.size() == 1);
  CHECK(by_hand.letters("dead:t").empty());
  by_hand.pass(milliseconds(500));
  by_hand.settle();
  CHECK(by_hand.letters("dead:t") == "max-deliveries 1500-0 g c 1 v");
  CHECK(by_hand.failures.size() == 1);
  by_hand.pass(milliseconds(500));
  by_hand.settle();
  CHECK(by_hand.failures.size() == 2);
  CHECK(by_hand.answer({"s", CountPending{"g"}}) == "1 1000-0 1000-0 c=1");
}

TEST_CASE("a channel whose oldest entry cannot become a dead letter holds up no other") {
  OneFails by_hand("ttl 10s");
  by_hand.pass(seconds(9));
  by_hand.settle();
  CHECK(by_hand.failures.size() == 1);
  by_hand.pass(milliseconds(500));
  by_hand.settle();
  CHECK(by_hand.letters("dead:t") == "expired 1500-0 g c 1 v");
  CHECK(by_hand.shown("s") == "1000-0=v");
}

TEST_CASE("what is too old by maxage becomes a dead letter too") {
  RuledSequencer by_hand("s maxage 30s dlq-trimmed yes");
  by_hand.run(add("s", "*", "old"));
  by_hand.run(make_group("0"));
  by_hand.live(seconds(60));
  // Until then nothing says that the first one was written before now.
  by_hand.run(add("other", "*"));
  by_hand.live(seconds(60));
  CHECK(by_hand.letters() == "maxlen 1000-0 g - 0 old");
  CHECK(by_hand.shown("s").empty());
}

}  // namespace respublica

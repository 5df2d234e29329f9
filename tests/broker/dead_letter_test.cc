#include "broker/dead_letter.h"

#include <string>

#include "tests/broker/durable_commands.h"
#include "tests/support/catch.h"

namespace respublica {
namespace {

using namespace test;

const FieldList kOwn = {{"dlq.reason", "rejected"}, {"dlq.channel", "orders"}, {"dlq.id", "5-1"},
                        {"dlq.group", "billing"},   {"dlq.dead-ms", "70"},     {"dlq.deaths", "3"}};

std::string with(FieldList rest) {
  FieldList all = kOwn;
  all.insert(all.end(), rest.begin(), rest.end());
  return encoded(all);
}

}  // namespace

TEST_CASE("a dead letter says where its entry died, and has its fields") {
  const std::string bytes = with({{"payload", "x"}, {"dlq.note", "y"}});
  const std::optional<DeadLetter> letter = DeadLetter::read(bytes);
  REQUIRE(letter);
  CHECK(letter->reason() == "rejected");
  CHECK(letter->channel() == "orders");
  CHECK(letter->id() == StreamId{5, 1});
  CHECK(letter->group() == "billing");
  CHECK(letter->dead_ms() == 70);
  CHECK(letter->deaths() == 3);
  CHECK(letter->has_original());
  CHECK(field_list(letter->original()) == FieldList{{"payload", "x"}, {"dlq.note", "y"}});
  CHECK(field_list(letter->revived()) == FieldList{{"payload", "x"}, {"dlq.note", "y"}, {"dlq.redriven-from", "5-1"}});
}

TEST_CASE("an entry that was added again keeps the ID that it had first") {
  const std::string bytes = with({{"payload", "x"}, {"dlq.redriven-from", "2-0"}});
  CHECK(field_list(DeadLetter::read(bytes)->revived()) == FieldList{{"payload", "x"}, {"dlq.redriven-from", "2-0"}});
}

TEST_CASE("a letter's own fields may come in any order, and end at the first that is none or is there already") {
  const std::string bytes = encoded({{"dlq.id", "5-1"},
                                     {"dlq.channel", "orders"},
                                     {"dlq.reason", "mine"},
                                     {"dlq.reason", "another"},
                                     {"dlq.group", "not the letter's"}});
  const std::optional<DeadLetter> letter = DeadLetter::read(bytes);
  REQUIRE(letter);
  CHECK(letter->reason() == "mine");
  CHECK(letter->group().empty());
  CHECK(letter->deaths() == 1);
  CHECK(field_list(letter->original()) == FieldList{{"dlq.reason", "another"}, {"dlq.group", "not the letter's"}});
}

TEST_CASE("a letter whose entry was gone has no fields of it") {
  CHECK_FALSE(DeadLetter::read(with({{"dlq.payload", "missing"}}))->has_original());
  CHECK_FALSE(DeadLetter::read(with({}))->has_original());
  CHECK(DeadLetter::read(with({{"dlq.payload", "missing"}, {"a", "b"}}))->has_original());
  CHECK(DeadLetter::read(with({{"dlq.payload", "x"}}))->has_original());
}

TEST_CASE("what has no reason, channel and ID is no dead letter") {
  CHECK_FALSE(DeadLetter::read(""));
  CHECK_FALSE(DeadLetter::read(encoded({{"payload", "x"}})));
  CHECK_FALSE(DeadLetter::read(encoded({{"dlq.reason", "r"}, {"dlq.channel", "c"}})));
  CHECK_FALSE(DeadLetter::read(encoded({{"dlq.reason", "r"}, {"dlq.channel", "c"}, {"dlq.id", "x"}})));
  CHECK_FALSE(DeadLetter::read(encoded({{"a", "b"}, {"dlq.reason", "r"}, {"dlq.channel", "c"}, {"dlq.id", "1-1"}})));
}

TEST_CASE("numbers that are none count as not there") {
  const std::string bytes = encoded(
      {{"dlq.reason", "r"}, {"dlq.channel", "c"}, {"dlq.id", "1-1"}, {"dlq.dead-ms", "1x"}, {"dlq.deaths", "0"}});
  CHECK(DeadLetter::read(bytes)->dead_ms() == 0);
  CHECK(DeadLetter::read(bytes)->deaths() == 1);
}

}  // namespace respublica

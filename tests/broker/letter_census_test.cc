#include "broker/letter_census.h"

#include <string>
#include <utility>
#include <vector>

#include "storage/record.h"
#include "tests/support/catch.h"

namespace respublica {
namespace {

std::string letter(const std::string& channel, const std::string& reason, const std::string& dead_ms = "") {
  FieldsWriter fields(dead_ms.empty() ? 4 : 5);
  fields.add("dlq.reason", reason);
  fields.add("dlq.channel", channel);
  fields.add("dlq.id", "1-0");
  fields.add("dlq.group", "g");
  if (!dead_ms.empty()) fields.add("dlq.dead-ms", dead_ms);
  return fields.take();
}

}  // namespace

TEST_CASE("dead letters are counted by where and why their entries died") {
  LetterCensus census;
  census.add("dlq", {10, 0}, letter("a", "rejected", "7"));
  census.add("dlq", {11, 0}, letter("a", "rejected", "5"));
  census.add("dlq", {12, 0}, letter("a", "expired"));
  census.add("dead", {13, 0}, letter("a", "rejected", "9"));
  FieldsWriter other(1);
  other.add("payload", "no letter");
  census.add("dlq", {14, 0}, other.take());
  REQUIRE(census.all().size() == 3);
  const LetterCensus::Count& rejected = census.all().at({"dlq", "a", "g", "rejected"});
  CHECK(rejected.letters == 2);
  CHECK(rejected.oldest_ms == 5);
  CHECK(rejected.newest_ms == 7);
  CHECK(census.all().at({"dlq", "a", "g", "expired"}).oldest_ms == 12);
  CHECK(census.all().at({"dead", "a", "g", "rejected"}).letters == 1);
}

}  // namespace respublica

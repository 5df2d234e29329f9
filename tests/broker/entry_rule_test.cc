#include "broker/entry_rule.h"

#include <utility>
#include <vector>

#include "storage/record.h"
#include "tests/support/catch.h"

namespace respublica {
namespace {

using std::chrono::milliseconds;

std::string fields_with(const std::vector<std::pair<std::string, std::string>>& pairs) {
  FieldsWriter writer(pairs.size());
  for (const auto& [name, value] : pairs) writer.add(name, value);
  return writer.take();
}

/// What the rule reads of one field, or the error.
std::string read(const EntryRule& rule, const std::string& name, const std::string& value) {
  const Result<EntryTiming> timing = rule.timing_of(fields_with({{"f", "v"}, {name, value}}));
  if (!timing) return timing.error().message;
  std::string text;
  if (timing.value().ttl_ms) text += "ttl " + std::to_string(*timing.value().ttl_ms);
  if (timing.value().deliver_at_ms) text += "at " + std::to_string(*timing.value().deliver_at_ms);
  if (timing.value().deliver_in_ms) text += "in " + std::to_string(*timing.value().deliver_in_ms);
  return text.empty() ? "nothing" : text;
}

constexpr EntryRule kTtl{milliseconds(100), false, false};
constexpr EntryRule kOwnTtl{milliseconds(0), true, false};
constexpr EntryRule kDelayed{milliseconds(0), false, true};

}  // namespace

TEST_CASE("reserved fields are those that the rule knows") {
  CHECK(read(kOwnTtl, "ttl-ms", "5") == "ttl 5");
  CHECK(read(kTtl, "ttl-ms", "5") == "ttl 5");
  CHECK(read(kDelayed, "deliver-at", "7000") == "at 7000");
  CHECK(read(kDelayed, "deliver-in-ms", "9223372036854775807") == "in 9223372036854775807");
  CHECK(read(kDelayed, "ttl-ms", "x") == "nothing");
  CHECK(read(kOwnTtl, "deliver-at", "x") == "nothing");
  CHECK(read(EntryRule(), "ttl-ms", "5") == "nothing");
  CHECK(read(kOwnTtl, "TTL-MS", "5") == "nothing");
}

TEST_CASE("a reserved field that makes no sense is an error") {
  for (const std::string value : {"", "0", "-1", "x", "1x", " 1", "1.5", "9223372036854775808"}) {
    CHECK(read(kOwnTtl, "ttl-ms", value) == "the field 'ttl-ms' must be a number of milliseconds, at least 1");
    CHECK(read(kDelayed, "deliver-at", value) == "the field 'deliver-at' must be a number of milliseconds, at least 1");
    CHECK(read(kDelayed, "deliver-in-ms", value) ==
          "the field 'deliver-in-ms' must be a number of milliseconds, at least 1");
  }
}

TEST_CASE("an entry is too old when its own time or that of its channel is over") {
  const std::string plain = fields_with({{"f", "v"}});
  const std::string own = fields_with({{"ttl-ms", "50"}});
  CHECK_FALSE(kTtl.is_over({1000, 5}, plain, 1099));
  CHECK(kTtl.is_over({1000, 5}, plain, 1100));
  CHECK(kTtl.is_over({1000, 5}, own, 1050));
  CHECK_FALSE(kTtl.is_over({1000, 5}, own, 1049));
  CHECK_FALSE(kOwnTtl.is_over({1000, 0}, plain, 999'999));
  CHECK(kOwnTtl.is_over({1000, 0}, own, 1050));
  // The clock was set back.
  CHECK_FALSE(kOwnTtl.is_over({1000, 0}, own, 10));
  CHECK_FALSE(EntryRule().is_over({1, 0}, own, 999'999));
  CHECK(kTtl.first_alive(1100) == StreamId{1001, 0});
  CHECK(kTtl.first_alive(99) == kMinStreamId);
  CHECK(kOwnTtl.first_alive(1100) == kMinStreamId);
}

TEST_CASE("an entry waits until the later of its times, if that is to come") {
  CHECK_FALSE(EntryTiming().due_ms(1000).has_value());
  CHECK((EntryTiming{{}, 1001, {}}.due_ms(1000) == 1001));
  CHECK_FALSE((EntryTiming{{}, 1000, {}}.due_ms(1000).has_value()));
  CHECK((EntryTiming{{}, {}, 5}.due_ms(1000) == 1005));
  CHECK((EntryTiming{{}, 1003, 5}.due_ms(1000) == 1005));
  CHECK((EntryTiming{{}, 2000, 5}.due_ms(1000) == 2000));
}

TEST_CASE("what had an entry wait is not there when it has waited") {
  CHECK(without_delay(fields_with({{"deliver-at", "5"}, {"f", "v"}, {"deliver-in-ms", "6"}, {"ttl-ms", "7"}})) ==
        fields_with({{"f", "v"}, {"ttl-ms", "7"}}));
}

}  // namespace respublica

#include "server/setting_durable.h"

#include "server/setting_table.h"
#include "server/setting_words.h"
#include "tests/support/catch.h"

namespace respublica {
namespace {

/// CONFIG SET durable over no rules, then CONFIG GET; or why it was refused.
std::string after_set(const std::string& text) {
  const std::vector<SettingPair> pairs{{"durable", text}};
  const Result<Settings> changed = SettingTable::set(Settings{}, pairs);
  return changed ? get_durable(changed.value()) : changed.error().message;
}

Settings with_patterns(const std::vector<std::string>& patterns) {
  Settings settings;
  for (const std::string& pattern : patterns) settings.durable.add({pattern, {}, {}, {}, false});
  return settings;
}

}  // namespace

TEST_CASE("CONFIG SET durable takes all rules in one text and CONFIG GET normalises it") {
  CHECK(after_set("").empty());
  CHECK(after_set("a*") == "a*");
  CHECK(after_set("a* MAXLEN 010;b* maxage 24h maxbytes 1024kb ; c append-only yes;") ==
        "a* maxlen 10; b* maxage 1d maxbytes 1mb; c append-only yes");
  CHECK(after_set(" ; ;").empty());
  CHECK(after_set("'a;b' maxlen 1; \"c\\\"; d\"; 'e\\';'") == "\"a;b\" maxlen 1; \"c\\\"; d\"; \"e';\"");
}

TEST_CASE("CONFIG SET durable replaces all rules, or none when one is wrong") {
  const Settings before = with_patterns({"old"});
  const std::vector<SettingPair> good{{"durable", "new maxlen 5"}};
  const Result<Settings> changed = SettingTable::set(before, good);
  REQUIRE(changed);
  CHECK(get_durable(changed.value()) == "new maxlen 5");

  Settings settings = before;
  CHECK_FALSE(SettingTable::find("durable")->replace(settings, "new; $x"));
  CHECK(settings.durable == before.durable);
  CHECK(after_set("a; b retries 5") ==
        "ERR CONFIG SET failed (possibly related to argument 'durable') - unknown option 'retries' of a durable rule, "
        "there are: maxlen, maxage, maxbytes, append-only, max-deliveries, ack-wait, backoff, redeliver, dlq, "
        "consumer-timeout, dlq-undelivered, dlq-trimmed, order-by, on-dead, ttl, entry-ttl, delayed");
  CHECK(after_set("a \"b") ==
        "ERR CONFIG SET failed (possibly related to argument 'durable') - unbalanced quotes in a durable rule");
  CHECK(after_set("\"\" maxlen 5").ends_with("a durable rule begins with a pattern"));
}

TEST_CASE("several words are one rule, and a wrong one stores nothing") {
  Settings settings;
  CHECK(set_durable(settings, std::vector<std::string>{"a;b c", "maxlen", "5"}));
  REQUIRE(settings.durable.all().size() == 1);
  CHECK(settings.durable.all().front().pattern == "a;b c");
  CHECK_FALSE(set_durable(settings, std::vector<std::string>{"x; y maxlen 0"}));
  CHECK_FALSE(set_durable(settings, std::vector<std::string>{}));
  CHECK(settings.durable.all().size() == 1);
}

TEST_CASE("whatever the patterns, text and lines read back as the same rules") {
  Settings settings = with_patterns({"a*", "a b", "a;b", "a\"b", "a'b", "\"a\"", "'", ";", " ", "\\", "a\\*b", "#",
                                     std::string("\0\n\xff", 3), "[a b]*"});
  settings.durable.add({"c d", 5, {}, {}, false});
  CHECK(after_set(get_durable(settings)) == get_durable(settings));

  Settings from_lines;
  std::string lines = write_durable(settings);
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    const auto words = split_words(lines.substr(0, end));
    REQUIRE(words);
    CHECK(SettingTable::find("durable")->store(from_lines, *words));
    lines.erase(0, end + 1);
  }
  CHECK(from_lines.durable == settings.durable);
}

}  // namespace respublica

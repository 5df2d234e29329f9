#include "broker/durable_rules.h"

#include <sstream>

#include "storage/record.h"
#include "tests/support/catch.h"

namespace respublica {
namespace {

using std::chrono::milliseconds;

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

DurableRule rule_of(const std::string& text) {
  const Result<DurableRule> rule = parse_durable_rule(words_of(text));
  INFO((rule ? "" : rule.error().message));
  REQUIRE(rule);
  return rule.value();
}

/// The rule written back, or the error.
std::string normal(const std::string& text) {
  const Result<DurableRule> rule = parse_durable_rule(words_of(text));
  if (!rule) return rule.error().message;
  std::string line;
  for (const std::string& word : rule.value().words()) line += (line.empty() ? "" : " ") + word;
  return line;
}

DurableRules rules_from(const std::vector<std::string>& lines) {
  DurableRules rules;
  for (const std::string& line : lines) rules.add(rule_of(line));
  return rules;
}

/// The pattern of the rule that a channel has.
std::string found(const DurableRules& rules, std::string_view channel) {
  const DurableRule* rule = rules.find(channel);
  return rule == nullptr ? "none" : rule->pattern;
}

}  // namespace

TEST_CASE("a durable rule is a pattern and its options") {
  CHECK(rule_of("orders.*") == DurableRule{"orders.*", {}, {}, {}, false});
  CHECK(rule_of("orders.* append-only yes maxbytes 2kb maxage 90s MAXLEN 5") ==
        DurableRule{"orders.*", 5, milliseconds(90'000), 2048, true});
  CHECK(rule_of("a maxage 7ms").maxage == milliseconds(7));
  CHECK(rule_of("a maxage 2M").maxage == milliseconds(120'000));
  CHECK(rule_of("a maxage 2h").maxage == milliseconds(7'200'000));
  CHECK(rule_of("a maxage 2d").maxage == milliseconds(172'800'000));
  CHECK(rule_of("a maxbytes 7").maxbytes == 7);
  CHECK(rule_of("a maxbytes 7b").maxbytes == 7);
  CHECK(rule_of("a maxbytes 7GB").maxbytes == 7ULL << 30);
  CHECK(rule_of("a maxlen 9223372036854775807").maxlen == 9223372036854775807ULL);
}

TEST_CASE("a durable rule is written in its normal form, which reads back as itself") {
  CHECK(normal("a") == "a");
  CHECK(normal("a append-only NO") == "a");
  CHECK(normal("a Append-Only YES maxbytes 1024KB maxage 86400S maxlen 0010") ==
        "a maxlen 10 maxage 1d maxbytes 1mb append-only yes");
  CHECK(normal("a maxage 90s") == "a maxage 90s");
  CHECK(normal("a maxage 1500ms") == "a maxage 1500ms");
  CHECK(normal("a maxbytes 1025b") == "a maxbytes 1025");
  for (const std::string text : {"a", "*", "a maxlen 1 maxage 36h maxbytes 3gb append-only yes"}) {
    CHECK(normal(normal(text)) == text);
  }
}

TEST_CASE("a durable rule that makes no sense is refused with the reason") {
  CHECK(normal("") == "a durable rule begins with a pattern");
  CHECK(parse_durable_rule(std::vector<std::string>{"", "maxlen", "1"}).error().message ==
        "a durable rule begins with a pattern");
  CHECK(normal("$all") == "a durable rule's pattern cannot begin with '$': such names are the broker's own");
  CHECK(normal("a retries 5") ==
        "unknown option 'retries' of a durable rule, there are: maxlen, maxage, maxbytes, append-only, max-deliveries, "
        "ack-wait, backoff, redeliver, dlq, consumer-timeout, dlq-undelivered, dlq-trimmed, order-by, on-dead, ttl, "
        "entry-ttl, delayed");
  CHECK(normal("a retries") == normal("a retries 5"));
  CHECK(normal("a maxlen 1 maxlen 2") == "maxlen is there twice in one durable rule");
  CHECK(normal("a append-only no append-only yes") == "append-only is there twice in one durable rule");
  const std::pair<std::string, std::string> wrong[] = {
      {"maxlen", "a number of entries, at least 1"},
      {"maxage", "a duration of at least 1ms, with ms, s, m, h or d"},
      {"maxbytes", "a size of at least 1b, with b, kb, mb, gb or nothing"},
      {"append-only", "'yes' or 'no'"},
      {"ack-wait", "a duration of at least 1ms, with ms, s, m, h or d"},
      {"redeliver", "'yes' or 'no'"},
      {"consumer-timeout", "a duration of at least 1ms, with ms, s, m, h or d"},
      {"dlq-undelivered", "'yes' or 'no'"},
      {"dlq-trimmed", "'yes' or 'no'"},
      {"ttl", "a duration of at least 1ms, with ms, s, m, h or d"},
      {"entry-ttl", "'yes' or 'no'"},
      {"on-dead", "'skip' or 'hold'"},
      {"delayed", "'yes' or 'no'"},
  };
  for (const auto& [name, values] : wrong) {
    for (const std::string value : {"", " 0", " -1", " x", " 1x", " +1", " 1.5", " 9223372036854775808",
                                    " 99999999999999999999", " 9007199254740992kgb", " s"}) {
      CHECK(normal("a " + name + value) == name + " must be " + values);
    }
  }
  CHECK(normal("a maxage 5") == "maxage must be a duration of at least 1ms, with ms, s, m, h or d");
  CHECK(normal("a maxage 106751991168d") == normal("a maxage 5"));
  CHECK(normal("a maxbytes 8589934592gb") == normal("a maxbytes x"));
  CHECK(normal("a maxlen 1k") == normal("a maxlen x"));
}

TEST_CASE("a durable rule says what becomes of deliveries that fail") {
  const GroupRule rule =
      rule_of("a max-deliveries 3 ack-wait 200ms backoff 1s,2m REDELIVER yes dlq dlq:%channel").groups;
  GroupRule same;
  same.max_deliveries = 3;
  same.ack_wait = milliseconds(200);
  same.backoff = {milliseconds(1000), milliseconds(120'000)};
  same.redeliver = true;
  same.dlq = "dlq:%channel";
  CHECK(rule == same);
  CHECK(rule_of("a max-deliveries 0 backoff 0").groups.max_deliveries == 0);
  CHECK(rule_of("a max-deliveries 0 backoff 0").groups.backoff.empty());
  const GroupRule usual = rule_of("a").groups;
  CHECK(usual == GroupRule());
  CHECK(usual.max_deliveries == 5);
  CHECK(usual.ack_wait == milliseconds(60'000));
  CHECK(usual.dlq == "dlq");
  for (const std::string text :
       {"a max-deliveries 3 ack-wait 200ms backoff 1s,2m redeliver yes dlq dead", "a max-deliveries 0 backoff 0",
        "a maxlen 3 ack-wait 1d", "a consumer-timeout 10m", "a order-by customer on-dead hold",
        "a dlq-undelivered yes dlq-trimmed yes ttl 15m entry-ttl yes delayed yes"}) {
    CHECK(normal(text) == text);
  }
  CHECK(normal("a max-deliveries 5 ack-wait 60s backoff 1s,5s,30s,1m redeliver no dlq dlq") == "a");
  for (const std::string value : {"-1", "1001", "x", ""}) {
    CHECK(normal("a max-deliveries " + value) ==
          "max-deliveries must be a number from 0 (any number of deliveries) to 1000");
  }
  for (const std::string value : {"1", "1s,", ",1s", "1s,,2s", "0s", "1s,x"}) {
    CHECK(normal("a backoff " + value) == "backoff must be durations joined by commas, or 0");
  }
  CHECK(normal("a dlq $dead") ==
        "dlq must be the name of a channel, which does not begin with '$' and is more than %channel and %group");
}

TEST_CASE("the longest matching pattern decides, of two equally long ones the later") {
  const DurableRules rules = rules_from({"*", "orders.*", "orders.eu.*", "*.eu.12", "orders.e?.*", "exact"});
  CHECK(found(rules, "news") == "*");
  CHECK(found(rules, "orders.1") == "orders.*");
  CHECK(found(rules, "orders.eu.7") == "orders.e?.*");
  CHECK(found(rules, "orders.eu.12") == "orders.e?.*");
  CHECK(found(rules, "refunds.eu.12") == "*.eu.12");
  CHECK(found(rules, "exact") == "exact");
  CHECK(found(rules, "exact.") == "*");
}

TEST_CASE("a channel that no rule matches has none") {
  CHECK(found(DurableRules(), "a") == "none");
  const DurableRules rules = rules_from({"orders.*", "[ab]?c", "\\$x", "o*rt"});
  for (const std::string_view channel : {"", "orders", "Orders.1", "news", "a.b", "$x", "ors.", "o"}) {
    CAPTURE(std::string(channel));
    CHECK(found(rules, channel) == "none");
  }
  CHECK(found(rules, "axc") == "[ab]?c");
  CHECK(found(rules, "ort") == "o*rt");
}

TEST_CASE("names that begin with a dollar are never matched") {
  const DurableRules rules = rules_from({"*", "?all", "[$]all", "\\$all"});
  CHECK(found(rules, "$all") == "none");
  CHECK(found(rules, "a$all") == "*");
}

TEST_CASE("channels and patterns may have any bytes") {
  DurableRules rules;
  rules.add({std::string("\xff\0*", 3), {}, {}, {}, false});
  CHECK(rules.find(std::string_view("\xff\0a b", 5)) != nullptr);
  CHECK(rules.find("\xff") == nullptr);
}

TEST_CASE("the same pattern again takes the earlier rule's place, behind the others") {
  DurableRules rules = rules_from({"a* maxlen 1", "?b maxlen 2", "a* maxlen 3"});
  REQUIRE(rules.all().size() == 2);
  CHECK(rules.all().back() == rule_of("a* maxlen 3"));
  REQUIRE(rules.find("ab") != nullptr);
  CHECK(rules.find("ab")->maxlen == 3);
  CHECK(rules == rules_from({"?b maxlen 2", "a* maxlen 3"}));
  CHECK_FALSE(rules == rules_from({"a* maxlen 3", "?b maxlen 2"}));
}

TEST_CASE("rules are copied whole, and cleared whole") {
  DurableRules rules = rules_from({"a*", "ab*"});
  const DurableRules copy = rules;
  rules.clear();
  CHECK(rules.all().empty());
  CHECK(found(rules, "abc") == "none");
  CHECK(found(copy, "abc") == "ab*");
  CHECK(copy.find("abc") == &copy.all()[1]);
}

TEST_CASE("channels of dead letters are durable by themselves, without limits") {
  CHECK(found(DurableRules(), "dlq") == "none");
  CHECK_FALSE(DurableRules().is_dlq("dlq"));
  const DurableRules rules = rules_from({"a maxlen 5 dlq dead", "b dlq dlq:%channel:%group", "c"});
  CHECK(found(rules, "dlq") == "dlq");
  CHECK(found(rules, "dead") == "dead");
  CHECK(found(rules, "dlq:b:g") == "dlq:*:*");
  CHECK(found(rules, "dlq:b") == "none");
  CHECK_FALSE(rules.find("dead")->maxlen);
  CHECK(rules.find("dead")->groups.max_deliveries == 0);
  for (const char* const channel : {"dlq", "dead", "dlq:b:g"}) CHECK(rules.is_dlq(channel));
  for (const char* const channel : {"a", "b", "dlq:b", "$dlq"}) CHECK_FALSE(rules.is_dlq(channel));
  CHECK(rules.all().size() == 3);
}

TEST_CASE("a rule that matches a channel of dead letters holds for it, and has it remain one") {
  const DurableRules rules = rules_from({"*", "dead maxlen 7", "orders.* dlq dead"});
  CHECK(found(rules, "dead") == "dead");
  CHECK(rules.find("dead")->maxlen == 7);
  CHECK(rules.is_dlq("dead"));
  CHECK(found(rules, "dlq") == "*");
  CHECK(rules.is_dlq("dlq"));
  CHECK_FALSE(rules.is_dlq("orders.1"));
}

TEST_CASE("a channel of dead letters has a name of its own") {
  CHECK(normal("a dlq %channel%group").starts_with("dlq must be the name of a channel"));
  CHECK(normal("a dlq %channel.dead") == "a dlq %channel.dead");
}

TEST_CASE("the fields of dead letters say nothing of their time") {
  DurableRules rules;
  DurableRule all;
  all.pattern = "*";
  all.entries.ttl = std::chrono::seconds(1);
  all.entries.delayed = true;
  rules.add(all);
  const auto timing_of = [&rules](std::string_view channel) {
    FieldsWriter fields(2);
    fields.add(kTtlField, "5");
    fields.add(kDeliverInField, "nonsense");
    const EntryRule entries = rules.entries_of(*rules.find(channel), channel);
    const Result<EntryTiming> timing = entries.timing_of(fields.take());
    return timing ? "" : timing.error().message;
  };
  CHECK_FALSE(timing_of("orders").empty());
  CHECK(timing_of("dlq").empty());
  CHECK(rules.entries_of(*rules.find("dlq"), "dlq").first_alive(5000) == StreamId{4001, 0});
}

}  // namespace respublica

#include "server/commands/dlq_arguments.h"

#include <string>
#include <vector>

#include "protocol/error_replies.h"
#include "tests/support/catch.h"
#include "tests/support/request_words.h"

namespace respublica {
namespace {

LetterArguments parsed(std::string_view line, LetterUse use) {
  const std::vector<std::string_view> words = cut(line);
  const Result<LetterArguments> arguments = parse_letters(words, use);
  INFO((arguments ? "" : arguments.error().message));
  REQUIRE(arguments);
  return arguments.value();
}

/// The error, or nothing.
std::string wrong(std::string_view line, LetterUse use) {
  const std::vector<std::string_view> words = cut(line);
  const Result<LetterArguments> arguments = parse_letters(words, use);
  return arguments ? "" : arguments.error().message;
}

}  // namespace

TEST_CASE("the channel of dead letters is dlq unless the first argument is another") {
  CHECK(parsed("DLQ LIST", LetterUse::list).channel == "dlq");
  CHECK(parsed("DLQ LIST dead COUNT 3", LetterUse::list).channel == "dead");
  const LetterArguments arguments = parsed("DLQ LIST channel channel", LetterUse::list);
  CHECK(arguments.channel == "dlq");
  CHECK(arguments.filter.channel == "channel");
  CHECK(parsed("DLQ REDRIVE all", LetterUse::redrive).channel == "dlq");
}

TEST_CASE("a channel of dead letters that is named like an option is named with FROM") {
  const LetterArguments arguments = parsed("DLQ DISCARD FROM all CHANNEL x", LetterUse::discard);
  CHECK(arguments.channel == "all");
  CHECK(arguments.filter.channel == "x");
  CHECK(parsed("DLQ LIST GROUP g FROM from", LetterUse::list).channel == "from");
  CHECK(wrong("DLQ LIST dead FROM dead", LetterUse::list) == errors::kSyntax);
  CHECK(wrong("DLQ LIST FROM dead FROM dead", LetterUse::list) == errors::kSyntax);
  CHECK(wrong("DLQ LIST FROM", LetterUse::list) == errors::kSyntax);
  CHECK(wrong("DLQ REDRIVE FROM dead TO dead", LetterUse::redrive) == errors::kRedriveToItself);
}

TEST_CASE("the broker's own streams are no channels of dead letters") {
  CHECK(wrong("DLQ LIST $delayed:jobs", LetterUse::list) == errors::kBrokerName);
  CHECK(wrong("DLQ REDRIVE FROM $all", LetterUse::redrive) == errors::kBrokerName);
  CHECK(wrong("DLQ DISCARD $delayed:jobs ALL", LetterUse::discard) == errors::kBrokerName);
}

TEST_CASE("all options of DLQ are read") {
  const LetterArguments list =
      parsed("DLQ LIST dlq CHANNEL c GROUP g REASON r ID 2-1 1-1 2-1 ORIGIN 7 COUNT 5 AFTER 4-4", LetterUse::list);
  CHECK(list.filter.channel == "c");
  CHECK(list.filter.group == "g");
  CHECK(list.filter.reason == "r");
  CHECK(list.filter.ids == std::vector<StreamId>{{1, 1}, {2, 1}});
  CHECK(list.filter.origins == std::vector<StreamId>{{7, 0}});
  CHECK(list.count == 5);
  CHECK(list.after == StreamId{4, 4});
  const LetterArguments redrive = parsed("DLQ REDRIVE to 5 rate 10 count 2 dryrun", LetterUse::redrive);
  CHECK(redrive.to == "5");
  CHECK(redrive.rate == 10);
  CHECK(redrive.count == 2);
  CHECK(redrive.is_dry_run);
  CHECK(parsed("DLQ LIST", LetterUse::list).count == 100);
  CHECK(parsed("DLQ REDRIVE", LetterUse::redrive).count == 0);
}

TEST_CASE("wrong options of DLQ are refused") {
  CHECK(wrong("DLQ LIST dlq dlq", LetterUse::list) == errors::kSyntax);
  CHECK(wrong("DLQ LIST RATE 5", LetterUse::list) == errors::kSyntax);
  CHECK(wrong("DLQ REDRIVE AFTER 5", LetterUse::redrive) == errors::kSyntax);
  CHECK(wrong("DLQ REDRIVE GROUP", LetterUse::redrive) == errors::kSyntax);
  CHECK(wrong("DLQ REDRIVE ID", LetterUse::redrive) == errors::kSyntax);
  CHECK(wrong("DLQ REDRIVE ID x", LetterUse::redrive) == errors::kInvalidStreamId);
  CHECK(wrong("DLQ REDRIVE ID 1-1 1-x", LetterUse::redrive) == errors::kInvalidStreamId);
  CHECK(wrong("DLQ LIST COUNT 0", LetterUse::list) == errors::kAutoclaimCountNotPositive);
  CHECK(wrong("DLQ LIST COUNT x", LetterUse::list) == errors::kNotAnInteger);
  CHECK(wrong("DLQ REDRIVE RATE -1", LetterUse::redrive) == errors::kRateNotPositive);
  CHECK(wrong("DLQ REDRIVE TO dlq", LetterUse::redrive) == errors::kRedriveToItself);
  CHECK(wrong("DLQ REDRIVE dead TO dead", LetterUse::redrive) == errors::kRedriveToItself);
  CHECK(wrong("DLQ REDRIVE TO $all", LetterUse::redrive) == errors::kBrokerName);
}

TEST_CASE("a discard says which letters are meant") {
  CHECK(wrong("DLQ DISCARD dlq", LetterUse::discard) == errors::kDiscardNeedsFilter);
  CHECK(wrong("DLQ DISCARD COUNT 5", LetterUse::discard) == errors::kDiscardNeedsFilter);
  CHECK(wrong("DLQ DISCARD ALL", LetterUse::discard).empty());
  CHECK(wrong("DLQ DISCARD REASON rejected", LetterUse::discard).empty());
  CHECK(wrong("DLQ DISCARD ORIGIN 1-1", LetterUse::discard).empty());
}

TEST_CASE("an operator names entries, and says why") {
  const std::vector<std::string_view> words = cut("DLQ MOVE orders g 1-0 2 reason seven");
  const Result<ReleaseEntries> parsed = parse_letter_making(words);
  REQUIRE(parsed);
  CHECK(parsed.value().mode == ReleaseEntries::Mode::dead);
  CHECK(parsed.value().group == "g");
  CHECK(parsed.value().ids == std::vector<StreamId>{{1, 0}, {2, 0}});
  CHECK(parsed.value().reason == "seven");
  CHECK(parse_letter_making(cut("DLQ MOVE orders g 1-0")).value().reason.empty());
  for (const char* const line :
       {"DLQ MOVE orders g REASON", "DLQ MOVE orders g REASON x", "DLQ MOVE orders g 1-0 x y"}) {
    CHECK(parse_letter_making(cut(line)).error().message == errors::kInvalidStreamId);
  }
}

TEST_CASE("statistics are of one channel of dead letters, or of all") {
  CHECK_FALSE(parse_letter_stats(cut("DLQ STATS")).value());
  CHECK(parse_letter_stats(cut("DLQ STATS channel dead")).value() == "dead");
  for (const char* const line : {"DLQ STATS dead", "DLQ STATS CHANNEL", "DLQ STATS CHANNEL a b", "DLQ STATS GROUP g"}) {
    CHECK(parse_letter_stats(cut(line)).error().message == errors::kSyntax);
  }
}

}  // namespace respublica

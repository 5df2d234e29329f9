#include "server/commands/idempotence_arguments.h"

#include <string>

#include "server/commands/stream_arguments.h"
#include "tests/support/catch.h"
#include "tests/support/request_words.h"

namespace respublica {
namespace {

/// The words of the producer, or the error.
std::string producer_of(const std::vector<std::string_view>& words) {
  const Result<AddArguments> add = parse_add(words);
  if (!add) return add.error().message;
  if (!add.value().producer) return "none";
  const ProducerWords& producer = *add.value().producer;
  return std::string(producer.producer) + (producer.iid ? '/' + std::string(*producer.iid) : "");
}
std::string producer_of(std::string_view line) { return producer_of(cut(line)); }

std::string settings_of(std::string_view line) {
  const Result<StreamSettings> settings = parse_stream_settings(cut(line));
  if (!settings) return settings.error().message;
  const auto shown = [](const auto& value) { return value ? std::to_string(*value) : "-"; };
  return shown(settings.value().duration_s) + ' ' + shown(settings.value().most);
}

const std::string kNoNumber = "ERR value is not an integer or out of range";
const std::string kTwice = "ERR syntax error, IDMP/IDMPAUTO specified multiple times";
const std::string kExact = "ERR syntax error, IDMP/IDMPAUTO can be used only with auto-generated IDs";
const std::string kNoId = "ERR Invalid stream ID specified as stream command argument";
const std::string kSyntax = "ERR syntax error";

}  // namespace

TEST_CASE("XADD says who sends what") {
  CHECK(producer_of("XADD k * f v") == "none");
  CHECK(producer_of("XADD k IDMP p i * f v") == "p/i");
  CHECK(producer_of("XADD k idmpauto p * f v") == "p");
  CHECK(producer_of("XADD k MAXLEN ~ 5 idmp p i NOMKSTREAM KEEPREF * f v") == "p/i");
  CHECK(producer_of("XADD k IDMP p i LIMIT 7 MAXLEN ~ 5 * f v") == "p/i");
  // Any word will do.
  CHECK(producer_of("XADD k IDMP MAXLEN * * f v") == "MAXLEN/*");
  CHECK(producer_of("XADD k IDMPAUTO IDMP * f v") == "IDMP");
  // Behind the ID they are fields.
  CHECK(producer_of("XADD k * IDMP p") == "none");
}

TEST_CASE("XADD refuses half a producer") {
  CHECK(producer_of("XADD k IDMP p * f v") == kNoId);
  CHECK(producer_of("XADD k IDMP p i 1-1 f v") == kExact);
  CHECK(producer_of("XADD k IDMPAUTO p 1-* f v") == kExact);
  CHECK(producer_of("XADD k IDMP p i x f v") == kNoId);
  CHECK(producer_of("XADD k IDMP p i IDMP q i * f v") == kTwice);
  CHECK(producer_of("XADD k IDMPAUTO p IDMP q i * f v") == kTwice);
  CHECK(producer_of("XADD k IDMP p i IDMPAUTO q * f v") == kTwice);
  CHECK(producer_of({"XADD", "k", "IDMP", "", "i", "*", "f", "v"}) ==
        "ERR syntax error, IDMP requires a non-empty producer ID");
  CHECK(producer_of({"XADD", "k", "IDMP", "p", "", "*", "f", "v"}) ==
        "ERR syntax error, IDMP requires a non-empty idempotent ID");
  CHECK(producer_of({"XADD", "k", "IDMPAUTO", "", "*", "f", "v"}) ==
        "ERR syntax error, IDMPAUTO requires a non-empty producer ID");
}

TEST_CASE("XTRIM knows no producers") {
  const Result<TrimArguments> trim = parse_trim(cut("XTRIM k MAXLEN 5 IDMP p i"));
  REQUIRE_FALSE(trim);
  CHECK(trim.error().message == kSyntax);
}

TEST_CASE("XCFGSET sets what it names") {
  CHECK(settings_of("XCFGSET k IDMP-DURATION 1") == "1 -");
  CHECK(settings_of("XCFGSET k idmp-maxsize 10000") == "- 10000");
  CHECK(settings_of("XCFGSET k IDMP-MAXSIZE 1 IDMP-DURATION 86400") == "86400 1");
}

TEST_CASE("XCFGSET says what is wrong") {
  CHECK(settings_of("XCFGSET k") == "ERR At least one parameter must be specified");
  CHECK(settings_of("XCFGSET k IDMP-DURATION") == kSyntax);
  CHECK(settings_of("XCFGSET k IDMP-DURATION 5 IDMP-MAXSIZE") == kSyntax);
  CHECK(settings_of("XCFGSET k DURATION 5") == kSyntax);
  for (const char* const text : {"A", "*", "-", "3.14", "000000000", "120-5", "IDMP-DURATION"}) {
    CHECK(settings_of(std::string("XCFGSET k IDMP-DURATION ") + text) == kNoNumber);
    CHECK(settings_of(std::string("XCFGSET k IDMP-MAXSIZE ") + text) == kNoNumber);
  }
  for (const char* const text : {"0", "-100", "86401"}) {
    CHECK(settings_of(std::string("XCFGSET k IDMP-DURATION ") + text) ==
          "ERR IDMP-DURATION must be between 1 and 86400 seconds");
  }
  for (const char* const text : {"0", "-1", "10001"}) {
    CHECK(settings_of(std::string("XCFGSET k IDMP-MAXSIZE ") + text) ==
          "ERR IDMP-MAXSIZE must be between 1 and 10000 entries");
  }
  CHECK(settings_of("XCFGSET k IDMP-DURATION 5 IDMP-DURATION 5") == "ERR IDMP-DURATION specified multiple times");
}

}  // namespace respublica

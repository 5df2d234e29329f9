#include "tools/dlq/letter_text.h"

#include "tests/dlq/scripted_broker.h"
#include "tests/support/catch.h"

namespace respublica::test {
namespace {

using namespace dlqtool;

Letter letter_of(std::vector<std::pair<std::string, std::string>> fields) { return {"7-1", "dlq", std::move(fields)}; }

}  // namespace

TEST_CASE("a letter is read from an entry of XRANGE") {
  const Letter letter = read_letter("dlq", reply_of("*2\r\n" + bulk("7-1") + "*4\r\n" + bulk("dlq.reason") +
                                                    bulk("rejected") + bulk("payload") + bulk("x")));
  CHECK(letter.id == "7-1");
  CHECK(letter.dlq == "dlq");
  CHECK(letter.value("dlq.reason") == "rejected");
  CHECK(letter.value("payload") == "x");
  CHECK(letter.value("none").empty());
}

TEST_CASE("an entry that is none of XRANGE has no ID and no fields") {
  CHECK(read_letter("dlq", reply_of(":1\r\n")).fields.empty());
  CHECK(read_letter("dlq", reply_of("*1\r\n*0\r\n")).id.empty());
}

TEST_CASE("a summary says when, why and where an entry died") {
  const Letter letter = letter_of({{"dlq.reason", "rejected"},
                                   {"dlq.detail", "no such\ncustomer"},
                                   {"dlq.channel", "orders"},
                                   {"dlq.id", "5-0"},
                                   {"dlq.group", "billing"},
                                   {"dlq.deliveries", "3"},
                                   {"dlq.dead-ms", "1795472680118"},
                                   {"dlq.deaths", "2"}});
  CHECK(summary_of(letter) ==
        "7-1  2026-11-23 22:24:40.118 UTC  rejected  orders 5-0 in billing, 3 deliveries, 2 deaths: "
        "no such\\x0acustomer");
}

TEST_CASE("all fields of a letter have a line") {
  const std::vector<std::string> lines = lines_of(letter_of({{"dlq.dead-ms", "1000"}, {"a", "\xff"}}));
  CHECK(lines ==
        std::vector<std::string>{"7-1 of dlq", "  dlq.dead-ms: 1000  (1970-01-01 00:00:01.000 UTC)", "  a: \\xff"});
}

TEST_CASE("a letter is a line of JSON that loses no byte") {
  CHECK(json_of(letter_of({{"a", "\xff"}, {"b", "\"x\""}})) ==
        R"({"dlq":"dlq","id":"7-1","fields":[["a",{"base64":"/w=="}],["b","\"x\""]]})");
  CHECK(json_of(letter_of({})) == R"({"dlq":"dlq","id":"7-1","fields":[]})");
}

TEST_CASE("a time that is none is shown as it is") {
  CHECK(time_of("") == "");
  CHECK(time_of("12x") == "12x");
  CHECK(time_of("99999999999999999") == "99999999999999999");
}

}  // namespace respublica::test

#include "server/redaction.h"

#include "tests/support/catch.h"

namespace respublica {
namespace {

using Words = std::vector<std::string_view>;

Words shown(std::string_view name, const Words& arguments) {
  Command command;
  command.row.name = name;
  return redacted(command, arguments);
}

}  // namespace

TEST_CASE("passwords are not shown") {
  CHECK(shown("auth", {"AUTH", "secret"}) == Words{"AUTH", "(redacted)"});
  CHECK(shown("auth", {"AUTH", "user", "secret"}) == Words{"AUTH", "(redacted)", "(redacted)"});
  CHECK(shown("hello", {"HELLO", "3", "AUTH", "user", "secret", "SETNAME", "n"}) ==
        Words{"HELLO", "3", "AUTH", "(redacted)", "(redacted)", "SETNAME", "n"});
  CHECK(shown("config|set", {"CONFIG", "SET", "port", "1", "RequirePass", "secret"}) ==
        Words{"CONFIG", "SET", "port", "1", "RequirePass", "(redacted)"});
}

TEST_CASE("all other arguments are shown as they are") {
  CHECK(shown("publish", {"PUBLISH", "auth", "secret"}) == Words{"PUBLISH", "auth", "secret"});
  CHECK(shown("auth", {"AUTH"}) == Words{"AUTH"});
  CHECK(shown("hello", {"HELLO", "3", "AUTH"}) == Words{"HELLO", "3", "AUTH"});
}

}  // namespace respublica

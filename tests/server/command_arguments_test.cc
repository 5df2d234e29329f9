#include "server/commands/command_arguments.h"

#include "tests/support/catch.h"

namespace respublica {
namespace {

CommandArgument only(std::string_view line) {
  const std::vector<CommandArgument> arguments = parse_arguments(line);
  REQUIRE(arguments.size() == 1);
  return arguments[0];
}

TEST_CASE("a line without arguments has none") { CHECK(parse_arguments("").empty()); }

TEST_CASE("a word is a string argument, or one of the type behind it") {
  CHECK(only("channel").name == "channel");
  CHECK(only("channel").type == "string");
  CHECK(only("index:integer").name == "index");
  CHECK(only("index:integer").type == "integer");
}

TEST_CASE("a word in capitals is a token") {
  const CommandArgument now = only("NOW");
  CHECK(now.type == "pure-token");
  CHECK(now.token == "NOW");
  CHECK(now.name == "now");
  const CommandArgument lib = only("LIB-NAME=libname");
  CHECK(lib.type == "string");
  CHECK(lib.token == "LIB-NAME");
  CHECK(lib.name == "libname");
}

TEST_CASE("a token of signs is put in quotes, and has a name") {
  const CommandArgument equal = only("\"=\"=equal:pure-token");
  CHECK(equal.type == "pure-token");
  CHECK(equal.token == "=");
  CHECK(equal.name == "equal");
}

TEST_CASE("brackets make an argument optional, signs make it repeatable") {
  CHECK(only("[message]").optional);
  CHECK_FALSE(only("message").optional);
  CHECK(only("key:key*").multiple);
  CHECK_FALSE(only("key:key*").multiple_token);
  CHECK(only("[PREFIX=prefix+]").multiple_token);
  CHECK(only("[PREFIX=prefix+]").multiple);
  CHECK(only("[PREFIX=prefix+]").optional);
}

TEST_CASE("parentheses hold alternatives or a block") {
  const CommandArgument mode = only("[mode(ON|OFF)]");
  CHECK(mode.type == "oneof");
  CHECK(mode.name == "mode");
  REQUIRE(mode.parts.size() == 2);
  CHECK(mode.parts[1].token == "OFF");
  const CommandArgument pair = only("data(parameter value)*");
  CHECK(pair.type == "block");
  CHECK(pair.multiple);
  REQUIRE(pair.parts.size() == 2);
  CHECK(pair.parts[1].name == "value");
  CHECK(only("parameter(parameter)*").type == "block");
}

TEST_CASE("alternatives inside a block leave it a block") {
  const CommandArgument filter = only("filter(old|new([TYPE=type(A|B)] [ID=id:integer]))");
  CHECK(filter.type == "oneof");
  REQUIRE(filter.parts.size() == 2);
  const CommandArgument& block = filter.parts[1];
  CHECK(block.type == "block");
  REQUIRE(block.parts.size() == 2);
  CHECK(block.parts[0].type == "oneof");
  CHECK(block.parts[0].token == "TYPE");
  CHECK(block.parts[1].type == "integer");
}

TEST_CASE("arguments stand behind one another") {
  const std::vector<CommandArgument> arguments = parse_arguments("client-id:integer [timeout_error(TIMEOUT|ERROR)]");
  REQUIRE(arguments.size() == 2);
  CHECK(arguments[0].name == "client-id");
  CHECK(arguments[1].optional);
}

}  // namespace
}  // namespace respublica

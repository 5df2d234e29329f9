#include "protocol/error_replies.h"

#include "tests/support/catch.h"

namespace respublica {

TEST_CASE("an unknown command is answered with its name and its arguments") {
  CHECK(errors::unknown_command({"FOO"}) == "ERR unknown command 'FOO', with args beginning with: ");
  CHECK(errors::unknown_command({"foo", "bar", "baz"}) ==
        "ERR unknown command 'foo', with args beginning with: 'bar' 'baz' ");
}

TEST_CASE("the name of an unknown command is cut after 128 bytes") {
  CHECK(errors::unknown_command({std::string(200, 'F'), "b"}) ==
        "ERR unknown command '" + std::string(128, 'F') + "', with args beginning with: 'b' ");
}

TEST_CASE("the arguments of an unknown command are cut after 128 bytes, quotes and blanks included") {
  const std::string start = "ERR unknown command 'foo', with args beginning with: ";
  const std::string twenty = "'" + std::string(20, 'a') + "' ";
  const std::vector<std::string> many(20, std::string(20, 'a'));
  std::vector<std::string_view> request{"foo"};
  request.insert(request.end(), many.begin(), many.end());
  CHECK(errors::unknown_command(request) ==
        start + twenty + twenty + twenty + twenty + twenty + "'" + std::string(13, 'a') + "' ");

  const auto one = [&](std::size_t length) { return "'" + std::string(length, 'x') + "' "; };
  CHECK(errors::unknown_command({"foo", std::string(200, 'x'), "y"}) == start + one(128));
  CHECK(errors::unknown_command({"foo", std::string(126, 'x'), "y"}) == start + one(126));
  CHECK(errors::unknown_command({"foo", std::string(122, 'x'), "c", "d"}) == start + one(122) + "'c' ");
}

TEST_CASE("names and arguments are cut at a NUL") {
  using std::string_view;
  CHECK(errors::unknown_command({string_view("foo\0bar", 7), string_view("b\0c", 3)}) ==
        "ERR unknown command 'foo', with args beginning with: 'b' ");
}

TEST_CASE("an unknown subcommand is pointed to HELP") {
  CHECK(errors::unknown_subcommand("client", "FOO") == "ERR unknown subcommand 'FOO'. Try CLIENT HELP.");
  CHECK(errors::unknown_subcommand("pubsub", std::string(200, 'f')) ==
        "ERR unknown subcommand '" + std::string(128, 'f') + "'. Try PUBSUB HELP.");
  CHECK(errors::unknown_subcommand_or_arity("pubsub", "CHANNELS") ==
        "ERR unknown subcommand or wrong number of arguments for 'CHANNELS'. Try PUBSUB HELP.");
}

TEST_CASE("sentences name what they are about") {
  CHECK(errors::wrong_number_of_arguments("client|setname") ==
        "ERR wrong number of arguments for 'client|setname' command");
  CHECK(errors::out_of_range(-1, 10) == "ERR value is out of range, value must between -1 and 10");
  CHECK(errors::not_allowed_while_subscribed("client|id") ==
        "ERR Can't execute 'client|id': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in "
        "this context");
  CHECK(errors::hello_syntax("FOO") == "ERR Syntax error in HELLO option 'FOO'");
  CHECK(errors::unknown_client_type("x") == "ERR Unknown client type 'x'");
  CHECK(errors::no_such_user("x") == "ERR No such user 'x'");
  CHECK(errors::client_attribute("lib-name") == "ERR lib-name cannot contain spaces, newlines or special characters.");
  CHECK(errors::unrecognized_option("foo") == "ERR Unrecognized option 'foo'");
  CHECK(errors::unknown_setting("nope") == "ERR Unknown option or number of arguments for CONFIG SET - 'nope'");
  CHECK(errors::config_set_failed("port", "argument couldn't be parsed into an integer") ==
        "ERR CONFIG SET failed (possibly related to argument 'port') - argument couldn't be parsed into an integer");
  CHECK(errors::config_set_failed("port", "") == "ERR CONFIG SET failed (possibly related to argument 'port')");
  CHECK(errors::duplicate_setting("maxclients") ==
        "ERR CONFIG SET failed (possibly related to argument 'maxclients') - duplicate parameter");
  CHECK(errors::with_code("Protocol error: invalid bulk length") == "ERR Protocol error: invalid bulk length");
}

TEST_CASE("an EXEC that is refused itself names the reason without its code") {
  CHECK(errors::exec_aborted_because(errors::wrong_number_of_arguments("exec")) ==
        "EXECABORT Transaction discarded because of: wrong number of arguments for 'exec' command");
  CHECK(errors::exec_aborted_because(errors::kNoAuth) ==
        "EXECABORT Transaction discarded because of: NOAUTH Authentication required.");
}

}  // namespace respublica

#include "protocol/error_replies.h"

#include "protocol/stream_error_replies.h"
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
  CHECK(errors::no_command_permission("bob", "client|kill") ==
        "NOPERM User bob has no permissions to run the 'client|kill' command");
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
  CHECK(errors::command_not_allowed("debug", "enable-debug-command") ==
        "ERR DEBUG command not allowed. If the enable-debug-command option is set to \"local\", you can run it from a "
        "local connection, otherwise you need to set this option in the configuration file, and then restart the "
        "server.");
}

TEST_CASE("an EXEC that is refused itself names the reason without its code") {
  CHECK(errors::exec_aborted_because(errors::wrong_number_of_arguments("exec")) ==
        "EXECABORT Transaction discarded because of: wrong number of arguments for 'exec' command");
  CHECK(errors::exec_aborted_because(errors::kNoAuth) ==
        "EXECABORT Transaction discarded because of: NOAUTH Authentication required.");
}

TEST_CASE("commands of a key-value store are unknown commands with a reason") {
  CHECK(errors::not_a_store("get") ==
        "ERR unknown command 'get': Respublica is a message broker, it keeps channels and streams and no other data");
  CHECK(errors::not_supported("eval") == "ERR unknown command 'eval': Respublica does not support it");
}

TEST_CASE("a missing group is named in three ways") {
  CHECK(errors::no_such_group("s", "g") == "NOGROUP No such key 's' or consumer group 'g'");
  CHECK(errors::no_such_group_in_xreadgroup("s", "g") ==
        "NOGROUP No such key 's' or consumer group 'g' in XREADGROUP with GROUP option");
  CHECK(errors::no_such_group_for_key("s", "g") == "NOGROUP No such consumer group 'g' for key name 's'");
}

TEST_CASE("the options of claims are named") {
  CHECK(errors::invalid_min_idle_time("XAUTOCLAIM") == "ERR Invalid min-idle-time argument for XAUTOCLAIM");
  CHECK(errors::invalid_xclaim_value("IDLE") == "ERR Invalid IDLE option argument for XCLAIM");
  CHECK(errors::unrecognized_xclaim_option("FOO") == "ERR Unrecognized XCLAIM option 'FOO'");
  CHECK(errors::unrecognized_xnack_option("X") == "ERR Unrecognized XNACK option 'X'");
  CHECK(errors::log_unavailable("No space left on device") ==
        "MISCONF Errors writing to the AOF file: No space left on device");
}

}  // namespace respublica

#include "server/command_table.h"

#include <set>
#include <string>

#include "server/commands/acl_categories.h"
#include "server/commands/command_arguments.h"
#include "server/commands/command_description.h"
#include "server/commands/command_tips.h"
#include "tests/support/catch.h"

namespace respublica {
namespace {

const CommandTable& table() {
  static const CommandTable kCommands;
  return kCommands;
}

const Command& subcommand(std::string_view container, std::string_view name) {
  const Command* found = CommandTable::find_subcommand(*table().find(container), name);
  REQUIRE(found != nullptr);
  return *found;
}

TEST_CASE("a command is found by its name in any case") {
  for (const std::string name : {"publish", "PUBLISH", "Publish", "pUbLiSh"}) {
    const Command* command = table().find(name);
    REQUIRE(command != nullptr);
    CHECK(command->row.name == "publish");
  }
  CHECK(table().find("config")->is_container());
}

TEST_CASE("what is no command is not found") {
  for (const std::string name :
       {"", "publis", "publishh", "publish ", "get", "set", "client|list", "debug", "p\x15ublish"}) {
    CHECK(table().find(name) == nullptr);
  }
  CHECK(table().find(std::string(100000, 'a')) == nullptr);
  CHECK(table().find(std::string("ping\0", 5)) == nullptr);
}

TEST_CASE("bytes that differ from a letter in the case bit only are no other case of it") {
  CHECK(table().find("e@ho") == nullptr);
  CHECK(table().find("ech\x0f") == nullptr);
  CHECK(CommandTable::find_subcommand(*table().find("client"), "no\rtouch") == nullptr);
}

TEST_CASE("every command is found under its own name, and its number is its place") {
  const auto& all = table().all();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Command& command = *all[i];
    CHECK(command.number == i);
    if (!command.is_subcommand()) {
      CHECK(table().find(command.row.name) == &command);
      continue;
    }
    const std::size_t bar = command.row.name.find('|');
    const Command* container = table().find(command.row.name.substr(0, bar));
    REQUIRE(container != nullptr);
    CHECK(CommandTable::find_subcommand(*container, command.row.name.substr(bar + 1)) == &command);
  }
}

TEST_CASE("subcommands are found in any case, and only in their container") {
  CHECK(subcommand("client", "SetName").row.name == "client|setname");
  CHECK(CommandTable::find_subcommand(*table().find("client"), "resetstat") == nullptr);
  CHECK(CommandTable::find_subcommand(*table().find("client"), "") == nullptr);
  CHECK(CommandTable::find_subcommand(*table().find("client"), "maint_notifications") == nullptr);
}

TEST_CASE("every row can be called or is a container, and says what clients are told of it") {
  for (const Command* command : table().all()) {
    INFO(command->row.name);
    CHECK((command->row.handler != nullptr || command->is_container()));
    CHECK(command->row.arity != 0);
    CHECK(command->row.summary.ends_with('.'));
    CHECK_FALSE(command->row.since.empty());
    CHECK_FALSE(command->row.group.empty());
    CHECK_FALSE(command->row.complexity.empty());
    if (command->is_subcommand()) CHECK(std::abs(command->row.arity) >= 2);
  }
}

TEST_CASE("an arity counts the name, and a negative one is a minimum") {
  CHECK(table().find("publish")->arity_accepts(3));
  CHECK_FALSE(table().find("publish")->arity_accepts(2));
  CHECK_FALSE(table().find("publish")->arity_accepts(4));
  CHECK(table().find("subscribe")->arity_accepts(2));
  CHECK(table().find("subscribe")->arity_accepts(200));
  CHECK_FALSE(table().find("subscribe")->arity_accepts(1));
}

TEST_CASE("tips and argument lines belong to commands that exist") {
  for (const std::string_view name : commands_with_syntax()) {
    const std::size_t bar = name.find('|');
    const Command* command = table().find(name.substr(0, bar));
    INFO(name);
    REQUIRE(command != nullptr);
    if (bar != std::string_view::npos) {
      CHECK(CommandTable::find_subcommand(*command, name.substr(bar + 1)) != nullptr);
    }
    CHECK_FALSE(parse_arguments(command_syntax(name)).empty());
  }
  CHECK(command_tips("ping").size() == 2);
  CHECK(command_tips("publish").empty());
}

TEST_CASE("categories follow from flags and rows as in Redis") {
  using Names = std::vector<std::string_view>;
  CHECK(acl_categories_of(table().find("publish")->row) == Names{"pubsub", "fast"});
  CHECK(acl_categories_of(table().find("subscribe")->row) == Names{"pubsub", "slow"});
  CHECK(acl_categories_of(table().find("del")->row) == Names{"keyspace", "write", "slow"});
  CHECK(acl_categories_of(table().find("exists")->row) == Names{"keyspace", "read", "fast"});
  CHECK(acl_categories_of(subcommand("client", "kill").row) == Names{"admin", "slow", "dangerous", "connection"});
  CHECK(acl_categories_of(table().find("client")->row) == Names{"slow"});
}

TEST_CASE("keys are found by the row's positions") {
  const std::vector<std::string_view> exists{"exists", "a", "b"};
  CHECK(keys_of(*table().find("exists"), exists) == std::vector<std::string_view>{"a", "b"});
  const std::vector<std::string_view> usage{"memory", "usage", "k", "samples", "1"};
  CHECK(keys_of(subcommand("memory", "usage"), usage) == std::vector<std::string_view>{"k"});
  CHECK_FALSE(has_keys(*table().find("ping")));
  CHECK_FALSE(has_keys(*table().find("spublish")));
}

TEST_CASE("the keys of XREAD stand behind STREAMS, before as many IDs") {
  using Words = std::vector<std::string_view>;
  const Command& xread = *table().find("xread");
  CHECK(has_keys(xread));
  CHECK(keys_of(xread, Words{"xread", "count", "5", "streams", "a", "b", "0", "$"}) == Words{"a", "b"});
  CHECK(keys_of(xread, Words{"xread", "STREAMS", "a", "b", "0"}) == Words{"a"});
  CHECK(keys_of(xread, Words{"xread", "count", "5", "streams"}).empty());
  CHECK(keys_of(xread, Words{"xread", "count", "5", "stream"}).empty());
}

TEST_CASE("COMMAND INFO describes a command in ten elements") {
  std::string resp2;
  ReplyEncoder encoder2(resp2, ProtocolVersion::resp2);
  reply_command_info(encoder2, *table().find("echo"));
  CHECK(resp2 ==
        "*10\r\n$4\r\necho\r\n:2\r\n*3\r\n+loading\r\n+stale\r\n+fast\r\n:0\r\n:0\r\n:0\r\n"
        "*2\r\n+@fast\r\n+@connection\r\n*0\r\n*0\r\n*0\r\n");
  std::string resp3;
  ReplyEncoder encoder3(resp3, ProtocolVersion::resp3);
  reply_command_info(encoder3, *table().find("touch"));
  CHECK(
      resp3 ==
      "*10\r\n$5\r\ntouch\r\n:-2\r\n~2\r\n+readonly\r\n+fast\r\n:1\r\n:-1\r\n:1\r\n"
      "~3\r\n+@keyspace\r\n+@read\r\n+@fast\r\n~2\r\n$26\r\nrequest_policy:multi_shard\r\n"
      "$23\r\nresponse_policy:agg_sum\r\n~1\r\n%3\r\n$5\r\nflags\r\n~1\r\n+RO\r\n$12\r\nbegin_search\r\n%2\r\n"
      "$4\r\ntype\r\n$5\r\nindex\r\n$4\r\nspec\r\n%1\r\n$5\r\nindex\r\n:1\r\n$9\r\nfind_keys\r\n%2\r\n$4\r\ntype\r\n"
      "$5\r\nrange\r\n$4\r\nspec\r\n%3\r\n$7\r\nlastkey\r\n:-1\r\n$7\r\nkeystep\r\n:1\r\n$5\r\nlimit\r\n:0\r\n~0\r\n");
}

TEST_CASE("COMMAND DOCS is a map by name with flags as simple strings") {
  std::string reply;
  ReplyEncoder encoder(reply, ProtocolVersion::resp3);
  reply_command_docs(encoder, *table().find("ping"));
  CHECK(reply ==
        "$4\r\nping\r\n%5\r\n$7\r\nsummary\r\n$30\r\nAnswers while the server lives\r\n$5\r\nsince\r\n$5\r\n1.0.0\r\n"
        "$5\r\ngroup\r\n$10\r\nconnection\r\n$10\r\ncomplexity\r\n$4\r\nO(1)\r\n$9\r\narguments\r\n*1\r\n%3\r\n"
        "$4\r\nname\r\n$7\r\nmessage\r\n$4\r\ntype\r\n$6\r\nstring\r\n$5\r\nflags\r\n~1\r\n+optional\r\n");
}

}  // namespace
}  // namespace respublica

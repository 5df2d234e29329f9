#include "broker/group_admin.h"

#include "tests/broker/batches.h"
#include "tests/broker/group_commands.h"
#include "tests/support/catch.h"

namespace respublica {
namespace {

using namespace test;

const DurableCommand kShow{"s", ShowGroups{}};

}  // namespace

TEST_CASE("a group is made once, at an ID or behind the last one") {
  Batches log;
  log.commit(add("s", "5-0"));
  CHECK(show(log.commit(make_group("$"))) == "0");
  CHECK(show(log.commit(make_group("0"))) == "group exists");
  CHECK(show(log.commit(kShow)) == "g: 0 consumers, 0 pending, at 5-0, read ?, lag 0");
  CHECK(show(log.commit({"s", DropGroup{"g"}})) == "1");
  CHECK(show(log.commit({"s", DropGroup{"g"}})) == "0");
  CHECK(show(log.commit(make_group("2", 7))) == "0");
  CHECK(show(log.commit(kShow)) == "g: 0 consumers, 0 pending, at 2-0, read 7, lag 1");
}

TEST_CASE("a group makes its stream only when it is told to") {
  Batches log;
  CHECK(show(log.commit(make_group("0", {}, MissingStream::refuse))) == "no stream");
  CHECK(log.shown("s") == "none");
  CHECK(show(log.commit(make_group("$"))) == "0");
  CHECK(log.shown("s").empty());
  CHECK(show(log.commit(kShow)) == "g: 0 consumers, 0 pending, at 0-0, read ?, lag 0");
}

TEST_CASE("a group goes on where it is set to, and keeps what is pending") {
  Batches log;
  log.commit(add("s", "1-0"));
  log.commit(add("s", "2-0"));
  log.commit(make_group());
  CHECK(show(log.commit(read_new("c"))) == "s: 1-0=v 2-0=v");
  CHECK(show(log.commit(set_group("1"))) == "0");
  CHECK(show(log.commit(kShow)) == "g: 1 consumers, 2 pending, at 1-0, read ?, lag 1");
  CHECK(show(log.commit(set_group("$", 2))) == "0");
  CHECK(show(log.commit(kShow)) == "g: 1 consumers, 2 pending, at 2-0, read 2, lag 0");
}

TEST_CASE("a consumer is made once, and gone with what it has pending") {
  Batches log;
  log.commit(add("s", "1-0"));
  log.commit(add("s", "2-0"));
  log.commit(make_group());
  CHECK(show(log.commit({"s", MakeConsumer{"g", "c"}})) == "1");
  CHECK(show(log.commit({"s", MakeConsumer{"g", "c"}})) == "0");
  CHECK(show(log.commit(read_new("c", 1))) == "s: 1-0=v");
  CHECK(show(log.commit(read_new("d"))) == "s: 2-0=v");
  CHECK(show(log.commit({"s", DropConsumer{"g", "c"}})) == "1");
  CHECK(show(log.commit({"s", DropConsumer{"g", "c"}})) == "0");
  CHECK(show(log.commit(list_pending())) == "2-0 d 0 1");
  CHECK(show(log.commit(acknowledge("1-0 2-0"))) == "1");
}

TEST_CASE("what is done with a group that is not there is refused") {
  Batches log;
  const std::vector<DurableCommand> commands = {
      {"s", SetGroup{"g", {}, {}}}, {"s", MakeConsumer{"g", "c"}}, {"s", DropConsumer{"g", "c"}}};
  for (const DurableCommand& command : commands) CHECK(show(log.commit(command)) == "no stream");
  CHECK(show(log.commit({"s", DropGroup{"g"}})) == "no stream");
  log.commit(add("s", "1-0"));
  for (const DurableCommand& command : commands) CHECK(show(log.commit(command)) == "no group g of s");
}

TEST_CASE("groups are gone with their stream") {
  Batches log;
  log.commit(add("s", "1-0"));
  log.commit(make_group());
  log.commit(drop("s"));
  log.commit(add("s", "1-0"));
  CHECK(show(log.commit(kShow)).empty());
  CHECK(show(log.commit(read_new("c"))) == "no group g of s");
}

}  // namespace respublica

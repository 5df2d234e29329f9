// respublica-dlq on a broker.

#include <cstdlib>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/raw_client.h"
#include "tests/support/replies.h"
#include "tests/support/running_server.h"
#include "tests/support/temporary_directory.h"

namespace respublica::test {
namespace {

bool says(const Ending& ending, const std::string& text) { return ending.output.find(text) != std::string::npos; }

/// Three entries of orders are dead.
struct DeadOrders {
  DeadOrders()
      : server({"--dir", directory.path().string(), "--durable", "orders", "--requirepass", "secret"}),
        client(server.port()) {
    client.call({"AUTH", "secret"});
    client.call({"XGROUP", "CREATE", "orders", "billing", "0", "MKSTREAM"});
    for (const char* const id : {"1-0", "2-0", "3-0"}) {
      client.call({"XADD", "orders", id, "payload", id});
      client.call({"XREADGROUP", "GROUP", "billing", "c", "STREAMS", "orders", ">"});
      client.call({"XNACK", "orders", "billing", "FATAL", "IDS", "1", id, "REASON", "no such customer"});
    }
  }
  Ending run(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"-p", std::to_string(server.port()), "-a", "secret"});
    return run_dlq_tool(arguments);
  }

  TemporaryDirectory directory;
  RunningServer server;
  RawClient client;
};

}  // namespace

TEST_CASE("respublica-dlq lists, counts and shows dead letters") {
  DeadOrders broker;
  const Ending list = broker.run({"list", "--origin", "2-0"});
  CHECK(list.code == 0);
  CHECK(says(list, "rejected  orders 2-0 in billing, 1 deliveries: no such customer\n"));
  CHECK_FALSE(says(list, "orders 1-0"));
  const std::string id = list.output.substr(0, list.output.find(' '));
  const Ending shown = broker.run({"show", id});
  CHECK(shown.code == 0);
  CHECK(says(shown, "\n  payload: 2-0\n"));
  CHECK(says(broker.run({"list", "--json"}), R"(["payload","3-0"])"));
  CHECK(says(broker.run({"stats", "--json"}), R"("channel":"orders","group":"billing","reason":"rejected","count":3)"));
  CHECK(broker.run({"show", "9-9"}).code == 1);
}

TEST_CASE("respublica-dlq sends dead letters back") {
  DeadOrders broker;
  const Ending foreseen = broker.run({"redrive", "--dry-run"});
  CHECK(says(foreseen, "would be: 3 back in their groups"));
  CHECK(broker.client.call({"XLEN", "dlq"}) == ":3\r\n");
  const Ending one = broker.run({"redrive", "--count", "1", "--progress"});
  CHECK(one.code == 0);
  CHECK(says(one, "done: 1 back in their groups, 0 added to their channels again, 0 skipped\n"));
  const Ending rest = broker.run({"redrive", "--group", "billing", "--to", "elsewhere"});
  CHECK(rest.code == 0);
  CHECK(broker.client.call({"XLEN", "dlq"}) == ":0\r\n");
  CHECK(broker.client.call({"XLEN", "elsewhere"}) == ":2\r\n");
  CHECK(broker.client.call({"XPENDING", "orders", "billing"}).starts_with("*4\r\n:1\r\n"));
}

TEST_CASE("respublica-dlq discards what a filter or --all says") {
  DeadOrders broker;
  CHECK(broker.run({"discard", "--yes"}).code == 2);
  CHECK(broker.run({"discard", "--all", "--dry-run"}).code == 0);
  CHECK(broker.client.call({"XLEN", "dlq"}) == ":3\r\n");
  CHECK(says(broker.run({"discard", "--origin", "1-0", "--origin", "3-0", "dlq", "--yes"}), "done: 2 discarded\n"));
  CHECK(says(broker.run({"discard", "--all", "--yes"}), "done: 1 discarded\n"));
  CHECK(broker.client.call({"XLEN", "dlq"}) == ":0\r\n");
}

TEST_CASE("respublica-dlq prints what dies while it watches") {
  DeadOrders broker;
  const std::string program = std::string(std::getenv("RESPUBLICA")) + "-dlq";
  BrokerProcess watch(program, {"watch", "-p", std::to_string(broker.server.port()), "-a", "secret"}, {});
  while (broker.client.call({"PUBSUB", "NUMSUB", "$events:dlq"}).find(":1\r\n") == std::string::npos) continue;
  broker.client.call({"XADD", "orders", "4-0", "payload", "x"});
  broker.client.call({"XREADGROUP", "GROUP", "billing", "c", "STREAMS", "orders", ">"});
  broker.client.call({"XNACK", "orders", "billing", "FATAL", "IDS", "1", "4-0"});
  watch.await_output("rejected  orders 4-0 in billing");
  broker.client.send(request({"SHUTDOWN"}));
  const Ending ending = watch.wait();
  CHECK(ending.code == 3);
  CHECK(says(ending, "the connection to 127.0.0.1:"));
  CHECK(broker.server.wait().code == 0);
}

TEST_CASE("respublica-dlq says what is wrong with the connection") {
  DeadOrders broker;
  const Ending unauthenticated = run_dlq_tool({"list", "-p", std::to_string(broker.server.port())});
  CHECK(unauthenticated.code == 3);
  CHECK(says(unauthenticated, "NOAUTH Authentication required."));
  const Ending nobody = run_dlq_tool({"list", "-s", broker.directory.path_of("none")});
  CHECK(nobody.code == 3);
  CHECK(says(nobody, "cannot connect to "));
  CHECK(run_dlq_tool({"dance"}).code == 2);
  CHECK(says(run_dlq_tool({"--help"}), "Exit codes: 0 fine;"));
}

}  // namespace respublica::test

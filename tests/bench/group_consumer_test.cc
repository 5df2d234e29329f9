#include "tools/bench/group_consumer.h"

#include "tests/bench/faulty_server.h"
#include "tests/support/catch.h"
#include "tools/bench/bench_error.h"
#include "tools/bench/group_run.h"
#include "tools/bench/load_run.h"
#include "tools/bench/message_shape.h"
#include "tools/bench/seen_messages.h"

namespace respublica::bench {

namespace {

constexpr std::size_t kEntries = 300;

void fill(const FaultyServer& server) {
  Target target(server.endpoint(), std::nullopt);
  ProgressLine progress_line(ProgressLine::Use::never);
  LoadShape shape;
  shape.write = WriteCommand::xadd;
  LoadRun(shape, target, progress_line).run_messages(kEntries);
}

GroupConsumer consumer_of(const FaultyServer& server) {
  return {ClientConnection::open(server.endpoint(), ProtocolVersion::resp2), "worker", channel_name(0), 64,
          GroupConsumer::Block::no};
}

/// Consumes all that a server with this fault has; why that ends too early, or empty.
std::string complaint(Fault fault) {
  const FaultyServer server(fault);
  fill(server);
  std::vector<GroupConsumer> consumers;
  consumers.push_back(consumer_of(server));
  ProgressLine progress_line(ProgressLine::Use::never);
  try {
    const std::uint64_t consumed = consume_all(consumers, progress_line);
    CHECK(consumed == kEntries);
    return "";
  } catch (const BenchError& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("a consumer acknowledges what it was given while it asks for more") {
  const FaultyServer server(Fault::none);
  fill(server);
  GroupConsumer consumer = consumer_of(server);
  using Kind = GroupConsumer::Reply::Kind;
  consumer.ask();
  const GroupConsumer::Reply first = consumer.take();
  CHECK(first.kind == Kind::delivered);
  REQUIRE(first.stamps.size() == 64);
  CHECK(first.stamps.front().sequence == 0);
  consumer.ask();
  const GroupConsumer::Reply acknowledged = consumer.take();
  CHECK(acknowledged.kind == Kind::acknowledged);
  CHECK(acknowledged.stamps.size() == 64);
  CHECK(consumer.take().stamps.front().sequence == 64);
}

TEST_CASE("consumers that take turns are given every entry once") { CHECK(complaint(Fault::none).empty()); }

TEST_CASE("an entry that a group is given twice is found") {
  CHECK(complaint(Fault::delivered_twice) == "message 97 of publisher 0 was delivered twice");
}

TEST_CASE("an acknowledgement that counts less is found") {
  CHECK(complaint(Fault::acknowledged_less) == "worker: XACK of 64 entries is answered with \":63\\r\\n\"");
}

TEST_CASE("messages of several publishers are seen once each, in any order") {
  SeenMessages seen;
  PayloadStamp stamp;
  for (const std::uint64_t sequence : {5U, 0U, 900U}) {
    stamp.sequence = sequence;
    CHECK(seen.add(stamp));
    CHECK_FALSE(seen.add(stamp));
  }
  stamp.publisher = 3;
  CHECK(seen.add(stamp));
  CHECK(seen.count() == 4);
}

}  // namespace respublica::bench

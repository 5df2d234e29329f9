#include "tools/bench/stream_reading.h"

#include "tests/bench/faulty_server.h"
#include "tests/support/catch.h"
#include "tools/bench/bench_error.h"
#include "tools/bench/load_run.h"

namespace respublica::bench {

namespace {

constexpr std::uint64_t kEntries = 300;

/// Why 300 entries, written to a server with this fault, are not what it keeps; empty if they are. It is asked for
/// `more` than were written.
std::string complaint(Fault fault, std::uint64_t more = 0) {
  FaultyServer server(fault);
  Target target(server.endpoint(), std::nullopt);
  ProgressLine progress_line(ProgressLine::Use::never);
  LoadShape shape;
  shape.write = WriteCommand::xadd;
  shape.publishers = 1;
  shape.pipeline = 4;
  LoadRun(shape, target, progress_line).run_messages(kEntries);
  try {
    check_kept(target.endpoint(), shape, kEntries + more, progress_line);
    return "";
  } catch (const BenchError& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("what a server kept is read page by page") {
  FaultyServer server(Fault::none);
  Target target(server.endpoint(), std::nullopt);
  ProgressLine progress_line(ProgressLine::Use::never);
  LoadShape shape;
  shape.write = WriteCommand::xadd;
  shape.publishers = 2;
  LoadRun(shape, target, progress_line).run_messages(kEntries);
  ClientConnection connection = ClientConnection::open(target.endpoint(), shape.version);
  CHECK(read_channel(connection, shape, 0, 7, progress_line) == kEntries);
  CHECK(read_channel(connection, shape, 0, 1000, progress_line) == kEntries);
}

TEST_CASE("what was written and is kept is not complained about") { CHECK(complaint(Fault::none).empty()); }

TEST_CASE("fewer entries than were written are found") {
  CHECK(complaint(Fault::none, 1) == "301 entries were written, XLEN counts 300, and XREAD reads 300");
}

TEST_CASE("an entry that was answered and is not kept is found") {
  CHECK(complaint(Fault::forgotten).find("message lost or reordered: publisher 0 has to be at sequence number 97") !=
        std::string::npos);
}

TEST_CASE("entries in the wrong order are found") {
  CHECK(complaint(Fault::swapped_entries).find("message lost or reordered") != std::string::npos);
}

}  // namespace respublica::bench

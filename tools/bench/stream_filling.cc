#include "tools/bench/stream_filling.h"

#include <chrono>
#include <string>
#include <thread>

#include "tools/bench/interruption.h"
#include "tools/bench/load_run.h"
#include "tools/bench/stream_reading.h"

namespace respublica::bench {

namespace {

constexpr auto kRewritePoll = std::chrono::milliseconds(100);

/// How the entries of a scenario are written: its shape says how they are read.
LoadShape filling(const Scenario& scenario) {
  LoadShape shape;
  shape.write = WriteCommand::xadd;
  shape.publishers = 10;
  shape.payload = scenario.shape.payload;
  shape.version = scenario.shape.version;
  return shape;
}

/// Redis rewrites its file in a second process when it has grown; what follows would stop that half way.
void wait_for_rewrites(const Target& target, ProgressLine& progress_line) {
  ClientConnection connection = ClientConnection::open(target.endpoint(), ProtocolVersion::resp2);
  while (true) {
    const std::string info = connection.command({"INFO", "persistence"});
    if (info.find("aof_rewrite_in_progress:1") == std::string::npos &&
        info.find("aof_rewrite_scheduled:1") == std::string::npos) {
      return;
    }
    throw_if_interrupted();
    progress_line.show("waiting for the server to rewrite its file");
    std::this_thread::sleep_for(kRewritePoll);
  }
}

}  // namespace

LoadShape fill_stream(const Scenario& scenario, Target& target, ProgressLine& progress_line) {
  const LoadShape shape = filling(scenario);
  LoadRun(shape, target, progress_line).run_messages(scenario.count);
  check_kept(target.endpoint(), shape, scenario.count, progress_line);
  wait_for_rewrites(target, progress_line);
  return shape;
}

}  // namespace respublica::bench

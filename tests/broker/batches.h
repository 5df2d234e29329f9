#pragma once
// Streams and groups in memory that a test changes batch by batch.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "broker/stream_batch.h"
#include "storage/memory_file_system.h"
#include "tests/broker/durable_commands.h"
#include "tests/support/catch.h"

namespace respublica::test {

/// A log in memory and the streams in it, changed batch by batch.
struct Batches {
  Batches() {
    LogRecovery recovery;
    const RecordVisitor visit = [](const Record&, LogPosition, std::uint64_t) { return Result<void>(); };
    auto opened = MessageLog::open(files, {64 * 1024}, {}, visit, recovery);
    REQUIRE(opened);
    log = std::move(opened.value());
    batch = std::make_unique<StreamBatch>(streams, *log, ChannelNumber{});
  }

  void begin(std::uint64_t now_ms = 1000) {
    // The views that the batch gives out are of these.
    commands.clear();
    commands.reserve(10'000);
    batch->begin(log->end(), now_ms);
  }
  DurableOutcome run(DurableCommand command) {
    commands.push_back(std::move(command));
    return batch->decide(commands.back());
  }
  /// The ID in words, or the refusal's number.
  std::string id(DurableCommand command) {
    const DurableOutcome outcome = run(std::move(command));
    if (outcome.refusal != Refusal::none) return "refused " + std::to_string(static_cast<int>(outcome.refusal));
    return outcome.id ? format_stream_id(*outcome.id) : "none";
  }
  void commit() {
    if (!batch->frame().empty()) {
      REQUIRE(log->reserve(batch->frame().size()));
      REQUIRE(log->append(batch->frame(), 1000));
      REQUIRE(log->sync());
    }
    batch->publish([](const std::string&, const Stream*) {});
  }
  /// One command, one commit.
  DurableOutcome commit(DurableCommand command, std::uint64_t now_ms = 1000) {
    begin(now_ms);
    const DurableOutcome outcome = run(std::move(command));
    commit();
    return outcome;
  }
  /// What readers of the table see.
  std::string shown(const std::string& channel) {
    const std::shared_ptr<const Stream> stream = streams.find(channel);
    if (stream == nullptr) return "none";
    const LogSource source(*log);
    StreamReader reader(source);
    return show(reader, *stream);
  }

  MemoryFileSystem files{1ULL << 30};
  StreamTable streams;
  std::unique_ptr<MessageLog> log;
  std::unique_ptr<StreamBatch> batch;
  std::vector<DurableCommand> commands;
};

}  // namespace respublica::test

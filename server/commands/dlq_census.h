#pragma once
// Counts dead letters for DLQ STATS.

#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "base/result.h"
#include "broker/letter_census.h"
#include "broker/stream_id.h"

namespace respublica {

struct Command;
struct CommandContext;
class IoThread;

/// Reads channels of dead letters, some entries in each turn of the io thread, so that its other clients do not wait.
/// The client that asked is suspended meanwhile; in an EXEC all is read at once.
///
/// Thread: its io thread.
class DlqCensus : public std::enable_shared_from_this<DlqCensus> {
 public:
  DlqCensus(const CommandContext& context, std::deque<std::string> channels);

  /// Answers the call that `context` is of, now or later.
  void answer(CommandContext& context);

 private:
  /// False when all has been read.
  Result<bool> read_some();
  void go_on();
  void reply(CommandContext& context, const Result<bool>& read) const;

  IoThread& io_;
  const Command& command_;
  const std::uint64_t session_;
  /// Still to be read, the first of them from here on.
  std::deque<std::string> channels_;
  StreamId from_;
  LetterCensus census_;
};

}  // namespace respublica

#pragma once
// Streams as an io thread reads them.

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "broker/durable_rules.h"
#include "broker/stream_reader.h"
#include "storage/segment.h"

namespace respublica {

class IoThread;

/// Looks streams and rules up for the commands of one io thread, and reads entries.
///
/// Thread: its io thread.
class StreamAccess final : private RecordSource {
 public:
  explicit StreamAccess(IoThread& io) : io_(io), reader_(*this) {}

  /// The stream of that name, or null when there is none or its time is over. It can be read until the end of the turn,
  /// whatever is removed from the log meanwhile.
  std::shared_ptr<const Stream> find(std::string_view name);
  /// The rule that makes the channel durable, or null.
  const DurableRule* rule_of(std::string_view channel) const;
  /// A rule forbids that entries of the channel are deleted or trimmed.
  bool append_only(std::string_view channel) const;
  StreamReader& reader() { return reader_; }
  /// What was found is not read any more.
  void end_turn() { view_.reset(); }

 private:
  Result<std::size_t> read(LogPosition position, std::span<char> into) const override;

  IoThread& io_;
  /// Of the log, since the first find() of the turn; null before, and while there is no log.
  std::shared_ptr<const Segments> view_;
  StreamReader reader_;
};

}  // namespace respublica

#pragma once
// Streams as an io thread reads them.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "broker/durable_command.h"
#include "broker/durable_rules.h"
#include "broker/idempotence.h"
#include "broker/stream_reader.h"
#include "broker/stream_table.h"
#include "broker/virtual_reader.h"
#include "storage/segment.h"

namespace respublica {

class IoThread;

/// Looks streams and rules up for the commands of one io thread, and reads entries.
///
/// Thread: its io thread.
class StreamAccess final : private RecordSource {
 public:
  explicit StreamAccess(IoThread& io) : io_(io), reader_(*this) {}

  /// The stream of that name, or null when there is none, its time is over or the channel is virtual. It can be read
  /// until the end of the turn, whatever is removed from the log meanwhile.
  std::shared_ptr<const Stream> find(std::string_view name);
  /// The same as a question. While an EXEC gathers what it changes it is true: what a command will find is decided by
  /// the commands before it.
  bool may_exist(std::string_view name);
  /// All streams.
  const StreamTable& table() const;
  /// Until the next call these are all streams there are: what a command of an EXEC is to see; null = those of all.
  void show(std::shared_ptr<const StreamTable> streams) { shown_ = std::move(streams); }
  /// The rule that makes the channel durable, or null.
  const DurableRule* rule_of(std::string_view channel) const;
  /// Dead letters of some rule may go to the channel.
  bool is_dlq(std::string_view channel) const;
  /// What the rule of a channel says of its entries' time; nothing without a rule.
  EntryRule entry_rule_of(std::string_view channel) const;
  /// Has the entry be what the rule of its channel makes of it, if there is one. An error, which is the whole error
  /// reply, when a reserved field makes no sense.
  Result<void> apply_rule(std::string_view channel, AppendEntry& entry) const;
  /// A rule forbids that entries of the channel are deleted or trimmed.
  bool append_only(std::string_view channel) const;
  /// How the IDs of producers are tracked in streams that have no limits of their own yet.
  IdempotenceLimits idempotence() const;
  StreamReader& reader() { return reader_; }
  /// Reads virtual channels as they are now; none when there is no log.
  std::optional<VirtualReader> virtual_reader() const;
  /// What was found is not read any more.
  void end_turn() { view_.reset(); }

 private:
  Result<std::size_t> read(LogPosition position, std::span<char> into) const override;

  IoThread& io_;
  /// Of the log, since the first find() of the turn; null before, and while there is no log.
  std::shared_ptr<const Segments> view_;
  std::shared_ptr<const StreamTable> shown_;
  StreamReader reader_;
};

}  // namespace respublica

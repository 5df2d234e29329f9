#pragma once
// Streams as an io thread reads them.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "broker/durable_rules.h"
#include "broker/stream_reader.h"
#include "broker/virtual_reader.h"

namespace respublica {

class IoThread;

/// Looks streams and rules up for the commands of one io thread, and reads entries.
///
/// Thread: its io thread.
class StreamAccess final : private RecordSource {
 public:
  explicit StreamAccess(IoThread& io) : io_(io), reader_(*this) {}

  /// The stream of that name, or null when there is none or its time is over.
  std::shared_ptr<const Stream> find(std::string_view name) const;
  /// The rule that makes the channel durable, or null.
  const DurableRule* rule_of(std::string_view channel) const;
  /// A rule forbids that entries of the channel are deleted or trimmed.
  bool append_only(std::string_view channel) const;
  StreamReader& reader() { return reader_; }
  /// Reads virtual channels as they are now; none when there is no log.
  std::optional<VirtualReader> virtual_reader() const;

 private:
  Result<std::size_t> read(LogPosition position, std::span<char> into) const override;

  IoThread& io_;
  StreamReader reader_;
};

}  // namespace respublica

#pragma once
// Entries of a stream or of a virtual channel, for the commands that read.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "base/shared_bytes.h"
#include "broker/read_caps.h"
#include "broker/stream.h"
#include "broker/stream_request.h"
#include "broker/virtual_channel.h"
#include "server/commands/stream_arguments.h"

namespace respublica {

class IoThread;
struct CommandContext;

/// Entries, encoded as the elements of an array by EntryEncoder.
struct Entries {
  std::size_t count = 0;
  /// Of the first of them.
  StreamId first;
  /// Null when there is none.
  SharedBytes bytes;
};

/// What a name that is read stands for at this moment: a stream, a virtual channel, or nothing.
///
/// Thread: its io thread.
class ReadableChannel {
 public:
  ReadableChannel(IoThread& io, std::string_view name);

  bool exists() const { return stream_ != nullptr || virtual_; }
  /// Null when it is none.
  const std::shared_ptr<const Stream>& stream() const { return stream_; }
  const std::optional<VirtualChannel>& virtual_channel() const { return virtual_; }

  /// The ID behind all entries that there have been; none when there is none.
  std::optional<StreamId> next_id() const;
  /// Entries that are there.
  std::uint64_t length() const;

  /// Reads up to `count` entries of a range; 0 = all. An error is the whole error reply.
  Result<Entries> read(const IdRange& range, std::uint64_t count, RangeOrder order) const;
  /// The same from `first` on, without entries that are older than the channel's rule lets them become, as far as the
  /// budget goes, which is that of several channels.
  Result<Entries> read_new(StreamId first, std::uint64_t count, ReadBudget& budget) const;

 private:
  /// The entries of a range that `wanted` is true of.
  template <typename Wanted>
  Result<Entries> read_wanted(const IdRange& range, std::uint64_t count, RangeOrder order, ReadBudget& budget,
                              const Wanted& wanted) const;
  template <typename Visitor>
  Result<void> visit_stream(const IdRange& range, RangeOrder order, const Visitor& visit) const;
  template <typename Visitor>
  Result<void> visit_virtual(const IdRange& range, RangeOrder order, const Visitor& visit) const;

  IoThread& io_;
  std::shared_ptr<const Stream> stream_;
  std::optional<VirtualChannel> virtual_;
};

/// Replies with the elements alone, behind an array's header that the caller wrote.
void reply_elements(CommandContext& context, const Entries& entries);
/// Replies with the array of them.
void reply_entries(CommandContext& context, const Entries& entries);

}  // namespace respublica

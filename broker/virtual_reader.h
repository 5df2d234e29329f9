#pragma once
// Reads the entries of a virtual channel.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "broker/stream_request.h"
#include "broker/stream_table.h"
#include "broker/virtual_channel.h"
#include "storage/log_cursor.h"

namespace respublica {

/// An entry as it stands in a virtual channel: its ID there is when it was committed and where its record stands, so
/// that IDs grow, stay, and are found again. Views last until the next one is visited.
struct VirtualEntry {
  StreamId id;
  std::string_view channel;
  /// Its ID in its channel.
  StreamId channel_id;
  /// For FieldsReader.
  std::string_view fields;
};

/// Its fields as FieldsWriter makes them, with those before them that say where it stands.
std::string fields_with_origin(const VirtualEntry& entry);

/// The entry whose record stands at `position` is in the stream, and is no other one of that ID.
bool has_entry(const Stream& stream, StreamId id, LogPosition position);

/// The first ID behind all entries that stand before `end`.
inline StreamId virtual_id_at(FramePlace end) { return {end.time_ms, end.position.value}; }

/// Goes through the log and shows what of it is there still: no entry that was deleted or trimmed off, none of a stream
/// that was deleted or whose time is over. Where it finds nothing for long it asks the streams where the next entry is.
///
/// Thread: its owner's.
class VirtualReader {
 public:
  /// Reads what stands before `end`; `now_ms` decides whose time is over.
  VirtualReader(const StreamTable& streams, const MessageLog& log, FrameMarks& marks, LogPosition end,
                std::uint64_t now_ms)
      : streams_(streams), cursor_(log, marks, end), now_ms_(now_ms) {}

  using Visit = std::function<bool(const VirtualEntry&)>;
  /// Calls visit() for the entries in `range`, the smallest ID first, until it returns false.
  Result<void> forward(const VirtualChannel& channel, const IdRange& range, const Visit& visit);
  /// The same from `first` on, but not further than through so many bytes of the log, and to the end of the frame.
  /// Where it is to go on; none: there is nothing more.
  Result<std::optional<StreamId>> piece(const VirtualChannel& channel, StreamId first, std::uint64_t bytes,
                                        const Visit& visit);
  /// As forward(), the greatest ID first.
  Result<void> backward(const VirtualChannel& channel, const IdRange& range, const Visit& visit);

  /// Entries that are there.
  std::uint64_t length(const VirtualChannel& channel) const;

 private:
  enum class Scan : std::uint8_t { go_on, stop };

  /// Visits the entries among the records that the cursor has found; stops at visit()'s word and behind the range.
  Result<Scan> scan_records(const VirtualChannel& channel, const IdRange& range, const Visit& visit);
  /// The stream of an entry of `channel` that is there still; null when it is not.
  const Stream* stream_of(const VirtualChannel& channel, const AppendRecord& record, LogPosition position);
  /// Calls visit(const Stream&) for those of the channel.
  template <typename F>
  void each_stream(const VirtualChannel& channel, F&& visit) const;
  /// No entry of the channel stands between `position` and the place returned; none when there is none behind.
  std::optional<LogPosition> live_from(const VirtualChannel& channel, LogPosition position) const;
  /// No entry of the channel stands between the place returned, where one may stand, and `position`.
  std::optional<LogPosition> live_before(const VirtualChannel& channel, LogPosition position) const;

  const StreamTable& streams_;
  LogCursor cursor_;
  const std::uint64_t now_ms_;
  /// The stream looked up last: entries of one channel tend to stand together.
  std::optional<ChannelNumber> number_;
  std::shared_ptr<const Stream> stream_;
  Record record_;
};

}  // namespace respublica

#pragma once
// Reads the entries of a stream from the log.

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/result.h"
#include "broker/stream.h"
#include "broker/stream_request.h"

namespace respublica {

/// Where records are read from: the log, or the log and a frame that is being built.
class RecordSource {
 public:
  virtual ~RecordSource() = default;
  /// As MessageLog::read().
  virtual Result<std::size_t> read(LogPosition position, std::span<char> into) const = 0;
};

/// An entry as it stands in the log. The view lasts until the reader reads another window.
struct StoredEntry {
  StreamId id;
  /// For FieldsReader.
  std::string_view fields;
  /// Of its record, and how long that is.
  LogPosition position;
  std::uint64_t bytes = 0;
};

/// Reads a stream window by window. An error means that the log is damaged or cannot be read, or that the entries have
/// been removed since the stream was looked up; it names the channel.
///
/// Thread: its owner's. It keeps a buffer from call to call, and in it the window that it read last: who reads a stream
/// page by page begins where the page before has ended.
class StreamReader {
 public:
  explicit StreamReader(const RecordSource& source) : source_(source) {}

  /// Calls visit(const StoredEntry&) for the entries in `range`, the smallest ID first, until it returns false.
  template <typename Visit>
  Result<void> forward(const Stream& stream, const IdRange& range, Visit&& visit) {
    const StreamWindows& windows = stream.windows();
    for (std::size_t i = windows.find(range.first).value_or(0); i < windows.size(); ++i) {
      if (windows[i].first > range.last) break;
      if (const Result<void> loaded = load(stream, windows[i], range.first); !loaded) return loaded;
      auto entry = entries_.begin();
      if (windows[i].first < range.first) entry = std::ranges::lower_bound(entries_, range.first, {}, &StoredEntry::id);
      for (; entry != entries_.end(); ++entry) {
        if (entry->id > range.last || !visit(*entry)) return {};
      }
    }
    return {};
  }

  /// The same, the greatest ID first.
  template <typename Visit>
  Result<void> backward(const Stream& stream, const IdRange& range, Visit&& visit) {
    const StreamWindows& windows = stream.windows();
    const std::optional<std::size_t> newest = windows.find(range.last);
    for (std::size_t i = newest ? *newest + 1 : 0; i-- > 0;) {
      if (const Result<void> loaded = load(stream, windows[i], {}); !loaded) return loaded;
      for (std::size_t at = entries_.size(); at-- > 0;) {
        const StoredEntry& entry = entries_[at];
        if (entry.id < range.first) return {};
        if (entry.id <= range.last && !visit(entry)) return {};
      }
    }
    return {};
  }

  /// Reads the live entries of a window of `stream`, in order. The vector lasts until the next call.
  Result<std::span<const StoredEntry>> window(const Stream& stream, const StreamWindow& window);

 private:
  /// What entries_ were read from: the live entries of a window, from `from` on.
  struct Loaded {
    ChannelNumber stream;
    LogPosition begin;
    LogPosition last;
    std::uint16_t live = 0;
    StreamId floor;
    StreamId from;

    /// Their entries differ in where they begin alone.
    bool is_like(const Loaded& other) const {
      return std::tie(stream, begin, last, live, floor) ==
             std::tie(other.stream, other.begin, other.last, other.live, other.floor);
    }
  };

  /// Has the live entries of the window from `from` on in entries_.
  Result<void> load(const Stream& stream, const StreamWindow& window, StreamId from);
  /// The same anew. False when they are not all found behind `begin`, where it begins to read.
  Result<bool> read_behind(LogPosition begin, const Stream& stream, const StreamWindow& window, StreamId from);
  /// Reads the record at `position`, of `limit` bytes at most, into record_; returns its bytes.
  Result<std::string_view> read_at(LogPosition position, std::uint64_t limit);
  /// What has been read into buffer_.
  std::string_view filled() const { return std::string_view(buffer_).substr(0, filled_); }
  /// Makes filled() up to `bytes` of what stands at `position`.
  Result<void> fill(LogPosition position, std::size_t bytes);

  const RecordSource& source_;
  /// Its first bytes, filled_ of them, are what stands at buffer_begin_. It only grows.
  std::string buffer_;
  std::size_t filled_ = 0;
  LogPosition buffer_begin_;
  std::optional<Loaded> loaded_;
  /// Records of a window that is too long for the buffer.
  std::deque<std::string> scattered_;
  std::vector<StoredEntry> entries_;
  Record record_;
};

}  // namespace respublica

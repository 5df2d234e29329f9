#pragma once
// What is in a log, counted.

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tools/log/channel_names.h"
#include "tools/log/log_visitor.h"

namespace respublica::logtool {

/// Counts what a walk shows, on top of what a checkpoint knows. Memory: per channel, and those that were ended do not
/// count.
class LogCensus final : public LogVisitor {
 public:
  explicit LogCensus(const KnownStreams& known);

  struct Channel {
    ChannelNumber number;
    /// Of all its records that are in the log.
    std::uint64_t bytes = 0;
    /// That are not deleted, by the checkpoint and the records that are whole.
    std::uint64_t entries = 0;
  };
  static constexpr std::array kKinds{Record::Kind::channel, Record::Kind::append,   Record::Kind::remove,
                                     Record::Kind::trim,    Record::Kind::counters, Record::Kind::drop,
                                     Record::Kind::expiry,  Record::Kind::group,    Record::Kind::producer};

  Result<void> segment(const SegmentFile& file) override;
  Result<void> frame(const FrameHeader& header) override;
  Result<void> kept_frame(const FrameHeader& header) override;
  Result<void> record(const Record& record, const RecordPlace& place) override;
  Result<void> damage(const Damage& damage) override;

  std::uint64_t segments() const { return segments_; }
  std::uint64_t compact_segments() const { return compact_segments_; }
  /// Of the segment files.
  std::uint64_t file_bytes() const { return file_bytes_; }
  std::uint64_t frames() const { return frames_; }
  /// Of all whole frames, headers and padding included.
  std::uint64_t frame_bytes() const { return frame_bytes_; }
  std::uint64_t records() const;
  std::uint64_t records(Record::Kind kind) const;
  /// Of the first and the last frame, of which compact segments may have a part; none in a log without frames.
  std::optional<std::uint64_t> first_ms() const { return first_ms_; }
  std::optional<std::uint64_t> last_ms() const { return last_ms_; }
  std::uint64_t channels() const { return channels_.size(); }
  /// In all channels.
  std::uint64_t entries() const;
  /// Those with the most bytes, most first.
  std::vector<Channel> largest(std::size_t count) const;
  const ChannelNames& names() const { return names_; }
  /// What was said of damage, in the order of the log; a tail is not among it.
  const std::vector<std::string>& damages() const { return damages_; }

 private:
  void see_time(std::uint64_t ms);

  const KnownStreams& known_;
  ChannelNames names_;
  std::map<ChannelNumber, Channel> channels_;
  std::map<Record::Kind, std::uint64_t> records_;
  std::uint64_t segments_ = 0;
  std::uint64_t compact_segments_ = 0;
  std::uint64_t file_bytes_ = 0;
  std::uint64_t frames_ = 0;
  std::uint64_t frame_bytes_ = 0;
  std::optional<std::uint64_t> first_ms_;
  std::optional<std::uint64_t> last_ms_;
  std::vector<std::string> damages_;
};

}  // namespace respublica::logtool

#pragma once
// Writes what is left of a log into a new one.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "storage/frame_builder.h"
#include "storage/message_log.h"
#include "tools/log/log_visitor.h"
#include "tools/log/salvaged_channels.h"

namespace respublica::logtool {

/// Sees the log a second time, when the channels are known, and writes each entry that is to live on, in the frame with
/// the time it had, with a new `back`. Deletions are not written: what they took off is left out. What a channel is
/// beside its entries (counters, expiry, consumer groups, producers) stands at the end. So the new log contradicts
/// itself nowhere, whatever the old one has lost.
class SalvageWriter final : public LogVisitor {
 public:
  /// All must outlive it; the log is empty.
  SalvageWriter(const KnownStreams& known, const SalvagedChannels& channels, MessageLog& log)
      : known_(known), channels_(channels), log_(log) {}

  Result<void> record(const Record& record, const RecordPlace& place) override;
  Result<void> damage(const Damage&) override { return {}; }
  /// Writes what is missing still, and syncs.
  Result<void> finish();

  std::uint64_t entries() const { return entries_; }
  std::uint64_t channels() const { return written_.size(); }
  /// Live ones of a channel, by its number in the old log.
  std::uint64_t entries_of(ChannelNumber number) const;
  bool has(ChannelNumber number) const { return written_.contains(number); }
  /// Those that came behind others with greater IDs, or twice: the places of records are not known where the table of
  /// a compact segment is damaged.
  std::uint64_t left_out() const { return left_out_; }

 private:
  /// A channel in the new log.
  struct Written {
    ChannelNumber number;
    EntryKey last_id;
    std::uint64_t entries = 0;
    /// The window that its next entry may join.
    LogPosition window_begin;
    LogPosition window_last;
    std::uint16_t window_entries = 0;
  };

  Written& written(ChannelNumber number, const SalvagedChannel& channel);
  void add_entry(AppendRecord entry, Written& channel);
  void add_state(const SalvagedChannel& channel, const Written& written);
  Result<void> commit();

  const KnownStreams& known_;
  const SalvagedChannels& channels_;
  MessageLog& log_;
  FrameBuilder frame_;
  LogPosition source_frame_;
  std::uint64_t time_ms_ = 0;
  /// By the numbers in the old log.
  std::map<ChannelNumber, Written> written_;
  std::uint64_t entries_ = 0;
  std::uint64_t left_out_ = 0;
};

}  // namespace respublica::logtool

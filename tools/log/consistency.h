#pragma once
// Whether records say what records before them allow.

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "storage/record.h"
#include "storage/segment_format.h"
#include "tools/log/known_streams.h"
#include "tools/log/log_visitor.h"

namespace respublica::logtool {

/// Knows of each channel what fits in a few words, and no entry: that a deleted one was there cannot be seen.
///
/// Begins with nothing, or with what a checkpoint knows, and then looks at records that are in it already by
/// themselves. Once records are lost nothing more is found: what they said could make all right.
class Consistency {
 public:
  explicit Consistency(const KnownStreams& known);

  /// What the header of a whole frame contradicts, as a sentence; none: nothing.
  std::optional<std::string> check(const FrameHeader& header);
  /// The same of a record.
  std::optional<std::string> check(const Record& record, const RecordPlace& place);
  void lose_records() { is_complete_ = false; }

 private:
  struct Channel {
    std::string name;
    EntryKey last_id;
    LogPosition last_append;
    std::uint64_t entries = 0;
    /// XSETID has gone back: the next entry may be tied to one further back than the last.
    bool is_rewound = false;
  };

  /// Of a record that is in the checkpoint already.
  std::optional<std::string> check_past(const Record& record, LogPosition position);
  std::optional<std::string> name(const ChannelRecord& record);
  std::optional<std::string> apply(const Record& record, LogPosition position, Channel& channel);
  static std::optional<std::string> append(const AppendRecord& record, LogPosition position, Channel& channel);
  static std::optional<std::string> take_off(std::uint64_t entries, Channel& channel);

  const KnownStreams& known_;
  bool is_complete_ = true;
  std::uint64_t next_number_ = 0;
  std::uint64_t time_ms_ = 0;
  LogPosition durable_;
  std::map<ChannelNumber, Channel> channels_;
};

}  // namespace respublica::logtool

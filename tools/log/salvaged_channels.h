#pragma once
// What the channels of a damaged log are, by all records that are whole.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "storage/log_position.h"
#include "storage/record.h"
#include "tools/log/known_streams.h"
#include "tools/log/removals.h"
#include "tools/log/salvaged_groups.h"
#include "tools/log/salvaged_producers.h"

namespace respublica::logtool {

struct SalvagedChannel {
  /// None when nothing tells it any more.
  std::optional<std::string> name;
  /// The name was made up.
  bool is_name_lost = false;
  Removals removals;
  EntryKey last_id;
  EntryKey max_deleted;
  std::uint64_t entries_added = 0;
  /// That should be live in the end; none when records that are lost make that unknown.
  std::optional<std::uint64_t> length = 0;
  std::optional<std::uint64_t> expires_ms;
  /// Of the last entry's record; 0 = none yet.
  LogPosition last_append;
  SalvagedGroups groups;
  SalvagedProducers producers;
};

/// Entries of one channel that are lost, as the entry behind them tells.
struct EntryGap {
  ChannelNumber channel;
  /// Where the last of them stood.
  LogPosition position;
  /// The last whole entry before them; none when there is none.
  std::optional<EntryKey> after;
  EntryKey before;
};

/// Begins with what a checkpoint knows, and takes in all records that are news to it, in order. A record whose subject
/// is lost does what it can: a deletion deletes nothing, an entry brings a channel with it whose name is not known.
/// What lost records must have said is concluded where there is one answer only: the channel whose name another one
/// gets was ended; above the ID at which a channel goes on nothing was left.
///
/// Memory: per channel and pending entry, and what Removals has.
class SalvagedChannels {
 public:
  using Channels = std::map<ChannelNumber, SalvagedChannel>;

  SalvagedChannels() = default;
  /// Entries before `complete_from` may have been left out because they were deleted: none of them is a gap.
  SalvagedChannels(const KnownStreams& known, LogPosition complete_from);

  /// Returns the gap before the entry, if the record is one and shows it.
  std::optional<EntryGap> take(const Record& record, LogPosition position);
  /// To be called when no more records come: channels without a name get one that no other has.
  void name_all();

  const Channels& all() const { return channels_; }

 private:
  void name(const ChannelRecord& record);
  void end(ChannelNumber number);
  static void lose(SalvagedChannel& channel, std::uint64_t entries);
  std::optional<EntryGap> append(const AppendRecord& record, LogPosition position);

  LogPosition complete_from_;
  Channels channels_;
  std::map<std::string, ChannelNumber, std::less<>> numbers_;
};

}  // namespace respublica::logtool

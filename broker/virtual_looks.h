#pragma once
// How far the groups of virtual channels have come, and which of them are to be looked for.

#include <compare>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "broker/durable_command.h"
#include "broker/stream_id.h"

namespace respublica {

/// New entries of a virtual channel are found by going through the log: so a reading of them waits from the beginning,
/// and is served by looks (ReadGroup::look_from) between other work, one bounded piece of the log each. Where a group
/// goes on is in the log, as its last delivered ID. Of groups that have come to the end it is remembered here, so that
/// nobody goes through what has been appended since to other channels.
///
/// Thread: the sequencer.
class VirtualLooks {
 public:
  struct Group {
    std::string channel;
    std::string name;

    auto operator<=>(const Group&) const = default;
  };

  /// The group of a reading that looks are for; none: it is another command.
  static std::optional<Group> group_of(const DurableCommand& command);

  /// The group is to be looked for; once, however often it is asked.
  void ask(const Group& group);
  bool empty() const { return asked_.empty(); }
  /// The one that has been asked for longest; none: there is none.
  std::optional<Group> take();

  /// Where a look for the group, which has been given what there is up to `last_delivered`, begins; none: nothing new
  /// has come since it reached the end.
  std::optional<StreamId> begin(const Group& group, StreamId last_delivered) const;
  /// A look has found nothing behind `last_delivered`, up to the end of the log.
  void reached_end(const Group& group, StreamId last_delivered);
  /// It has not come so far.
  void left(const Group& group);
  /// Entries were appended to these channels, with IDs from `begin` on: groups that had reached the end are asked for.
  void appended(const std::vector<std::string_view>& channels, StreamId begin);
  /// Forgets groups of the channel that are gone.
  void keep(const std::string& channel, const std::function<bool(const std::string& group)>& is_there);

 private:
  /// No entry of the channel stands between the two.
  struct Gap {
    StreamId last_delivered;
    /// None: the end.
    std::optional<StreamId> next;
  };
  using ByGroup = std::map<std::string, Gap, std::less<>>;

  void appended_to(std::string_view channel, StreamId begin);

  std::deque<Group> queue_;
  /// Those in queue_.
  std::set<Group> asked_;
  std::map<std::string, ByGroup, std::less<>> gaps_;
};

}  // namespace respublica

#pragma once
// The consumer groups of a channel, as far as whole records tell.

#include <cstdint>
#include <memory>
#include <set>
#include <vector>

#include "broker/group_table.h"
#include "storage/group_record.h"

namespace respublica::logtool {

/// Begins with what a checkpoint knows, and takes the records behind it, in order. Nothing is made up for what lost
/// records have said: a group whose name is lost is left out; what is pending with a consumer whose name is lost is
/// pending with nobody, so that it is delivered again; what is delivered and was not said to be is so from now on, and
/// what is released that was not pending is not.
class SalvagedGroups {
 public:
  /// Null: none.
  explicit SalvagedGroups(const StreamGroups* known = nullptr);

  void take(const GroupRecord& record);

  /// Groups whose names are lost.
  std::size_t lost() const { return lost_.size(); }
  /// The IDs of a virtual channel are places in the log: in another log they are others.
  enum class EntryIds : std::uint8_t { kept, changed };
  /// What makes the groups anew, in a channel without groups. Where the IDs of entries have changed, nothing is
  /// pending, and groups go on before the oldest entry that was: some are delivered again.
  std::vector<GroupRecord> records(ChannelNumber channel, EntryIds ids = EntryIds::kept) const;

 private:
  void make(const GroupRecord& record);
  static void make_consumer(ConsumerGroup& group, const GroupRecord& record);

  /// Null while there are none.
  std::shared_ptr<StreamGroups> groups_;
  std::set<std::uint64_t> lost_;
};

}  // namespace respublica::logtool

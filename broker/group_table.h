#pragma once
// The consumer groups of all streams.

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "broker/consumer_group.h"
#include "storage/group_record.h"

namespace respublica {

/// The groups of one stream, by name, as Redis orders them.
///
/// Thread: the sequencer.
class StreamGroups {
 public:
  using ByName = std::map<std::string, ConsumerGroup, std::less<>>;

  const ByName& all() const { return by_name_; }
  ByName& all() { return by_name_; }
  /// Null when there is none.
  ConsumerGroup* find(std::string_view name);
  std::uint64_t next_number() const { return next_number_; }

  /// As ConsumerGroup::apply().
  [[nodiscard]] bool apply(const GroupRecord& record);
  /// Adds a group as it was. False when there cannot be such a one.
  [[nodiscard]] bool restore(ConsumerGroup group);
  void restore_next_number(std::uint64_t next) { next_number_ = std::max(next_number_, next); }

 private:
  ByName by_name_;
  /// Into by_name_.
  boost::unordered_flat_map<std::uint64_t, ConsumerGroup*> by_number_;
  std::uint64_t next_number_ = 1;
};

/// By the number of the stream; a stream without groups is not in it. All of it changes with records of the log.
///
/// Thread: the sequencer.
class GroupTable {
 public:
  using ByStream = boost::unordered_flat_map<std::uint64_t, std::shared_ptr<StreamGroups>>;

  /// Null when the stream has none.
  StreamGroups* find(ChannelNumber stream);
  /// The group, or null.
  ConsumerGroup* find(ChannelNumber stream, std::string_view group);
  [[nodiscard]] bool apply(const GroupRecord& record);
  void put(ChannelNumber stream, std::shared_ptr<StreamGroups> groups);
  /// The stream is gone.
  void drop(ChannelNumber stream) { by_stream_.erase(stream.value); }
  const ByStream& all() const { return by_stream_; }

 private:
  ByStream by_stream_;
};

}  // namespace respublica

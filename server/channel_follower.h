#pragma once
// A session's subscriptions to `$since:` names.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/stream_reader.h"
#include "protocol/protocol_version.h"
#include "server/followers.h"
#include "server/since_name.h"

namespace respublica {

/// One subscription that reads its channel from the log, in the order of the IDs, each entry once: first what is there,
/// then what comes. It remembers the next ID alone. When the channel is deleted and made again, it begins again where
/// it began.
///
/// Thread: its owner's.
class ChannelFollower {
 public:
  ChannelFollower(std::string_view name, const SinceName& since, std::shared_ptr<FollowerBell> bell)
      : name_(name), channel_(since.channel), first_(since.first), next_(since.first), bell_(std::move(bell)) {}

  const std::string& name() const { return name_; }
  /// There may be entries.
  bool due() const { return bell_->rung(); }

  using FindStream = std::function<std::shared_ptr<const Stream>(std::string_view name)>;
  /// Appends what is there as messages to `out`, until that has `limit` bytes; returns how many. It is due afterwards
  /// when there is more.
  Result<std::uint64_t> read(const FindStream& find, StreamReader& reader, ProtocolVersion version, std::string& out,
                             std::size_t limit);

 private:
  std::string name_;
  std::string channel_;
  StreamId first_;
  /// None: nothing can come behind the last ID there is.
  std::optional<StreamId> next_;
  /// Of the stream that next_ is of.
  std::optional<ChannelNumber> number_;
  std::shared_ptr<FollowerBell> bell_;
};

/// All of them of one session. They are read in turn, a few messages at a time, whenever the session's queue is empty:
/// what its client does not take is not read, and waits in the log and not in memory.
///
/// Thread: its session's io thread.
class ChannelFollowers {
 public:
  /// So many bytes of messages are read at once; and then the rest of the last one.
  static constexpr std::size_t kStepBytes = 64 * 1024;

  void add(ChannelFollower follower) { followers_.push_back(std::move(follower)); }
  void remove(std::string_view name);
  bool empty() const { return followers_.empty(); }
  bool due() const;

  /// As ChannelFollower::read(), of one of them that is due.
  Result<std::uint64_t> read(const ChannelFollower::FindStream& find, StreamReader& reader, ProtocolVersion version,
                             std::string& out);

  /// Bytes that were read and stand at the front of the session's queue. They are few, and count for no limit.
  std::size_t unsent() const { return unsent_; }
  void queued(std::size_t bytes) { unsent_ += bytes; }
  void sent(std::size_t bytes) { unsent_ -= bytes < unsent_ ? bytes : unsent_; }

 private:
  std::vector<ChannelFollower> followers_;
  /// Who is looked at first.
  std::size_t turn_ = 0;
  std::size_t unsent_ = 0;
};

}  // namespace respublica

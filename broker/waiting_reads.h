#pragma once
// Reads of consumer groups that wait for entries: XREADGROUP BLOCK.

#include <atomic>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "broker/durable_command.h"
#include "broker/name_hash.h"

namespace respublica {

/// Shared by a read that may wait and whoever may give it up.
/// Thread: any.
class ReadWait {
 public:
  /// What it does when all there is has been looked at (VirtualLooks).
  enum class AtEnd : std::uint8_t { waits, ends };

  /// It waits until `deadline` at most; none = for ever.
  explicit ReadWait(std::optional<SteadyTime> deadline, AtEnd at_end = AtEnd::waits)
      : deadline_(deadline), at_end_(at_end) {}

  std::optional<SteadyTime> deadline() const { return deadline_; }
  AtEnd at_end() const { return at_end_; }
  /// It is answered with what there is when it is looked at next.
  void give_up() { given_up_.store(true, std::memory_order_release); }
  bool given_up() const { return given_up_.load(std::memory_order_acquire); }

 private:
  const std::optional<SteadyTime> deadline_;
  const AtEnd at_end_;
  std::atomic<bool> given_up_{false};
};

/// Thread: the sequencer.
class WaitingReads {
 public:
  struct Read {
    DurableCommand command;
    /// As Sequencer::Work::done.
    std::function<void(std::vector<DurableOutcome>)> done;
    std::shared_ptr<ReadWait> wait;
  };
  /// In the order in which they began to wait.
  using Number = std::uint64_t;
  /// Who claims (XREADGROUP CLAIM) may be given what others of the group are not.
  enum class Which : std::uint8_t { all, claiming };
  /// Of those that wait for one channel.
  struct Size {
    std::size_t reads = 0;
    /// Of the names of their consumers.
    std::uint64_t name_bytes = 0;
  };

  /// A read whose command is a ReadGroup.
  void add(Read read);
  /// The groups of the channel that are waited for.
  std::vector<std::string> groups(std::string_view channel) const;
  /// Those that wait for the group, the longest waiting first.
  std::vector<Number> find(std::string_view channel, std::string_view group) const;
  /// The first of them from `from` on.
  std::optional<Number> next(std::string_view channel, std::string_view group, Number from, Which which) const;
  Size size(std::string_view channel) const;
  /// For all channels.
  std::size_t size() const { return reads_.size(); }
  /// Calls f(Number) for those that wait for the channel.
  template <typename F>
  void visit(std::string_view channel, Which which, F&& f) const {
    const auto found = by_channel_.find(channel);
    if (found == by_channel_.end()) return;
    for (const auto& [name, group] : found->second.groups) {
      for (const Number number : group.reads(which)) f(number);
    }
  }
  /// Whose they are.
  std::vector<DropSilent::Waiting> consumers(std::string_view channel) const;
  const DurableCommand& command(Number number) const { return reads_.at(number).command; }
  ReadWait::AtEnd at_end(Number number) const { return reads_.at(number).wait->at_end(); }
  /// It waits no more.
  Read take(Number number);

  /// When the next one has waited long enough; none = never.
  std::optional<SteadyTime> due() const;
  /// Those that have waited long enough, and those of `given_up` that still wait.
  std::vector<Read> take_over(SteadyTime now, const std::vector<std::shared_ptr<ReadWait>>& given_up);

 private:
  struct Group {
    std::set<Number> all;
    std::set<Number> claiming;

    const std::set<Number>& reads(Which which) const { return which == Which::all ? all : claiming; }
  };
  struct Channel {
    std::map<std::string, Group, std::less<>> groups;
    Size size;
  };

  const Group* find_group(std::string_view channel, std::string_view group) const;

  std::map<Number, Read> reads_;
  boost::unordered_flat_map<std::string, Channel, NameHash, std::equal_to<>> by_channel_;
  boost::unordered_flat_map<const ReadWait*, Number> by_wait_;
  std::set<std::pair<SteadyTime, Number>> by_deadline_;
  Number next_ = 0;
};

}  // namespace respublica

#pragma once
// A broker's log in memory, and what the broker shows of it.

#include <cstdint>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tests/broker/durable_commands.h"
#include "tests/broker/group_commands.h"
#include "tests/broker/idempotent_commands.h"
#include "tests/broker/sequencer_parts.h"
#include "tests/storage/log_access.h"

namespace respublica::test {

/// What a broker shows of a log: entries and counters of each stream, its groups and its producers.
using Streams = std::map<std::string, std::string>;

/// A broker over files in memory.
class Broker {
 public:
  /// Its clock begins behind `ms`.
  explicit Broker(std::shared_ptr<ObservedDisk> disk, std::uint64_t ms = 1000)
      : ms_(ms), sequencer_(opener(std::move(disk)), LogOptions{64 * 1024}, clock_, listener_) {
    const auto opened = sequencer_.open();
    if (!opened) throw std::runtime_error(opened.error().message);
    sequencer_.start();
  }

  std::vector<DurableOutcome> commit(std::vector<DurableCommand> commands) {
    clock_.set(++ms_);
    return test::commit(sequencer_, std::move(commands));
  }

  /// Where the last commit ends.
  LogPosition end() const { return sequencer_.shown_end().position; }
  std::vector<std::shared_ptr<const Stream>> all() const { return sequencer_.streams().all(); }

  Streams streams() {
    Streams shown;
    for (const auto& stream : sequencer_.streams().all()) {
      const LogSource source(*sequencer_.log());
      StreamReader reader(source);
      shown[stream->name()] = show(reader, *stream) + " last " + format_stream_id(stream->last_id()) + " deleted " +
                              format_stream_id(stream->max_deleted_id()) + " added " +
                              std::to_string(stream->entries_added()) + " expires " +
                              std::to_string(stream->expires_ms().value_or(0)) + groups(stream->name()) +
                              producers(stream->name());
    }
    return shown;
  }

 private:
  std::string groups(const std::string& channel) {
    const DurableOutcome shown = commit({{channel, ShowGroupsInFull{0}}}).front();
    const auto& details = std::get<GroupDetails>(*shown.groups);
    return details.groups.empty() ? "" : " groups " + show(without_times(details));
  }

  /// Counts begin anew in a copy.
  std::string producers(const std::string& channel) {
    const DurableOutcome shown = commit({{channel, ShowProducers{}}}).front();
    ProducerDetails details = *shown.producers;
    details.added = details.duplicates = 0;
    return details.ids == 0 ? "" : " producers " + show(details);
  }

  std::uint64_t ms_;
  SetClock clock_;
  QuietListener listener_;
  Sequencer sequencer_;
};

}  // namespace respublica::test

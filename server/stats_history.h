#pragma once
// INFO's memory: what CONFIG RESETSTAT set to zero, and what was going on a moment ago.

#include <cstdint>
#include <deque>

#include "base/clock.h"
#include "base/mutex.h"
#include "server/stats_totals.h"

namespace respublica {

/// How much per second, over the last second or a little more.
struct StatsRates {
  double commands = 0;
  double input_bytes = 0;
  double output_bytes = 0;
};

/// Remembers earlier totals of the io threads' counters, which only their own threads may change: INFO shows what was
/// counted since the baseline, and rates against a sample that is at least a second old.
///
/// Owned by ServerState. tick() is called by one io thread, at least once a second.
/// Thread: any, guarded by its mutex.
class StatsHistory {
 public:
  /// What rates need of the totals.
  struct Sample {
    SteadyTime time;
    std::uint64_t commands = 0;
    std::uint64_t input_bytes = 0;
    std::uint64_t output_bytes = 0;
  };

  /// From now on everything counts from `totals` (CONFIG RESETSTAT).
  void reset(StatsTotals totals) EXCLUDES(mutex_);
  /// What was counted since reset(), or since the start.
  StatsTotals since_reset(const StatsTotals& totals) const EXCLUDES(mutex_);

  /// Takes a sample, unless the last one is quite new, and notes the memory in use. Cheap when there is nothing to do.
  void tick(SteadyTime now, const std::vector<std::unique_ptr<IoCounters>>& counters) EXCLUDES(mutex_);
  /// Adds a sample; older ones that rates no longer need are dropped.
  void add_sample(const Sample& sample) EXCLUDES(mutex_);
  /// Rates from the newest sample that is at least a second older than `now` (or the oldest there is) until `now`.
  StatsRates rates(const Sample& now) const EXCLUDES(mutex_);

  /// The largest of all `bytes` noted so far.
  std::uint64_t note_memory(std::uint64_t bytes) EXCLUDES(mutex_);

 private:
  mutable Mutex mutex_;
  StatsTotals baseline_ GUARDED_BY(mutex_);
  std::deque<Sample> samples_ GUARDED_BY(mutex_);
  std::uint64_t peak_memory_ GUARDED_BY(mutex_) = 0;
};

}  // namespace respublica

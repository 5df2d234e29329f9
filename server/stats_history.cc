#include "server/stats_history.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "server/stats_memory.h"

namespace respublica {
namespace {

/// Rates are measured over at least this long.
constexpr std::chrono::seconds kWindow{1};
/// Samples are at least this far apart.
constexpr std::chrono::milliseconds kBetweenSamples{250};

double per_second(std::uint64_t now, std::uint64_t before, double seconds) {
  return now <= before ? 0 : static_cast<double>(now - before) / seconds;
}

}  // namespace

void StatsHistory::reset(StatsTotals totals) {
  MutexLock lock(mutex_);
  baseline_ = std::move(totals);
}

StatsTotals StatsHistory::since_reset(const StatsTotals& totals) const {
  MutexLock lock(mutex_);
  return totals.since(baseline_);
}

void StatsHistory::tick(SteadyTime now, const std::vector<std::unique_ptr<IoCounters>>& counters) {
  {
    MutexLock lock(mutex_);
    if (!samples_.empty() && now - samples_.back().time < kBetweenSamples) return;
  }
  Sample sample{now};
  for (const auto& thread : counters) {
    sample.commands += thread->commands_processed.value();
    sample.input_bytes += thread->net_input_bytes.value();
    sample.output_bytes += thread->net_output_bytes.value();
  }
  add_sample(sample);
  note_memory(allocated_bytes());
}

void StatsHistory::add_sample(const Sample& sample) {
  MutexLock lock(mutex_);
  samples_.push_back(sample);
  while (samples_.size() > 1 && sample.time - samples_[1].time >= kWindow) samples_.pop_front();
}

StatsRates StatsHistory::rates(const Sample& now) const {
  MutexLock lock(mutex_);
  if (samples_.empty()) return {};
  const Sample* from = &samples_.front();
  for (const Sample& sample : samples_) {
    if (now.time - sample.time >= kWindow) from = &sample;
  }
  const double seconds = std::chrono::duration<double>(now.time - from->time).count();
  if (seconds <= 0) return {};
  return {per_second(now.commands, from->commands, seconds), per_second(now.input_bytes, from->input_bytes, seconds),
          per_second(now.output_bytes, from->output_bytes, seconds)};
}

std::uint64_t StatsHistory::note_memory(std::uint64_t bytes) {
  MutexLock lock(mutex_);
  peak_memory_ = std::max(peak_memory_, bytes);
  return peak_memory_;
}

}  // namespace respublica

#include "broker/log_retention.h"

#include <algorithm>
#include <span>
#include <utility>

#include "broker/stream_trim.h"

namespace respublica {
namespace {

/// Streams that are changed with one frame.
constexpr std::size_t kLimitsAtOnce = 256;
/// After a failure, and while the log is full.
constexpr std::chrono::seconds kAfterFailure{60};
constexpr std::chrono::seconds kWhileFull{1};
/// A look takes at most this part of the time.
constexpr int kLookShare = 100;

std::uint64_t file_bytes(std::span<const SegmentLoad> loads) {
  std::uint64_t bytes = 0;
  for (const SegmentLoad& load : loads) bytes += load.segment.file_bytes;
  return bytes;
}

std::uint64_t file_bytes(const MessageLog& log) {
  std::uint64_t bytes = 0;
  for (const MessageLog::SegmentInfo& segment : log.segments()) bytes += segment.file_bytes;
  return bytes;
}

}  // namespace

LogRetention::LogRetention(FileSystem& files, MessageLog& log, const StreamTable& streams, SideThread& side,
                           const Clock& clock, RetentionLimits limits, std::uint64_t segment_bytes,
                           UpkeepListener& listener)
    : files_(files),
      log_(log),
      streams_(streams),
      side_(side),
      clock_(clock),
      limits_(limits),
      segment_bytes_(segment_bytes),
      listener_(listener),
      next_look_(clock_.steady_now() + limits.every),
      looked_until_(log.end()) {}

void LogRetention::look(LogPosition start, const LogTimes& times, bool is_full) {
  if (busy_) return;
  if (compactor_ != nullptr) {
    if (clock_.steady_now() >= next_copy_) copy();
  } else if (to_limit_.empty() && is_time(is_full)) {
    begin_plan(start, times);
  }
}

bool LogRetention::is_time(bool is_full) const {
  const SteadyTime now = clock_.steady_now();
  if (is_full && now >= next_look_ - limits_.every + kWhileFull) return true;
  if (log_.end() - looked_until_ >= segment_bytes_) return true;
  return now >= next_look_ && (will_age_ || log_.end() != looked_until_);
}

std::optional<SteadyTime> LogRetention::due() const {
  if (busy_) return std::nullopt;
  if (compactor_ != nullptr) return next_copy_;
  if (!to_limit_.empty()) return SteadyTime{};
  if (will_age_ || log_.end() != looked_until_) return next_look_;
  return std::nullopt;
}

std::vector<DurableCommand> LogRetention::take_limits() {
  const std::size_t count = std::min(to_limit_.size(), kLimitsAtOnce);
  const auto first = to_limit_.end() - static_cast<std::ptrdiff_t>(count);
  std::vector<DurableCommand> taken(std::make_move_iterator(first), std::make_move_iterator(to_limit_.end()));
  to_limit_.erase(first, to_limit_.end());
  return taken;
}

void LogRetention::begin_plan(LogPosition start, const LogTimes& times) {
  start_ = start;
  looked_until_ = log_.end();
  std::vector<MessageLog::SegmentInfo> segments = log_.segments();
  // It is written to.
  if (!segments.empty()) segments.pop_back();
  const auto plan = std::make_shared<Plan>(Plan{SegmentUse(segments), {}, false, clock_.steady_now()});
  do_aside(
      [this, plan, times, now_ms = unix_ms(clock_.wall_now())]() -> Result<void> {
        make_plan(*plan, times, now_ms);
        return {};
      },
      [this, plan] { carry_out(*plan); });
}

void LogRetention::make_plan(Plan& plan, const LogTimes& times, std::uint64_t now_ms) const {
  const std::shared_ptr<const DurableRules> rules = listener_.rules();
  for (std::size_t part = 0; part < StreamTable::kParts; ++part) {
    for (const std::shared_ptr<const Stream>& stream : streams_.part(part)) {
      plan.use.add(stream->windows());
      const DurableRule* const rule = rules->all().empty() ? nullptr : rules->find(stream->name());
      if (rule == nullptr) continue;
      const StreamLimits limits = rule->limits();
      if (limits.age_ms != 0 && stream->length() > 0) plan.will_age = true;
      const LogPosition old_before = times.written_by(now_ms - std::min(now_ms, limits.age_ms));
      if (may_be_beyond(*stream, limits, old_before)) plan.to_limit.push_back({stream->name(), LimitStream{limits}});
    }
  }
}

void LogRetention::carry_out(Plan& plan) {
  const SteadyTime now = clock_.steady_now();
  next_look_ = now + std::max<Steady::duration>(limits_.every, (now - plan.begun) * kLookShare);
  will_age_ = plan.will_age;
  to_limit_ = std::move(plan.to_limit);
  remove_front(plan);
  std::vector<SegmentLoad> loads = plan.use.loads();
  history_.keep_only(loads);
  std::erase_if(loads, [this](const SegmentLoad& load) { return load.segment.base < log_.begin(); });
  const auto range = choose_compaction(loads, history_, start_, segment_bytes_);
  if (!range) return;
  std::erase_if(loads, [&range](const SegmentLoad& load) {
    return load.segment.base < range->base || load.segment.end > range->end;
  });
  begin_compaction(*range, std::move(loads));
}

void LogRetention::remove_front(const Plan& plan) {
  const LogPosition until = std::min(plan.use.needed_from(), start_);
  if (plan.use.loads().empty() || plan.use.loads().front().segment.end > until) return;
  // What says that the entries are gone must not be lost when they are.
  if (auto synced = log_.sync(); !synced) return listener_.log_failed(synced.error());
  const std::uint64_t before = file_bytes(log_);
  const auto removed = log_.remove_before(until);
  if (!removed && removed.error().kind != ErrorKind::no_space) return listener_.log_failed(removed.error());
  if (!removed) listener_.upkeep_failed(removed.error());
  if (const std::uint64_t after = file_bytes(log_); after < before) listener_.gave_back(before - after);
}

void LogRetention::begin_compaction(CompactionRange range, std::vector<SegmentLoad> loads) {
  range_ = range;
  loads_ = std::move(loads);
  copied_bytes_ = 0;
  do_aside(
      [this, range]() -> Result<void> {
        auto begun = LogCompactor::begin(files_, log_.view(), range, streams_);
        if (!begun) return begun.error();
        compactor_ = std::move(begun.value());
        return {};
      },
      [this] { next_copy_ = clock_.steady_now(); });
}

void LogRetention::copy() {
  const auto more = std::make_shared<bool>(false);
  do_aside(
      [compactor = compactor_, more]() -> Result<void> {
        const auto stepped = compactor->step();
        if (!stepped) return stepped.error();
        *more = stepped.value();
        return {};
      },
      [this, more] { copied(*more); });
}

void LogRetention::copied(bool more) {
  const std::uint64_t bytes = compactor_->read_bytes() - std::exchange(copied_bytes_, compactor_->read_bytes());
  next_copy_ = clock_.steady_now() + std::chrono::nanoseconds(bytes * 1'000'000'000 / limits_.bytes_per_second);
  // So much is kept that nothing is gained: the estimate was wrong.
  if (!is_worth_rewriting(loads_, compactor_->kept_bytes())) return drop_compaction();
  if (more) return;
  const auto compact = std::make_shared<std::optional<CompactSegment>>();
  do_aside(
      [compactor = compactor_, compact]() -> Result<void> {
        auto finished = compactor->finish();
        if (!finished) return finished.error();
        compact->emplace(std::move(finished.value()));
        return {};
      },
      [this, compact] { replace(std::move(**compact)); });
}

void LogRetention::replace(CompactSegment compact) {
  compactor_ = nullptr;
  std::uint64_t kept = 0;
  for (const SegmentLoad& load : loads_) kept += load.kept;
  const std::uint64_t before = file_bytes(loads_);
  const std::uint64_t after = compact.file_bytes();
  // What says that entries are gone must not be lost when they are.
  if (auto synced = log_.sync(); !synced) return listener_.log_failed(synced.error());
  const auto replaced = log_.replace(std::move(compact));
  if (!replaced) {
    const bool is_harmless =
        replaced.error().kind == ErrorKind::no_space || replaced.error().kind == ErrorKind::not_found;
    return is_harmless ? give_up(replaced.error()) : listener_.log_failed(replaced.error());
  }
  history_.add(range_, kept);
  if (before > after) listener_.gave_back(before - after);
  // There may be more.
  next_look_ = clock_.steady_now();
  will_age_ = true;
}

void LogRetention::drop_compaction() {
  compactor_ = nullptr;
  for (const SegmentLoad& load : loads_) history_.add({load.segment.base, load.segment.end}, load.kept);
}

void LogRetention::give_up(const Error& error) {
  drop_compaction();
  next_look_ = clock_.steady_now() + kAfterFailure;
  listener_.upkeep_failed(error);
}

void LogRetention::do_aside(std::function<Result<void>()> step, std::function<void()> next) {
  busy_ = true;
  side_.run(
      std::move(step),
      [this, next = std::move(next)] {
        busy_ = false;
        next();
      },
      [this](const Error& error) {
        busy_ = false;
        give_up(error);
      });
}

}  // namespace respublica

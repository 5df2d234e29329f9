#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "storage/message_log.h"
#include "tests/storage/log_access.h"
#include "tests/support/catch.h"
#include "tests/support/seed_range.h"
#include "tests/support/seeded_random.h"
#include "tests/support/simulated_disk.h"

namespace respublica::test {
namespace {

/// Lives of a process between which the power fails or it is restarted.
constexpr int kLives = 6;

/// Writes to a log on a disk that loses power, fails and fills up, removes and replaces its segments, and compares what
/// is found with a model: whole frames in their order, at least all that were durable, none that was never appended;
/// and wherever they stand, all entries that were not given up.
class Simulation {
 public:
  explicit Simulation(std::uint64_t seed)
      : random_(seed), disk_(seed), writes_(random_.percent(50) ? SectorWrites::torn : SectorWrites::whole) {
    sync_percent_ = random_.percent(50) ? 100 : 20;
  }

  /// What went wrong; empty when nothing did.
  std::string run() {
    for (int life = 0; life < kLives && problem_.empty(); ++life) {
      plan_faults();
      reopen();
      for (std::uint64_t steps = random_.below(60); steps > 0 && log_ && problem_.empty(); --steps) {
        if (!step()) break;
      }
      end_life();
    }
    if (problem_.empty()) reopen();
    return problem_;
  }

 private:
  struct Entry {
    LogPosition position;
    std::string fields;
    /// Not given up.
    bool is_live = true;
  };
  /// A frame that was given to the log, which may not have taken it.
  struct Frame {
    LogPosition begin;
    LogPosition end;
    std::vector<Entry> entries;
  };
  /// What a reader sees that began some time ago.
  struct View {
    std::shared_ptr<const Segments> segments;
    std::vector<Entry> entries;
  };

  void plan_faults() {
    disk_.set_capacity(random_.percent(20) ? 150'000 + random_.below(400'000) : std::uint64_t{1} << 30);
    if (random_.percent(60)) disk_.crash_at(1 + random_.below(120));
    const DiskFault kind = random_.percent(30) ? DiskFault::no_space : DiskFault::io_error;
    if (random_.percent(20)) disk_.fail(DiskOperation::sync, 1 + random_.below(20), kind);
    if (random_.percent(20)) disk_.fail_any(1 + random_.below(60), kind);
    if (random_.percent(10)) disk_.fail(DiskOperation::read, 1 + random_.below(8), DiskFault::io_error);
  }

  /// Opens the log, again and again until the disk lets it.
  void reopen() {
    for (int attempts = 0; attempts < 20; ++attempts) {
      const LogPosition from = random_.percent(50) ? checkpoint() : whole_from_;
      auto opened = try_open(disk_, from);
      if (opened) return compare(opened.value(), from);
      const std::string& reason = opened.error().message;
      if (!reason.starts_with("cannot ")) return report("the log is refused: " + reason);
      if (disk_.has_lost_power()) crash();
    }
    report("the log cannot be opened");
  }

  /// A place that is known to be durable, before which there may be gaps.
  LogPosition checkpoint() {
    std::vector<LogPosition> places{durable_};
    for (const Frame& frame : frames_) {
      if (frame.end <= durable_ && frame.begin >= whole_from_) places.push_back(frame.begin);
    }
    return places[random_.below(places.size())];
  }

  void compare(OpenedLog& opened, LogPosition from) {
    log_ = std::move(opened.log);
    const LogPosition end = log_->end();
    if (end < durable_) return report("what was durable is gone");
    std::erase_if(frames_, [&](const Frame& frame) { return frame.end > end; });
    if (end != (frames_.empty() ? LogPosition{} : frames_.back().end)) return report("half a frame is there");
    std::vector<std::string> wanted;
    for (const Frame& frame : frames_) {
      if (frame.begin < from) continue;
      for (const Entry& entry : frame.entries) wanted.push_back(entry.fields);
    }
    if (opened.entries != wanted) return report("the entries are not those that were appended");
    if (log_->durable() != end) return report("a log that was opened is not durable");
    if (log_->begin() > whole_from_) return report("more was removed than was to be");
    durable_ = end;
    for (const Frame& frame : frames_) {
      for (const Entry& entry : frame.entries) check(*log_->view(), entry);
    }
  }

  /// What is read is the entry, or no record at all; that only if it was given up, or by a fault that was planned.
  void check(const Segments& view, const Entry& entry) {
    std::string bytes(entry.fields.size() + 100, '?');
    const auto count = log_->read(view, entry.position, bytes);
    if (!count && (!entry.is_live || count.error().kind != ErrorKind::not_found)) return;
    if (!count) return report("an entry is gone");
    Record record;
    const RecordRead read = read_record(std::string_view(bytes).substr(0, count.value()), record);
    const bool is_whole = read.status == RecordRead::Status::whole;
    if (!is_whole && entry.is_live) report("an entry is not where it was appended");
    if (is_whole && record.append.fields != entry.fields) report("another entry is where one was appended");
  }

  /// False when the process ends.
  bool step() {
    if (random_.percent(10)) return mark_durable();
    if (random_.percent(10)) return remove_some();
    if (random_.percent(10)) return compact_some();
    if (random_.percent(20) && compact_) return put_compact();
    if (random_.percent(10)) look_back();
    FrameBuilder builder;
    Frame frame{log_->end(), {}, {}};
    for (std::uint64_t entries = 1 + random_.below(4); entries > 0; --entries) {
      const std::string fields = numbered(++number_, entry_size());
      frame.entries.push_back({frame.begin + builder.size(), fields});
      add_entry(builder, fields);
    }
    frame.end = frame.begin + (builder.size() + kFrameAlignment - 1) / kFrameAlignment * kFrameAlignment;
    const auto reserved = log_->reserve(builder.size());
    durable_ = log_->durable();
    if (!reserved) return go_on_after(reserved.error());
    frames_.push_back(std::move(frame));
    if (!log_->append(builder, ++time_ms_)) return false;
    if (log_->end() != frames_.back().end) report("the frame has not the place that was foreseen");
    if (!random_.percent(sync_percent_)) return true;
    const bool is_synced = log_->sync().ok();
    durable_ = log_->durable();
    return is_synced;
  }

  bool mark_durable() {
    const LogPosition begin = log_->end();
    const auto marked = log_->mark_durable(++time_ms_);
    durable_ = log_->durable();
    const bool is_refused = !marked && marked.error().kind == ErrorKind::no_space;
    if (!is_refused) frames_.push_back({begin, begin + kFrameHeaderBytes, {}});
    return marked.ok() || go_on_after(marked.error());
  }

  /// Gives up entries from `begin` to `end`, and says from where on all is whole.
  void give_up(LogPosition begin, LogPosition end, std::uint64_t percent) {
    whole_from_ = std::max(whole_from_, end);
    for (Frame& frame : frames_) {
      if (frame.begin < begin || frame.begin >= end) continue;
      for (Entry& entry : frame.entries) entry.is_live = entry.is_live && !random_.percent(percent);
    }
  }

  bool remove_some() {
    const auto segments = log_->segments();
    if (segments.size() < 2) return true;
    const LogPosition end = segments[random_.below(segments.size() - 1)].end;
    give_up({}, end, 100);
    const auto removed = log_->remove_before(end);
    return removed.ok() || go_on_after(removed.error());
  }

  /// As a thread beside the log's does it: the log goes on before the result takes its place.
  bool compact_some() {
    const auto segments = log_->segments();
    if (segments.size() < 2) return true;
    const std::size_t first = random_.below(segments.size() - 1);
    const std::size_t last = first + random_.below(std::min<std::size_t>(3, segments.size() - 1 - first));
    const LogPosition base = segments[first].base;
    const LogPosition end = segments[last].end;
    give_up(base, end, random_.below(101));
    // There is one at a time for a place.
    compact_.reset();
    auto writer = CompactSegmentWriter::create(disk_, *log_->view(), base, end);
    if (!writer) return true;
    for (const Frame& frame : frames_) {
      if (frame.begin < base || frame.begin >= end) continue;
      for (const Entry& entry : frame.entries) {
        if (entry.is_live && !copy(*writer.value(), entry)) return true;
      }
    }
    if (auto finished = writer.value()->finish()) compact_.emplace(std::move(finished.value()));
    return true;
  }

  bool copy(CompactSegmentWriter& writer, const Entry& entry) {
    std::string bytes(entry.fields.size() + 100, '?');
    const auto count = log_->read(entry.position, bytes);
    Record record;
    if (!count) return false;
    const RecordRead read = read_record(std::string_view(bytes).substr(0, count.value()), record);
    if (read.status != RecordRead::Status::whole) report("an entry cannot be copied");
    return writer.add(entry.position, std::string_view(bytes).substr(0, read.bytes)).ok();
  }

  bool put_compact() {
    const auto replaced = log_->replace(std::move(*compact_));
    compact_.reset();
    if (!replaced && replaced.error().kind == ErrorKind::not_found) return true;
    return replaced.ok() || go_on_after(replaced.error());
  }

  /// A reader looks at all that was there when it came, and another one comes.
  void look_back() {
    for (const Entry& entry : view_.entries) check(*view_.segments, entry);
    view_ = {log_->view(), {}};
    for (const Frame& frame : frames_) {
      for (const Entry& entry : frame.entries) {
        if (entry.is_live) view_.entries.push_back(entry);
      }
    }
  }

  /// A lack of space ends, sometimes; after other errors the process does.
  bool go_on_after(const Error& error) {
    if (error.kind != ErrorKind::no_space) return false;
    if (random_.percent(50)) disk_.set_capacity(std::uint64_t{1} << 30);
    return true;
  }

  std::size_t entry_size() {
    constexpr std::uint64_t kLimits[] = {10, 200, 200, 2000, 2000, 20'000};
    if (random_.percent(1)) return 100'000;
    return static_cast<std::size_t>(random_.below(kLimits[random_.below(std::size(kLimits))]));
  }

  void end_life() {
    compact_.reset();
    view_ = {};
    log_.reset();
    if (disk_.has_lost_power() || random_.percent(40)) crash();
  }

  void crash() { disk_.crash(random_.below(std::uint64_t{1} << 40), writes_); }

  void report(const std::string& problem) {
    if (problem_.empty()) problem_ = problem;
  }

  SeededRandom random_;
  SimulatedDisk disk_;
  const SectorWrites writes_;
  std::uint64_t sync_percent_ = 0;
  std::unique_ptr<MessageLog> log_;
  std::vector<Frame> frames_;
  /// Before this place the log may be compact, or begin behind it.
  LogPosition whole_from_;
  std::optional<CompactSegment> compact_;
  View view_;
  /// What the log has called durable.
  LogPosition durable_;
  std::size_t number_ = 0;
  std::uint64_t time_ms_ = 0;
  std::string problem_;
};

TEST_CASE("whatever the disk does, what was durable is there, in order, and nothing that was never appended") {
  const SeedRange seeds(2000);
  for (std::uint64_t seed = seeds.first; seed < seeds.end; ++seed) {
    const std::string problem = Simulation(seed).run();
    INFO(SeedRange::again(seed));
    CHECK(problem == "");
  }
}

}  // namespace
}  // namespace respublica::test

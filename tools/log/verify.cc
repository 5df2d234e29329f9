#include "tools/log/verify.h"

#include <fmt/format.h>

#include <limits>
#include <string>
#include <utility>

#include "tools/log/channel_names.h"
#include "tools/log/consistency.h"
#include "tools/log/damage_text.h"
#include "tools/log/entry_check.h"
#include "tools/log/known_streams.h"
#include "tools/log/log_walk.h"
#include "tools/log/walk_meter.h"

namespace respublica::logtool {
namespace {

class Verification final : public LogVisitor {
 public:
  /// `beginning` is what the log begins with: nothing, or the checkpoint.
  Verification(const LogFiles& log, const KnownStreams& known, const KnownStreams& beginning, Console& console)
      : log_(log), console_(console), names_(known), consistency_(beginning), entries_(log.checkpoint, known) {
    if (!log.is_covered()) entries_.lose_records({std::numeric_limits<std::uint64_t>::max()});
  }

  Result<void> segment(const SegmentFile& file) override {
    segment_ = &file;
    return {};
  }

  Result<void> frame(const FrameHeader& header) override {
    ++frames_;
    if (const auto problem = consistency_.check(header)) {
      complain(*problem, segment_->segment->offset_of(header.position), header.position);
    }
    return {};
  }

  Result<void> record(const Record& record, const RecordPlace& place) override {
    ++records_;
    if (record.kind == Record::Kind::channel) names_.see(record);
    auto problem = consistency_.check(record, place);
    auto contradiction = entries_.take(record, place);
    if (!problem) problem = std::move(contradiction);
    if (problem) {
      complain(*problem + "; channel concerned: " + names_.shown(channel_of(record)), place.offset, place.position);
    }
    if (record.kind == Record::Kind::drop) names_.see(record);
    return {};
  }

  Result<void> damage(const Damage& damage) override {
    console_.print(damage_text(damage, names_));
    if (damage.kind == Damage::Kind::tail) return {};
    ++places_;
    lost_bytes_ += damage.end - damage.begin;
    if (damage.kind != Damage::Kind::loss) return {};
    consistency_.lose_records();
    entries_.lose_records(damage.end);
    return {};
  }

  void tell_missing() {
    for (const EntryCheck::Missing& missing : entries_.missing()) {
      ++places_;
      console_.print(fmt::format("position {} to {}: channel {} should have {} entries, and {} of them are not there",
                                 missing.begin.value, missing.end.value, names_.shown(missing.channel), missing.length,
                                 missing.entries));
    }
  }

  ExitCode conclude() const {
    std::uint64_t bytes = 0;
    for (const SegmentFile& file : log_.segments) bytes += file.bytes;
    console_.print(fmt::format("read: {} segments, {}, {} whole frames, {} whole records; {} checkpoints",
                               log_.segments.size(), shown_bytes(bytes), frames_, records_, log_.checkpoints));
    if (places_ == 0) {
      console_.print("the log is whole");
      return ExitCode::fine;
    }
    console_.print(
        fmt::format("the log is damaged in {} {}, {} in all; `respublica-log salvage DIR NEWDIR` copies what "
                    "is whole to a new directory",
                    places_, places_ == 1 ? "place" : "places", shown_bytes(lost_bytes_)));
    return ExitCode::damage;
  }

 private:
  void complain(const std::string& problem, std::uint64_t offset, LogPosition position) {
    ++places_;
    console_.print(
        fmt::format("{}, byte {}, position {}: {}", segment_->segment->name, offset, position.value, problem));
  }

  const LogFiles& log_;
  Console& console_;
  const SegmentFile* segment_ = nullptr;
  ChannelNames names_;
  Consistency consistency_;
  EntryCheck entries_;
  std::uint64_t frames_ = 0;
  std::uint64_t records_ = 0;
  std::uint64_t places_ = 0;
  std::uint64_t lost_bytes_ = 0;
};

}  // namespace

Result<ExitCode> verify(FileSystem& files, Console& console) {
  const auto opened = open_log_files(files);
  if (!opened) return opened.error();
  const LogFiles& log = opened.value();
  const KnownStreams known(log.checkpoint);
  const KnownStreams nothing{Checkpoint()};
  const bool is_from_beginning = log.complete_from() == LogPosition{};
  Verification visitor(log, known, is_from_beginning ? nothing : known, console);
  WalkMeter meter(console.progress(), log);
  console.progress().set_task("verify");
  if (auto walked = walk_log(log, visitor, meter.progress()); !walked) return walked.error();
  visitor.tell_missing();
  return visitor.conclude();
}

}  // namespace respublica::logtool

#include "tools/log/verify.h"

#include <fmt/format.h>

#include <optional>
#include <string>

#include "tools/log/channel_names.h"
#include "tools/log/consistency.h"
#include "tools/log/damage_text.h"
#include "tools/log/log_walk.h"
#include "tools/log/walk_meter.h"

namespace respublica::logtool {
namespace {

class Verification final : public LogVisitor {
 public:
  explicit Verification(Console& console) : console_(console) {}

  Result<void> segment(const SegmentFile& file) override {
    segment_ = &file;
    return {};
  }

  Result<void> frame(const FrameHeader& header) override {
    ++frames_;
    complain(consistency_.check(header), header.position);
    return {};
  }

  Result<void> record(const Record& record, const RecordPlace& place) override {
    ++records_;
    if (record.kind == Record::Kind::channel) names_.see(record);
    complain(consistency_.check(record, place.position), place.position, channel_of(record));
    if (record.kind == Record::Kind::drop) names_.see(record);
    return {};
  }

  Result<void> damage(const Damage& damage) override {
    console_.print(damage_text(damage, names_));
    if (damage.kind == Damage::Kind::tail) return {};
    ++places_;
    lost_bytes_ += damage.end - damage.begin;
    if (damage.kind == Damage::Kind::loss) consistency_.lose_records();
    return {};
  }

  ExitCode conclude(const std::vector<SegmentFile>& files) const {
    std::uint64_t bytes = 0;
    for (const SegmentFile& file : files) bytes += file.bytes;
    console_.print(fmt::format("read: {} segments, {}, {} whole frames, {} whole records", files.size(),
                               shown_bytes(bytes), frames_, records_));
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
  void complain(const std::optional<std::string>& problem, LogPosition position,
                std::optional<ChannelNumber> channel = std::nullopt) {
    if (!problem) return;
    ++places_;
    std::string text = fmt::format("{}, byte {}, position {}: {}", segment_->segment->name,
                                   segment_->segment->offset_of(position), position.value, *problem);
    if (channel) text += "; channel concerned: " + names_.shown(*channel);
    console_.print(text);
  }

  Console& console_;
  const SegmentFile* segment_ = nullptr;
  ChannelNames names_;
  Consistency consistency_;
  std::uint64_t frames_ = 0;
  std::uint64_t records_ = 0;
  std::uint64_t places_ = 0;
  std::uint64_t lost_bytes_ = 0;
};

}  // namespace

Result<ExitCode> verify(FileSystem& files, Console& console) {
  const auto segments = open_segment_files(files);
  if (!segments) return segments.error();
  Verification visitor(console);
  WalkMeter meter(console.progress(), segments.value());
  console.progress().set_task("verify");
  if (auto walked = walk_log(segments.value(), visitor, meter.progress()); !walked) return walked.error();
  return visitor.conclude(segments.value());
}

}  // namespace respublica::logtool

#include "tools/log/salvage.h"

#include <fmt/format.h>

#include <string>

#include "tools/log/channel_names.h"
#include "tools/log/damage_text.h"
#include "tools/log/json_line.h"
#include "tools/log/log_walk.h"
#include "tools/log/salvage_writer.h"
#include "tools/log/salvaged_channels.h"
#include "tools/log/walk_meter.h"

namespace respublica::logtool {
namespace {

/// The first walk: learns what the channels are, and tells what is missing.
class Survey final : public LogVisitor {
 public:
  explicit Survey(Console& console) : console_(console) {}

  Result<void> record(const Record& record, const RecordPlace& place) override {
    names_.see(record);
    if (const auto gap = channels_.take(record, place.position)) tell(*gap);
    return {};
  }

  Result<void> damage(const Damage& damage) override {
    console_.say(damage_text(damage, names_));
    console_.print(damage_line(damage, names_));
    if (damage.kind != Damage::Kind::loss) return {};
    ++losses_;
    lost_bytes_ += damage.end - damage.begin;
    return {};
  }

  SalvagedChannels& channels() { return channels_; }
  std::uint64_t losses() const { return losses_; }
  std::uint64_t lost_bytes() const { return lost_bytes_; }

 private:
  void tell(const EntryGap& gap) {
    const std::string after = gap.after ? shown_id(*gap.after) : "";
    console_.say(fmt::format("position {}: an entry of channel {} is lost, and perhaps others: {} {}",
                             gap.position.value, names_.shown(gap.channel),
                             gap.after ? "between " + after + " and" : "before", shown_id(gap.before)));
    std::string line = fmt::format("{{\"kind\":\"gap\",\"position\":{},", gap.position.value);
    append_channel(line, gap.channel, names_);
    line += fmt::format(",\"after\":{},\"before\":\"{}\"}}", gap.after ? "\"" + after + "\"" : "null",
                        shown_id(gap.before));
    console_.print(line);
  }

  Console& console_;
  ChannelNames names_;
  SalvagedChannels channels_;
  std::uint64_t losses_ = 0;
  std::uint64_t lost_bytes_ = 0;
};

}  // namespace

Result<ExitCode> salvage(FileSystem& from, FileSystem& to, const LogOptions& options, Console& console) {
  const auto segments = open_segment_files(from);
  if (!segments) return segments.error();
  WalkMeter meter(console.progress(), segments.value(), 2);
  console.progress().set_task("salvage, reading");
  Survey survey(console);
  if (auto walked = walk_log(segments.value(), survey, meter.progress()); !walked) return walked.error();
  survey.channels().name_all();

  LogRecovery recovery;
  const RecordVisitor nothing = [](const Record&, LogPosition, std::uint64_t) { return Result<void>(); };
  const auto log = MessageLog::open(to, options, {}, nothing, recovery);
  if (!log) return log.error();
  console.progress().set_task("salvage, copying");
  SalvageWriter writer(survey.channels(), *log.value());
  if (auto walked = walk_log(segments.value(), writer, meter.progress()); !walked) return walked.error();
  if (auto finished = writer.finish(); !finished) return finished.error();

  console.say(fmt::format("copied: {} entries of {} channels, {}", writer.entries(), writer.channels(),
                          shown_bytes(log.value()->end().value)));
  if (survey.losses() == 0) {
    console.say("nothing is missing");
    return ExitCode::fine;
  }
  console.say(fmt::format("missing: {} in {} {}. Entries whose deletion is among it are there again",
                          shown_bytes(survey.lost_bytes()), survey.losses(),
                          survey.losses() == 1 ? "place" : "places"));
  return ExitCode::damage;
}

}  // namespace respublica::logtool

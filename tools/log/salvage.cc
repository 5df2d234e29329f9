#include "tools/log/salvage.h"

#include <fmt/format.h>

#include <string>

#include "tools/log/channel_names.h"
#include "tools/log/damage_text.h"
#include "tools/log/json_line.h"
#include "tools/log/known_streams.h"
#include "tools/log/log_walk.h"
#include "tools/log/salvage_writer.h"
#include "tools/log/salvaged_channels.h"
#include "tools/log/walk_meter.h"

namespace respublica::logtool {
namespace {

/// The first walk: learns what the channels are, and tells what is missing.
class Survey final : public LogVisitor {
 public:
  Survey(const LogFiles& log, const KnownStreams& known, Console& console)
      : known_(known), console_(console), names_(known), channels_(known, log.complete_from()) {}

  Result<void> record(const Record& record, const RecordPlace& place) override {
    if (known_.standing(record, place) != KnownStreams::Standing::news) return {};
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
  const ChannelNames& names() const { return names_; }
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

  const KnownStreams& known_;
  Console& console_;
  ChannelNames names_;
  SalvagedChannels channels_;
  std::uint64_t losses_ = 0;
  std::uint64_t lost_bytes_ = 0;
};

/// Tells which channels have fewer entries in the copy than they should have; returns how many entries there are not.
std::uint64_t tell_missing(const Survey& survey, const SalvagedChannels& channels, const SalvageWriter& writer,
                           Console& console) {
  std::uint64_t missing = 0;
  for (const auto& [number, channel] : channels.all()) {
    const std::uint64_t length = channel.length.value_or(0);
    const std::uint64_t written = writer.entries_of(number);
    if (written >= length) continue;
    missing += length - written;
    console.say(fmt::format("channel {}: {} of {} entries are missing", survey.names().shown(number), length - written,
                            length));
    std::string line = "{\"kind\":\"missing\",";
    append_channel(line, number, survey.names());
    console.print(line + fmt::format(",\"entries\":{}}}", length - written));
  }
  return missing;
}

/// Tells which channels of the copy have names that were made up.
void tell_names(const SalvagedChannels& channels, const SalvageWriter& writer, Console& console) {
  for (const auto& [number, channel] : channels.all()) {
    if (!channel.is_name_lost || !writer.has(number)) continue;
    console.say(fmt::format("the name of channel number {} is lost: it is called {}", number.value, *channel.name));
    console.print(fmt::format("{{\"kind\":\"name\",\"channel\":\"{}\",\"number\":{}}}", *channel.name, number.value));
  }
}

/// Tells which channels have groups that are not in the copy.
void tell_groups(const Survey& survey, const SalvagedChannels& channels, Console& console) {
  for (const auto& [number, channel] : channels.all()) {
    if (channel.groups.lost() == 0) continue;
    console.say(fmt::format("channel {}: {} consumer groups are missing, as their names are lost",
                            survey.names().shown(number), channel.groups.lost()));
    std::string line = "{\"kind\":\"groups\",";
    append_channel(line, number, survey.names());
    console.print(line + fmt::format(",\"missing\":{}}}", channel.groups.lost()));
  }
}

/// What the copy has not, in a few words. `entries` are those that are known to be missing.
ExitCode conclude(const Survey& survey, const SalvageWriter& writer, std::uint64_t entries, Console& console) {
  if (writer.left_out() > 0) {
    console.say(fmt::format("left out: {} entries whose place in their channel is not known", writer.left_out()));
  }
  if (survey.losses() == 0 && entries == 0 && writer.left_out() == 0) {
    console.say("nothing is missing");
    return ExitCode::fine;
  }
  console.say(fmt::format("missing: {} in {} {}. Entries whose deletion is among it are there again",
                          shown_bytes(survey.lost_bytes()), survey.losses(),
                          survey.losses() == 1 ? "place" : "places"));
  return ExitCode::damage;
}

}  // namespace

Result<ExitCode> salvage(FileSystem& from, FileSystem& to, const LogOptions& options, Console& console) {
  const auto opened = open_log_files(from);
  if (!opened) return opened.error();
  const LogFiles& files = opened.value();
  const KnownStreams known(files.checkpoint);
  WalkMeter meter(console.progress(), files, 2);
  console.progress().set_task("salvage, reading");
  Survey survey(files, known, console);
  if (auto walked = walk_log(files, survey, meter.progress()); !walked) return walked.error();
  survey.channels().name_all();

  LogRecovery recovery;
  const RecordVisitor nothing = [](const Record&, LogPosition, std::uint64_t) { return Result<void>(); };
  const auto log = MessageLog::open(to, options, {}, nothing, recovery);
  if (!log) return log.error();
  console.progress().set_task("salvage, copying");
  SalvageWriter writer(known, survey.channels(), *log.value());
  if (auto walked = walk_log(files, writer, meter.progress()); !walked) return walked.error();
  if (auto finished = writer.finish(); !finished) return finished.error();

  const std::uint64_t missing = tell_missing(survey, survey.channels(), writer, console);
  tell_names(survey.channels(), writer, console);
  tell_groups(survey, survey.channels(), console);
  console.say(fmt::format("copied: {} entries of {} channels, {}", writer.entries(), writer.channels(),
                          shown_bytes(log.value()->end().value)));
  return conclude(survey, writer, missing, console);
}

}  // namespace respublica::logtool

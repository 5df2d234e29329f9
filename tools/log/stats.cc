#include "tools/log/stats.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <string>

#include "tools/log/damage_text.h"
#include "tools/log/json_line.h"
#include "tools/log/log_census.h"
#include "tools/log/log_walk.h"
#include "tools/log/walk_meter.h"

namespace respublica::logtool {
namespace {

/// "2026-11-23 10:30:21.114 UTC".
std::string shown_time(std::optional<std::uint64_t> ms) {
  if (!ms) return "none";
  const auto seconds = std::chrono::seconds(*ms / 1000);
  const std::chrono::sys_seconds time(seconds);
  return fmt::format("{:%Y-%m-%d %H:%M:%S}.{:03} UTC", fmt::gmtime(std::chrono::system_clock::to_time_t(time)),
                     *ms % 1000);
}

std::string json_time(std::optional<std::uint64_t> ms) { return ms ? std::to_string(*ms) : "null"; }

std::uint64_t average_frame(const LogCensus& census) {
  return census.frames() == 0 ? 0 : census.frame_bytes() / census.frames();
}

std::string text_of(const LogFiles& files, const LogCensus& census, std::size_t top) {
  const auto row = [](std::string_view name, const auto& value) { return fmt::format("{:<24}{:>12}\n", name, value); };
  std::string text = row("segments", census.segments());
  text += row("compact segments", census.compact_segments());
  text += row("checkpoints", files.checkpoints);
  text += row("bytes of files", census.file_bytes());
  text += row("frames", census.frames());
  text += row("bytes of frames", census.frame_bytes());
  text += row("bytes of a frame, mean", average_frame(census));
  text += row("records", census.records());
  for (const Record::Kind kind : LogCensus::kKinds)
    text += row(fmt::format("  {}", kind_name(kind)), census.records(kind));
  text += row("channels", census.channels());
  text += row("entries", census.entries());
  text +=
      fmt::format("first commit  {}\nlast commit   {}\n", shown_time(census.first_ms()), shown_time(census.last_ms()));
  const auto largest = census.largest(top);
  if (largest.empty()) return text;
  text += fmt::format("\n{:>14}{:>12}  channel\n", "bytes", "entries");
  for (const LogCensus::Channel& channel : largest) {
    text += fmt::format("{:>14}{:>12}  {}\n", channel.bytes, channel.entries, census.names().shown(channel.number));
  }
  if (census.channels() > largest.size()) text += fmt::format("and {} more\n", census.channels() - largest.size());
  return text;
}

std::string json_of(const LogFiles& files, const LogCensus& census, std::size_t top) {
  std::string text = fmt::format("{{\"segments\":{},\"compact_segments\":{},\"checkpoints\":{},\"file_bytes\":{},",
                                 census.segments(), census.compact_segments(), files.checkpoints, census.file_bytes());
  text += fmt::format("\"frames\":{},\"frame_bytes\":{},\"mean_frame_bytes\":{},", census.frames(),
                      census.frame_bytes(), average_frame(census));
  text += fmt::format("\"records\":{{\"all\":{}", census.records());
  for (const Record::Kind kind : LogCensus::kKinds)
    text += fmt::format(",\"{}\":{}", kind_name(kind), census.records(kind));
  text += fmt::format(
      "}},\"channels\":{},\"entries\":{},\"first_time\":{},\"last_time\":{},\"damaged_places\":{},\"largest\":[",
      census.channels(), census.entries(), json_time(census.first_ms()), json_time(census.last_ms()),
      census.damages().size());
  const auto largest = census.largest(top);
  for (std::size_t i = 0; i < largest.size(); ++i) {
    text += i == 0 ? "{" : ",{";
    append_channel(text, largest[i].number, census.names());
    text += fmt::format(",\"bytes\":{},\"entries\":{}}}", largest[i].bytes, largest[i].entries);
  }
  return text + "]}\n";
}

}  // namespace

Result<ExitCode> stats(FileSystem& files, const StatsOptions& options, Console& console) {
  const auto log = open_log_files(files);
  if (!log) return log.error();
  const KnownStreams known(log.value().checkpoint);
  LogCensus census(known);
  WalkMeter meter(console.progress(), log.value());
  console.progress().set_task("stats");
  if (auto walked = walk_log(log.value(), census, meter.progress()); !walked) return walked.error();
  for (const std::string& damage : census.damages()) console.say(damage);
  const bool is_json = options.format == StatsOptions::Format::json;
  std::string text = is_json ? json_of(log.value(), census, options.top) : text_of(log.value(), census, options.top);
  text.pop_back();
  console.print(text);
  return census.damages().empty() ? ExitCode::fine : ExitCode::damage;
}

}  // namespace respublica::logtool

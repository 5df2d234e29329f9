#include "tools/log/log_files.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>

#include "storage/checkpoint_file.h"
#include "storage/segment_format.h"

namespace respublica::logtool {
namespace {

/// A broker that changes files faster than they are listed is none.
constexpr int kAttempts = 100;

Result<std::vector<std::string>> list_log(FileSystem& files) {
  auto names = files.list();
  if (!names) return names;
  std::erase_if(names.value(), [](std::string_view name) {
    return !parse_segment_name(name) && !parse_compact_segment_name(name) && !parse_checkpoint_name(name);
  });
  return names;
}

Result<void> load_checkpoints(FileSystem& files, const std::vector<std::string>& names, LogFiles& found) {
  std::vector<LogPosition> positions;
  for (const std::string& name : names) {
    if (const auto position = parse_checkpoint_name(name)) positions.push_back(*position);
  }
  std::ranges::sort(positions, std::greater());
  found.checkpoints = positions.size();
  if (!positions.empty()) found.known_durable = positions.front();
  bool is_found = false;
  for (const LogPosition position : positions) {
    auto checkpoint = load_checkpoint(files, checkpoint_name(position));
    if (!checkpoint && checkpoint.error().kind == ErrorKind::not_found) return checkpoint.error();
    if (!checkpoint) {
      found.damaged_checkpoints.push_back({position, checkpoint.error().message});
    } else if (checkpoint.value().header.position != position) {
      found.damaged_checkpoints.push_back(
          {position, "the checkpoint " + checkpoint_name(position) + " has the name of another one"});
    } else if (!is_found) {
      found.checkpoint = std::move(checkpoint.value());
      is_found = true;
    }
  }
  return {};
}

/// None when a file has gone, or come, since the names were listed.
Result<std::optional<LogFiles>> open_all(FileSystem& files) {
  const std::optional<LogFiles> changed;
  const auto names = list_log(files);
  if (!names) return names.error();
  LogFiles found;
  auto segments = open_segment_files(files, names.value());
  if (!segments && segments.error().kind == ErrorKind::not_found) return changed;
  if (!segments) return segments.error();
  found.segments = std::move(segments.value().segments);
  found.replaced = std::move(segments.value().replaced);
  const auto loaded = load_checkpoints(files, names.value(), found);
  if (!loaded && loaded.error().kind == ErrorKind::not_found) return changed;
  if (!loaded) return loaded.error();
  const auto again = list_log(files);
  if (!again) return again.error();
  if (again.value() != names.value()) return changed;
  return std::optional(std::move(found));
}

}  // namespace

LogPosition LogFiles::complete_from() const {
  if (segments.empty()) return {};
  LogPosition from = segments.front().base();
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (!segments[i].is_compact()) continue;
    from = segments[i].end();
    if (!segments[i].compact_header && i + 1 < segments.size()) from = segments[i + 1].base();
  }
  return from;
}

Result<LogFiles> open_log_files(FileSystem& files) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    auto found = open_all(files);
    if (!found) return found.error();
    if (found.value()) return std::move(*found.value());
  }
  return Error{"the files of the log change all the time"};
}

}  // namespace respublica::logtool

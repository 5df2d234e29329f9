#include "tools/log/segment_files.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>

#include "storage/checkpoint_file.h"
#include "storage/segment_format.h"
#include "tools/log/lost_salt.h"

namespace respublica::logtool {
namespace {

/// A broker that changes files faster than they are listed is none.
constexpr int kAttempts = 100;

Result<SegmentFile> open_one(FileSystem& files, const std::string& name, LogPosition base) {
  SegmentFile found;
  found.segment->name = name;
  auto file = files.open(name);
  if (!file) return file.error();
  found.segment->file = std::move(file.value());
  const auto bytes = found.segment->file->size();
  if (!bytes) return bytes.error();
  found.bytes = bytes.value();
  std::array<char, kSegmentHeaderBytes> head{};
  const auto read = found.segment->file->read_at(0, head);
  if (!read) return read.error();
  const auto header = decode_segment_header({head.data(), read.value()});
  if (header) {
    found.segment->header = header.value();
    if (header.value().base != base) found.flaw = "the segment has the name of another one";
    return found;
  }
  found.flaw = header.error().message;
  found.segment->header.base = base;
  const auto restored = restore_salt(*found.segment, found.bytes, {head.data(), read.value()});
  if (!restored) return restored.error();
  found.is_readable = restored.value();
  return found;
}

void order(std::vector<SegmentFile>& found) {
  std::ranges::sort(found, {}, [](const SegmentFile& file) {
    return std::tuple(file.segment->header.base, file.segment->name != segment_name(file.segment->header.base));
  });
  for (std::size_t i = 1; i < found.size(); ++i) {
    if (found[i].segment->header.base != found[i - 1].segment->header.base) continue;
    found[i].flaw = "it has the positions of another segment file";
    found[i].is_readable = false;
  }
}

/// None when a file has gone since the names were listed.
Result<std::optional<std::vector<SegmentFile>>> open_all(FileSystem& files) {
  const auto names = files.list();
  if (!names) return names.error();
  std::vector<SegmentFile> found;
  LogPosition known_durable;
  for (const std::string& name : names.value()) {
    known_durable = std::max(known_durable, parse_checkpoint_name(name).value_or(LogPosition{}));
    const auto base = parse_segment_name(name);
    if (!base) continue;
    auto opened = open_one(files, name, *base);
    if (!opened && opened.error().kind == ErrorKind::not_found) return std::optional<std::vector<SegmentFile>>();
    if (!opened) return opened.error();
    found.push_back(std::move(opened.value()));
  }
  for (SegmentFile& file : found) file.known_durable = known_durable;
  order(found);
  return std::optional(std::move(found));
}

}  // namespace

Result<std::vector<SegmentFile>> open_segment_files(FileSystem& files) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    auto found = open_all(files);
    if (!found) return found.error();
    if (found.value()) return std::move(*found.value());
  }
  return Error{"the files of the log change all the time"};
}

}  // namespace respublica::logtool

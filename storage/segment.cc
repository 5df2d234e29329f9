#include "storage/segment.h"

#include <chrono>
#include <random>
#include <string_view>
#include <utility>

namespace respublica {
namespace {

constexpr std::string_view kUnfinishedSuffix = ".new";

Result<void> fill(Segment& segment, std::uint64_t bytes) {
  if (auto written = segment.file->write_at(0, encode_segment_header(segment.header)); !written) return written;
  if (auto reserved = segment.file->preallocate(bytes); !reserved) return reserved;
  return segment.file->sync();
}

}  // namespace

std::string unfinished_segment_name(LogPosition base) { return segment_name(base) + std::string(kUnfinishedSuffix); }

bool is_unfinished_segment_name(std::string_view name) {
  if (!name.ends_with(kUnfinishedSuffix)) return false;
  name.remove_suffix(kUnfinishedSuffix.size());
  return parse_segment_name(name).has_value();
}

Result<std::unique_ptr<Segment>> prepare_segment(FileSystem& files, LogPosition base, std::uint64_t bytes) {
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  const auto now = duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  const std::string unfinished = unfinished_segment_name(base);
  // An attempt before this one may have left it.
  if (auto removed = files.remove(unfinished); !removed && removed.error().kind != ErrorKind::not_found) {
    return removed.error();
  }
  auto file = files.create(unfinished);
  if (!file) return file.error();
  auto segment = std::make_unique<Segment>();
  segment->header = {base, std::random_device()(), static_cast<std::uint64_t>(now)};
  segment->name = segment_name(base);
  segment->file = std::move(file.value());
  if (auto filled = fill(*segment, bytes); !filled) {
    static_cast<void>(files.remove(unfinished));
    return filled.error();
  }
  return segment;
}

}  // namespace respublica

#include "storage/segment.h"

#include <algorithm>
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

Result<std::size_t> Segment::read(LogPosition position, std::span<char> into) const {
  const std::span<char> wanted = into.first(static_cast<std::size_t>(std::min(into.size(), end() - position)));
  if (!compact) return file->read_at(offset_of(position), wanted);
  if (auto read = compact->extents.read(*file, position, wanted); !read) {
    return Error{name + ": " + read.error().message, read.error().kind};
  }
  return wanted.size();
}

const Segment* find_segment(const Segments& segments, LogPosition position) {
  const auto next =
      std::ranges::upper_bound(segments, position, {}, [](const auto& each) { return each->header.base; });
  if (next == segments.begin()) return nullptr;
  const Segment* const segment = std::prev(next)->get();
  return position < segment->end() ? segment : nullptr;
}

std::span<const std::shared_ptr<const Segment>> segments_between(const Segments& segments, LogPosition base,
                                                                 LogPosition end) {
  const auto first = std::ranges::find(segments, base, [](const auto& each) { return each->header.base; });
  const auto last = std::find_if(first, segments.end(), [end](const auto& each) { return each->end() == end; });
  if (last == segments.end()) return {};
  return {first, last + 1};
}

std::string unfinished_name(const std::string& segment_name) { return segment_name + std::string(kUnfinishedSuffix); }

bool is_unfinished_segment_name(std::string_view name) {
  if (!name.ends_with(kUnfinishedSuffix)) return false;
  name.remove_suffix(kUnfinishedSuffix.size());
  return parse_segment_name(name) || parse_compact_segment_name(name);
}

Result<std::unique_ptr<LogFile>> create_unfinished(FileSystem& files, const std::string& unfinished) {
  if (auto removed = files.remove(unfinished); !removed && removed.error().kind != ErrorKind::not_found) {
    return removed.error();
  }
  return files.create(unfinished);
}

SegmentHeader new_segment_header(LogPosition base) {
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  const auto now = duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  return {base, std::random_device()(), static_cast<std::uint64_t>(now)};
}

Result<std::unique_ptr<Segment>> prepare_segment(FileSystem& files, LogPosition base, std::uint64_t bytes) {
  auto segment = std::make_unique<Segment>();
  segment->header = new_segment_header(base);
  segment->name = segment_name(base);
  const std::string unfinished = unfinished_name(segment->name);
  auto file = create_unfinished(files, unfinished);
  if (!file) return file.error();
  segment->file = std::move(file.value());
  if (auto filled = fill(*segment, bytes); !filled) {
    static_cast<void>(files.remove(unfinished));
    return filled.error();
  }
  return segment;
}

}  // namespace respublica

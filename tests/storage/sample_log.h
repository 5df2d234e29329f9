#pragma once
// A log of several segments.

#include <string>
#include <vector>

#include "storage/message_log.h"
#include "tests/storage/log_access.h"

namespace respublica::test {

/// Four segments of kSmallSegments, with two entries each, but the last one has one. All is synced.
struct SampleLog {
  static constexpr std::size_t kEntries = 7;

  OpenedLog opened;
  MessageLog& log;
  std::vector<LogPosition> positions;

  explicit SampleLog(FileSystem& files) : opened(open_log(files)), log(*opened.log) {
    for (std::size_t i = 0; i < kEntries; ++i) {
      positions.push_back(log.end() + kFrameHeaderBytes);
      commit(log, entry(i));
    }
  }

  static std::string entry(std::size_t number) { return numbered(number, 25'000); }
  LogPosition base(std::size_t segment) const { return log.segments()[segment].base; }

  /// The bytes of a record.
  std::string record(std::size_t number) const {
    std::string bytes(30'000, '?');
    bytes.resize(require(log.read(positions[number], bytes)));
    Record record;
    bytes.resize(read_record(bytes, record).bytes);
    return bytes;
  }
  /// A compact segment in place of those from `first` to before `behind`, with some entries.
  Result<CompactSegment> try_compact(FileSystem& files, std::size_t first, std::size_t behind,
                                     const std::vector<std::size_t>& entries) const {
    auto writer = CompactSegmentWriter::create(files, *log.view(), base(first), base(behind));
    if (!writer) return writer.error();
    for (const std::size_t each : entries) {
      if (auto added = writer.value()->add(positions[each], record(each)); !added) return added.error();
    }
    return writer.value()->finish();
  }
  CompactSegment compact(FileSystem& files, std::size_t first, std::size_t behind,
                         const std::vector<std::size_t>& entries) const {
    return require(try_compact(files, first, behind, entries));
  }
};

/// The numbers of the entries that are whole where they were appended.
inline std::vector<std::size_t> readable(const MessageLog& log, const Segments& view,
                                         const std::vector<LogPosition>& positions) {
  std::vector<std::size_t> numbers;
  for (std::size_t i = 0; i < positions.size(); ++i) {
    std::string bytes(30'000, '?');
    const auto count = log.read(view, positions[i], bytes);
    if (!count) continue;
    Record record;
    const RecordRead read = read_record(std::string_view(bytes).substr(0, count.value()), record);
    if (read.status == RecordRead::Status::whole && record.append.fields == SampleLog::entry(i)) numbers.push_back(i);
  }
  return numbers;
}

inline std::vector<std::size_t> readable(const MessageLog& log, const std::vector<LogPosition>& positions) {
  return readable(log, *log.view(), positions);
}

}  // namespace respublica::test

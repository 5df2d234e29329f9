#pragma once
// A log in few words; a failure that a test does not expect throws.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "storage/message_log.h"
#include "tests/storage/file_access.h"

namespace respublica::test {

/// A log that was opened, and what its visitor saw: the fields of all entries.
struct OpenedLog {
  std::unique_ptr<MessageLog> log;
  LogRecovery recovery;
  std::vector<std::string> entries;
  std::vector<LogPosition> positions;
};

inline constexpr LogOptions kSmallSegments{64 * 1024};

inline Result<OpenedLog> try_open(FileSystem& files, LogPosition from = {},
                                  const LogOptions& options = kSmallSegments) {
  OpenedLog opened;
  const RecordVisitor visit = [&](const Record& record, LogPosition position, std::uint64_t) -> Result<void> {
    if (record.kind != Record::Kind::append) return {};
    opened.entries.emplace_back(record.append.fields);
    opened.positions.push_back(position);
    return {};
  };
  auto log = MessageLog::open(files, options, from, visit, opened.recovery);
  if (!log) return log.error();
  opened.log = std::move(log.value());
  return opened;
}

inline OpenedLog open_log(FileSystem& files, LogPosition from = {}, const LogOptions& options = kSmallSegments) {
  return require(try_open(files, from, options));
}

/// Why the log cannot be opened; empty when it can.
inline std::string why_not(FileSystem& files, LogPosition from = {}) {
  const auto opened = try_open(files, from);
  return opened ? "" : opened.error().message;
}

/// Fields of this length that begin with the number.
inline std::string numbered(std::size_t number, std::size_t size) {
  const std::string digits = std::to_string(number);
  std::string fields(std::max(size, digits.size()), 'x');
  std::ranges::copy(digits, fields.begin());
  return fields;
}

inline void add_entry(FrameBuilder& frame, const std::string& fields, ChannelNumber channel = {1}) {
  frame.add(AppendRecord{channel, {}, 0, fields});
}

/// Appends a frame with one entry.
inline Result<void> try_append(MessageLog& log, const std::string& fields, std::uint64_t time_ms = 1) {
  FrameBuilder frame;
  add_entry(frame, fields);
  if (auto reserved = log.reserve(frame.size()); !reserved) return reserved;
  return log.append(frame, time_ms);
}

inline void append(MessageLog& log, const std::string& fields, std::uint64_t time_ms = 1) {
  require(try_append(log, fields, time_ms));
}

inline void commit(MessageLog& log, const std::string& fields, std::uint64_t time_ms = 1) {
  append(log, fields, time_ms);
  require(log.sync());
}

}  // namespace respublica::test

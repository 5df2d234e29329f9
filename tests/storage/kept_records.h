#pragma once
// Segments made compact by hand, as retention does it: records stay where they stand, with the headers of their frames.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "storage/frame_pieces.h"
#include "storage/message_log.h"
#include "storage/record.h"
#include "tests/storage/file_access.h"

namespace respublica::test {

/// Calls visit(record, where it stands, its bytes, pieces) for the records of a segment that has been left, plain or
/// compact; `pieces` is at the record's piece.
template <typename Visit>
void each_record(const Segment& segment, Visit&& visit) {
  FramePieces pieces;
  pieces.enter(segment, segment.end());
  for (LogPosition position = segment.header.base; require(pieces.find(position)); position = pieces.end()) {
    std::string_view rest = require(pieces.records());
    LogPosition at = pieces.begin();
    while (!rest.empty()) {
      Record record;
      const RecordRead read = read_record(rest, record);
      if (read.status != RecordRead::Status::whole) throw std::runtime_error("there is no record");
      visit(record, at, rest.substr(0, read.bytes), pieces);
      rest.remove_prefix(read.bytes);
      at = at + read.bytes;
    }
  }
}

/// Puts a compact segment in place of those of the log from number `first` to before `behind`. It has the records for
/// which keep(record, position) is true.
template <typename Keep>
void keep_records(MessageLog& log, FileSystem& files, std::size_t first, std::size_t behind, Keep&& keep) {
  const auto view = log.view();
  const LogPosition end = (*view)[behind - 1]->end();
  auto writer = require(CompactSegmentWriter::create(files, *view, (*view)[first]->header.base, end));
  std::optional<LogPosition> headed;
  for (std::size_t i = first; i < behind; ++i) {
    const Segment& segment = *(*view)[i];
    each_record(segment, [&](const Record& record, LogPosition at, std::string_view bytes, const FramePieces& pieces) {
      if (!keep(record, at)) return;
      const LogPosition frame = pieces.header().position;
      if (headed != frame) {
        std::string header(kFrameHeaderBytes, '\0');
        require(segment.read(frame, header));
        require(writer->add(frame, header));
        headed = frame;
      }
      require(writer->add(at, bytes));
    });
  }
  require(log.replace(require(writer->finish())));
}

}  // namespace respublica::test

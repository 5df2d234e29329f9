#pragma once
// A segment in memory that a test fills frame by frame.

#include <cstdint>
#include <string>

#include "storage/crc32c.h"
#include "storage/memory_file_system.h"
#include "storage/segment.h"
#include "tests/storage/file_access.h"

namespace respublica::test {

struct SampleSegment {
  MemoryFileSystem files{std::uint64_t{16} << 20};
  Segment segment;
  LogPosition end{1000 * kFrameAlignment};
  std::uint32_t previous_crc;

  explicit SampleSegment(std::uint32_t crc_before = 0) : previous_crc(crc_before) {
    segment.header = {end, 12345, 0};
    segment.name = segment_name(end);
    segment.file = require(files.create(segment.name));
    require(segment.file->write_at(0, encode_segment_header(segment.header)));
  }

  std::uint64_t end_offset() const { return segment.offset_of(end); }
  void write(std::uint64_t offset, const std::string& bytes) { require(segment.file->write_at(offset, bytes)); }

  /// Adds a frame at the end; its records are any bytes.
  void add(const std::string& payload, LogPosition durable = {}) {
    FrameHeader header;
    header.payload_bytes = static_cast<std::uint32_t>(payload.size());
    header.position = end;
    header.durable = durable;
    header.previous_crc = previous_crc;
    header.payload_crc = crc32c(segment.header.salt, payload);
    std::string bytes(static_cast<std::size_t>(header.frame_bytes()), '\0');
    encode_frame_header(header, segment.header.salt, bytes.data());
    bytes.replace(kFrameHeaderBytes, payload.size(), payload);
    write(end_offset(), bytes);
    end = header.end();
    previous_crc = header.header_crc;
  }
};

}  // namespace respublica::test

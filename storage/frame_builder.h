#pragma once
// The records of one commit, as they gather.

#include <cstdint>
#include <string>

#include "storage/record.h"
#include "storage/segment_format.h"

namespace respublica {

/// Gathers records behind room for the frame's header, so that MessageLog writes both at once. It can be used again
/// after clear(), and keeps its memory.
///
/// Thread: its owner's.
class FrameBuilder {
 public:
  FrameBuilder() { clear(); }

  void clear() {
    bytes_.resize(kFrameHeaderBytes);
    records_ = 0;
  }

  /// Adds a record; returns where it will stand, in bytes from the position of the frame.
  template <typename RecordKind>
  std::uint64_t add(const RecordKind& record) {
    ++records_;
    return RecordWriter(bytes_).write(record);
  }

  bool empty() const { return records_ == 0; }
  std::uint32_t records() const { return records_; }
  /// Header included, padding not.
  std::size_t size() const { return bytes_.size(); }
  /// The first kFrameHeaderBytes are MessageLog's to fill.
  std::string& bytes() { return bytes_; }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
  std::uint32_t records_ = 0;
};

}  // namespace respublica

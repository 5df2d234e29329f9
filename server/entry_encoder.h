#pragma once
// Entries of streams as RESP.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/shared_bytes.h"
#include "broker/stream_id.h"
#include "broker/virtual_reader.h"

namespace respublica {

/// Writes entries as the elements of an array, the same in RESP2 and RESP3, into a block that is sent as it is: what a
/// page of entries takes is written once.
///
///     *2 $15 1526919030474-0 *4 $<name> $<value> $<name> $<value>
///
/// Thread: its owner's.
class EntryEncoder {
 public:
  /// Makes room for `count` entries that are like one with these fields, 512 KiB at most.
  void expect(std::uint64_t count, std::string_view fields);

  /// `fields` as FieldsWriter made them.
  void add(StreamId id, std::string_view fields);
  void add(const VirtualEntry& entry);

  /// All that was added; null when nothing was. The encoder is empty again.
  SharedBytes take();

 private:
  // Each of these takes the place where it writes, and returns where it has ended: a place that is kept in a member
  // would be loaded and stored with each of the few bytes.
  /// `at`, or where it has been moved to so that `bytes` fit behind it.
  char* room(char* at, std::size_t bytes);
  char* grow(char* at, std::size_t bytes);
  char* put_bulk(char* at, std::string_view bytes);
  char* put_id(char* at, StreamId id);
  /// `count` fields.
  char* put_fields(char* at, std::string_view fields, std::size_t count);

  SharedBytes block_;
  /// What has been written ends here, and the room there is.
  char* end_ = nullptr;
  char* limit_ = nullptr;
  /// The text of the last ID up to its '-': entries that were added together have it in common.
  std::uint64_t prefix_ms_ = 0;
  std::size_t prefix_bytes_ = 0;
  char prefix_[24] = {};
};

}  // namespace respublica

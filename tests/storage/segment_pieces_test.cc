#include "storage/segment_pieces.h"

#include <string>
#include <vector>

#include "storage/compact_segment.h"
#include "storage/memory_file_system.h"
#include "tests/storage/sample_log.h"
#include "tests/support/catch.h"

namespace respublica::test {
namespace {

constexpr std::uint64_t kMemory = std::uint64_t{16} << 20;

/// "H0" for the header of the frame at position 0, "R48" for a record at 48; or the error.
std::vector<std::string> pieces_of(const Segment& segment) {
  std::vector<std::string> found;
  SegmentPieces pieces(segment);
  while (true) {
    const auto next = pieces.next();
    if (!next) {
      found.push_back(next.error().message);
      return found;
    }
    if (!next.value()) return found;
    found.push_back((pieces.record() != nullptr ? "R" : "H") + std::to_string(pieces.position().value));
  }
}

std::string at(const char* kind, LogPosition position) { return kind + std::to_string(position.value); }

/// The bytes at a place of the log.
std::string bytes_at(const SampleLog& sample, LogPosition position, std::size_t count) {
  std::string bytes(count, '?');
  bytes.resize(require(sample.log.read(position, bytes)));
  return bytes;
}

/// A compact segment of the first two segments, with these bytes kept.
CompactSegment compact_with(MemoryFileSystem& files, const SampleLog& sample,
                            const std::vector<std::pair<LogPosition, std::string>>& kept) {
  auto writer = require(CompactSegmentWriter::create(files, *sample.log.view(), sample.base(0), sample.base(2)));
  for (const auto& [position, bytes] : kept) require(writer->add(position, bytes));
  return require(writer->finish());
}

}  // namespace

TEST_CASE("a plain segment has its frames, each before its records") {
  MemoryFileSystem files(kMemory);
  const SampleLog sample(files);
  const LogPosition second{sample.positions[1].value - kFrameHeaderBytes};
  CHECK(pieces_of(*sample.log.view()->front()) ==
        std::vector{at("H", {}), at("R", sample.positions[0]), at("H", second), at("R", sample.positions[1])});
}

TEST_CASE("a compact segment has what was kept of frames, and gaps are passed") {
  MemoryFileSystem files(kMemory);
  const SampleLog sample(files);
  const LogPosition frame{sample.positions[2].value - kFrameHeaderBytes};
  const CompactSegment compact = compact_with(files, sample,
                                              {{sample.positions[1], sample.record(1)},
                                               {frame, bytes_at(sample, frame, kFrameHeaderBytes)},
                                               {sample.positions[2], sample.record(2)}});
  CHECK(pieces_of(*compact.segment()) ==
        std::vector{at("R", sample.positions[1]), at("H", frame), at("R", sample.positions[2])});
  CHECK(pieces_of(*compact_with(files, sample, {}).segment()).empty());
}

TEST_CASE("a record that looks like a frame is a record, and what is neither is damage") {
  MemoryFileSystem files(kMemory);
  const SampleLog sample(files);
  const std::string header = bytes_at(sample, {}, kFrameHeaderBytes);
  CHECK(pieces_of(*compact_with(files, sample, {{{}, header}}).segment()) == std::vector{at("H", {})});
  const CompactSegment moved = compact_with(files, sample, {{{8}, header}});
  CHECK(pieces_of(*moved.segment()) == std::vector{moved.segment()->name + ": damaged at position 8"});
  const CompactSegment cut = compact_with(files, sample, {{sample.positions[0], sample.record(0).substr(0, 9'000)}});
  CHECK(pieces_of(*cut.segment()).back().find(": damaged at position 48") != std::string::npos);
}

TEST_CASE("damage in a plain segment is an error") {
  MemoryFileSystem files(kMemory);
  const SampleLog sample(files);
  const auto file = require(files.open(segment_name({})));
  require(file->write_at(kSegmentHeaderBytes + 100, "!"));
  CHECK(pieces_of(*sample.log.view()->front()).back() == segment_name({}) + ": damaged at position 0");
}

}  // namespace respublica::test

#include "storage/segment.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/storage/file_access.h"
#include "tests/support/catch.h"
#include "tests/support/simulated_disk.h"

namespace respublica::test {
namespace {

constexpr LogPosition kBase{4096};
const std::string kUnfinished = "00000000000000004096.log.new";

TEST_CASE("a segment is prepared under a name that is none of a segment") {
  CHECK(unfinished_name(segment_name(kBase)) == kUnfinished);
  CHECK(is_unfinished_segment_name(kUnfinished));
  CHECK(is_unfinished_segment_name("00000000000000004096.compact.new"));
  CHECK_FALSE(parse_segment_name(kUnfinished));
  for (const char* other : {"00000000000000004096.log", "4096.log.new", ".new", "", "0000000000000000409x.log.new"}) {
    CHECK_FALSE(is_unfinished_segment_name(other));
  }
}

TEST_CASE("a prepared segment survives a crash with its header and its space") {
  SimulatedDisk disk;
  std::uint32_t salt = 0;
  {
    const auto segment = require(prepare_segment(disk, kBase, 65536));
    CHECK(segment->name == "00000000000000004096.log");
    CHECK(segment->offset_of(kBase + 8) == kSegmentHeaderBytes + 8);
    salt = segment->header.salt;
    require(disk.sync_directory());
  }
  disk.crash(1);
  const std::string bytes = read_all(disk, kUnfinished);
  CHECK(bytes.size() == 65536);
  const auto header = require(decode_segment_header(bytes));
  CHECK(header.base == kBase);
  CHECK(header.salt == salt);
  CHECK(disk.used() == 65536);
}

TEST_CASE("a segment is found by the positions that it has") {
  Segments segments;
  for (const std::uint64_t base : {100U, 200U, 300U}) {
    auto segment = std::make_shared<Segment>();
    segment->header.base = {base};
    if (base < 300) segment->close({base + 100});
    segments.push_back(std::move(segment));
  }
  CHECK(find_segment(segments, {99}) == nullptr);
  CHECK(find_segment(segments, {100}) == segments[0].get());
  CHECK(find_segment(segments, {199}) == segments[0].get());
  CHECK(find_segment(segments, {200}) == segments[1].get());
  CHECK(find_segment(segments, {1'000'000}) == segments[2].get());
  CHECK(find_segment({}, {0}) == nullptr);
  segments.pop_back();
  CHECK(find_segment(segments, {300}) == nullptr);
  CHECK(segments_between(segments, {100}, {300}).size() == 2);
  CHECK(segments_between(segments, {200}, {300}).front() == segments[1]);
  using Range = std::pair<LogPosition, LogPosition>;
  for (const auto& [base, end] : {Range{{100}, {250}}, Range{{150}, {300}}, Range{{100}, {100}}, Range{{200}, {200}},
                                  Range{{300}, {400}}, Range{{200}, {100}}}) {
    CHECK(segments_between(segments, base, end).empty());
  }
}

TEST_CASE("what cannot be prepared is removed, and can be tried again over what an attempt left") {
  for (std::uint64_t n = 2;; ++n) {
    SimulatedDisk disk;
    make_file(disk, kUnfinished, "left by an attempt");
    const std::uint64_t before = disk.operations();
    disk.fail_any(n, DiskFault::no_space);
    const auto prepared = prepare_segment(disk, kBase, 65536);
    if (prepared) {
      CHECK(disk.operations() - before < n);
      break;
    }
    CHECK(prepared.error().kind == ErrorKind::no_space);
    CHECK(require(disk.list()).empty());
    CHECK(prepare_segment(disk, kBase, 65536).ok());
  }
}

}  // namespace
}  // namespace respublica::test

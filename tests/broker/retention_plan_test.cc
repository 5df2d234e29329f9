#include "broker/retention_plan.h"

#include <vector>

#include "tests/support/catch.h"

namespace respublica {
namespace {

constexpr std::uint64_t kSegment = 1000;
constexpr std::uint64_t kEachBytes = 10;

/// Segments of kSegment positions, plain.
std::vector<MessageLog::SegmentInfo> segments(std::size_t count) {
  std::vector<MessageLog::SegmentInfo> made;
  for (std::uint64_t i = 0; i < count; ++i) {
    made.push_back({{i * kSegment}, {(i + 1) * kSegment}, kSegmentHeaderBytes + kSegment, 0, {}});
  }
  return made;
}

/// A stream whose entries stand at these places; a window ends where one is 0.
StreamWindows windows(const std::vector<std::uint64_t>& positions) {
  StreamWindows made;
  LogPosition before;
  std::uint64_t seq = 0;
  for (const std::uint64_t position : positions) {
    const bool begins = before == LogPosition{};
    REQUIRE(made.append({1, ++seq}, {position}, begins ? 0 : position - before.value, kEachBytes));
    before = {position};
  }
  return made;
}

std::vector<std::uint64_t> kept(const SegmentUse& use) {
  std::vector<std::uint64_t> found;
  for (const SegmentLoad& load : use.loads()) found.push_back(load.kept);
  return found;
}

std::vector<SegmentLoad> loads(const std::vector<std::uint64_t>& kept) {
  std::vector<SegmentLoad> made;
  for (const auto& segment : segments(kept.size())) made.push_back({segment, kept[made.size()]});
  return made;
}

CompactionRange range(std::uint64_t first, std::uint64_t behind) { return {{first * kSegment}, {behind * kSegment}}; }

constexpr LogPosition kNoLimit{1'000'000};

}  // namespace

TEST_CASE("what windows have is counted in the segments where it stands") {
  SegmentUse use(segments(3));
  use.add(windows({100, 200, 300}));
  use.add(windows({2500}));
  CHECK(kept(use) == std::vector<std::uint64_t>{3 * kEachBytes, 0, kEachBytes});
  CHECK(use.needed_from() == LogPosition{100});
}

TEST_CASE("a window over several segments is spread over them") {
  SegmentUse use(segments(3));
  use.add(windows({1100, 1500, 2900}));
  CHECK(kept(use) == std::vector<std::uint64_t>{0, 2 * kEachBytes, kEachBytes});
  CHECK(use.needed_from() == LogPosition{1100});
}

TEST_CASE("deleted entries that others lead over are counted") {
  StreamWindows made = windows({100, 200, 300, 400});
  REQUIRE(made.remove(0, {1, 2}));
  SegmentUse use(segments(1));
  use.add(made);
  CHECK(kept(use) == std::vector<std::uint64_t>{4 * kEachBytes});
}

TEST_CASE("a log without entries needs none of its segments") {
  CHECK(SegmentUse(segments(3)).needed_from() == LogPosition{3 * kSegment});
  CHECK(SegmentUse({}).needed_from() == LogPosition{});
}

TEST_CASE("segments of which less than half is kept are rewritten, those beside them too") {
  CHECK(choose_compaction(loads({900, 499, 0, 900}), {}, kNoLimit, kSegment) == range(1, 3));
  CHECK(choose_compaction(loads({900, 500, 900}), {}, kNoLimit, kSegment) == std::nullopt);
  CHECK(choose_compaction(loads({400, 400, 400}), {}, kNoLimit, kSegment) == range(0, 2));
  CHECK(choose_compaction({}, {}, kNoLimit, kSegment) == std::nullopt);
}

TEST_CASE("segments that a start may read stay") {
  CHECK(choose_compaction(loads({0, 0, 0}), {}, {2 * kSegment}, kSegment) == range(0, 2));
  CHECK(choose_compaction(loads({900, 0}), {}, {kSegment + 999}, kSegment) == std::nullopt);
}

TEST_CASE("what was rewritten already is rewritten again when half of that has gone") {
  CompactionHistory history;
  history.add(range(0, 1), 300);
  CHECK(choose_compaction(loads({150}), history, kNoLimit, kSegment) == std::nullopt);
  CHECK(choose_compaction(loads({149}), history, kNoLimit, kSegment) == range(0, 1));
  history.add(range(0, 1), 149);
  CHECK(choose_compaction(loads({149}), history, kNoLimit, kSegment) == std::nullopt);
  history.keep_only({});
  CHECK(choose_compaction(loads({149}), history, kNoLimit, kSegment) == range(0, 1));
}

TEST_CASE("what keeps more than three quarters of its space is left as it is") {
  const std::uint64_t file_bytes = kSegmentHeaderBytes + kSegment;
  CHECK(is_worth_rewriting(loads({0}), file_bytes / 4 * 3));
  CHECK_FALSE(is_worth_rewriting(loads({0}), file_bytes / 4 * 3 + 1));
}

TEST_CASE("many small segments become one") {
  std::vector<SegmentLoad> small;
  for (const auto& segment : segments(8)) {
    small.push_back({segment, 100});
    small.back().segment.file_bytes = kSegmentHeaderBytes + 100;
  }
  CHECK(choose_compaction(small, {}, kNoLimit, kSegment) == range(0, 8));
  CHECK(is_worth_rewriting(small, 8 * 100));
  small.pop_back();
  CHECK(choose_compaction(small, {}, kNoLimit, kSegment) == std::nullopt);
}

}  // namespace respublica

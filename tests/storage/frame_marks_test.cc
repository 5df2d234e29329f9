#include "storage/frame_marks.h"

#include "tests/support/catch.h"

namespace respublica {
namespace {

constexpr LogPosition kBase{1000};

std::optional<FramePlace> last_until(FrameMarks& marks, LogPosition base, LogPosition position) {
  return marks.last(base, [position](const FramePlace& each) { return each.position <= position; });
}

}  // namespace

TEST_CASE("one frame of each stretch is remembered") {
  FrameMarks marks;
  CHECK_FALSE(last_until(marks, kBase, kBase + 1'000'000));
  marks.add(kBase, {1, kBase});
  marks.add(kBase, {2, kBase + (FrameMarks::kSpacing - 1)});
  CHECK_FALSE(last_until(marks, kBase, kBase + 1'000'000));
  const FramePlace first{3, kBase + FrameMarks::kSpacing};
  const FramePlace second{9, kBase + 3 * FrameMarks::kSpacing};
  marks.add(kBase, first);
  marks.add(kBase, {4, first.position + 8});
  marks.add(kBase, second);
  CHECK(last_until(marks, kBase, second.position) == second);
  CHECK(last_until(marks, kBase, LogPosition{second.position.value - 1}) == first);
  CHECK_FALSE(last_until(marks, kBase, LogPosition{first.position.value - 1}));
}

TEST_CASE("the segment that was not looked into for the longest time is forgotten") {
  FrameMarks marks;
  const auto base = [](std::uint64_t i) { return LogPosition{i << 26}; };
  for (std::uint64_t i = 0; i < FrameMarks::kSegments; ++i) marks.add(base(i), {1, base(i) + FrameMarks::kSpacing});
  CHECK(last_until(marks, base(0), base(1)));
  marks.add(base(1000), {1, base(1000) + FrameMarks::kSpacing});
  CHECK(last_until(marks, base(0), base(1)));
  CHECK_FALSE(last_until(marks, base(1), base(2)));
  CHECK(last_until(marks, base(1000), base(1001)));
}

}  // namespace respublica

#include "broker/stream_windows.h"

#include "tests/support/catch.h"

namespace respublica {
namespace {

constexpr std::uint64_t kFar = kWindowBytes;

/// Adds entry `n`-0 at `position`, as a batch does it.
void add(StreamWindows& windows, std::uint64_t n, std::uint64_t position) {
  REQUIRE(windows.append({n, 0}, {position}, windows.back_from({position}), 100));
}

/// `count` windows of four entries each: window w has the entries 4w+1 to 4w+4.
StreamWindows windows_of_four(std::size_t count) {
  StreamWindows windows;
  for (std::uint64_t entry = 0; entry < 4 * count; ++entry) add(windows, entry + 1, entry * kFar / 3);
  return windows;
}

void remove(StreamWindows& windows, std::uint64_t n) {
  const StreamId id{n, 0};
  const auto window = windows.find(id);
  REQUIRE(window);
  REQUIRE(windows.remove(*window, id));
}

std::uint64_t live(const StreamWindows& windows) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < windows.size(); ++i) sum += windows[i].live;
  return sum;
}

}  // namespace

TEST_CASE("a window begins 64 KiB behind the one before") {
  StreamWindows windows;
  for (std::uint64_t n = 1; n <= 4; ++n) add(windows, n, n);
  CHECK(windows.back_from({kFar}) == kFar - 4);
  CHECK(windows.back_from({1 + kFar}) == 0);
  add(windows, 5, 1 + kFar);
  REQUIRE(windows.size() == 2);
  CHECK(windows[0].entries == 4);
  CHECK(windows[0].begin == LogPosition{1});
  CHECK(windows[0].last == LogPosition{4});
  CHECK(windows[1].first == StreamId{5, 0});
}

TEST_CASE("a window of a rarely written channel has four entries, however far apart") {
  StreamWindows windows;
  for (std::uint64_t n = 1; n <= 8; ++n) add(windows, n, n * 1'000'000'000);
  REQUIRE(windows.size() == 2);
  CHECK(windows[0].live == 4);
  CHECK(windows[1].live == 4);
}

TEST_CASE("a window has 1024 entries at most") {
  StreamWindows windows;
  for (std::uint64_t n = 1; n <= kMaxWindowEntries + 1; ++n) add(windows, n, n);
  REQUIRE(windows.size() == 2);
  CHECK(windows[0].entries == kMaxWindowEntries);
}

TEST_CASE("an entry that is not chained to the last one is refused") {
  StreamWindows windows;
  CHECK_FALSE(windows.append({1, 0}, {100}, 10, 100));
  add(windows, 1, 100);
  CHECK_FALSE(windows.append({2, 0}, {150}, 10, 100));
  CHECK_FALSE(windows.append({2, 0}, {50}, 10, 100));
  CHECK(live(windows) == 1);
  CHECK(windows.append({2, 0}, {110}, 10, 100));
}

TEST_CASE("a window is found by any ID from its first one to the next window's") {
  const StreamWindows windows = windows_of_four(40);
  REQUIRE(windows.size() == 40);
  CHECK_FALSE(windows.find({0, 5}));
  for (std::uint64_t n = 1; n <= 160; ++n) {
    CHECK(windows.find({n, 0}) == (n - 1) / 4);
    CHECK(windows.find({n, 7}) == (n - 1) / 4);
  }
  CHECK(windows.find(kMaxStreamId) == 39);
  CHECK_FALSE(StreamWindows().find(kMaxStreamId));
}

TEST_CASE("a window is found by any place from behind the window before to its last entry") {
  const StreamWindows windows = windows_of_four(40);
  CHECK(windows.find(LogPosition{}) == 0);
  for (std::size_t i = 0; i < windows.size(); ++i) {
    CHECK(windows.find(windows[i].begin) == i);
    CHECK(windows.find(windows[i].last) == i);
    CHECK(windows.find(windows[i].last + 1) == i + 1);
  }
}

TEST_CASE("a copy of windows does not see later changes") {
  StreamWindows windows = windows_of_four(40);
  const StreamWindows copy = windows;
  const StreamWindow* const sealed = &copy[0];
  // Sealed chunks are shared.
  CHECK(&windows[0] == sealed);
  CHECK(&windows[39] != &copy[39]);

  add(windows, 1000, 1'000'000'000);
  remove(windows, 6);
  remove(windows, 158);
  REQUIRE(windows.trim({5, 0}, 4, 0));
  CHECK(windows.size() == 40);
  CHECK(live(windows) == 155);
  CHECK(windows[0].has_deleted({6, 0}));

  CHECK(copy.size() == 40);
  CHECK(live(copy) == 160);
  CHECK(&copy[0] == sealed);
  CHECK_FALSE(copy[1].has_deleted({6, 0}));
  CHECK_FALSE(copy[39].has_deleted({158, 0}));
}

TEST_CASE("an entry is deleted once") {
  StreamWindows windows = windows_of_four(20);
  for (const std::uint64_t n : {7U, 6U, 79U}) {
    remove(windows, n);
    const std::size_t window = windows.find({n, 0}).value_or(0);
    CHECK(windows[window].has_deleted({n, 0}));
    CHECK_FALSE(windows.remove(window, {n, 0}));
  }
  CHECK(live(windows) == 77);
}

TEST_CASE("windows without live entries go from the front and stay elsewhere") {
  StreamWindows windows = windows_of_four(20);
  for (std::uint64_t n = 5; n <= 12; ++n) remove(windows, n);
  CHECK(windows.size() == 20);
  CHECK(windows[1].live == 0);
  CHECK_FALSE(windows.remove(1, {5, 0}));
  for (std::uint64_t n = 1; n <= 4; ++n) remove(windows, n);
  REQUIRE(windows.size() == 17);
  CHECK(windows[0].first == StreamId{13, 0});
  // One in a sealed chunk, one behind.
  CHECK(windows.find({14, 0}) == 0);
  CHECK(windows.find({77, 0}) == 16);
  for (std::uint64_t n = 13; n <= 80; ++n) remove(windows, n);
  CHECK(windows.empty());
  add(windows, 100, 1'000'000'000);
  REQUIRE(windows.size() == 1);
  CHECK(windows[0].first == StreamId{100, 0});
}

TEST_CASE("an entry behind a window without live ones begins another") {
  StreamWindows windows;
  for (std::uint64_t n = 1; n <= 5; ++n) add(windows, n, n * kFar);
  remove(windows, 5);
  CHECK(windows.back_from({5 * kFar + 10}) == 0);
}

TEST_CASE("trimming takes whole windows and a part of the next") {
  for (std::uint64_t kept = 1; kept <= 161; ++kept) {
    StreamWindows windows = windows_of_four(40);
    remove(windows, 160);
    const std::uint64_t removed = std::min<std::uint64_t>(kept - 1, 159);
    REQUIRE(windows.trim({kept, 0}, removed, 100 * (removed % 4)));
    CHECK(live(windows) == 159 - removed);
    CHECK(windows.size() == (removed == 159 ? 0 : 40 - removed / 4));
    if (!windows.empty()) CHECK(windows.find({kept, 0}) == 0);
  }
}

TEST_CASE("trimming takes a window whole whose next one begins far behind") {
  StreamWindows windows;
  for (std::uint64_t n = 1; n <= 8; ++n) add(windows, n < 5 ? n : n + 100, n * kFar);
  REQUIRE(windows.trim({50, 0}, 4, 0));
  REQUIRE(windows.size() == 1);
  CHECK(windows[0].live == 4);
}

TEST_CASE("trimming more than there can be is refused") {
  StreamWindows windows = windows_of_four(2);
  CHECK_FALSE(windows.trim({3, 0}, 5, 100));
  windows = windows_of_four(2);
  CHECK_FALSE(windows.trim({100, 0}, 9, 100));
}

TEST_CASE("IDs that were deleted can come again behind a rewind") {
  StreamWindows windows = windows_of_four(36);
  for (std::uint64_t n = 11; n <= 144; ++n) remove(windows, n);
  REQUIRE(windows.rewind({10, 0}));
  CHECK(live(windows) == 10);
  REQUIRE(windows.size() == 3);
  CHECK(windows.back_from({1'000'000'000}) == 0);
  add(windows, 11, 1'000'000'000);
  REQUIRE(windows.find({11, 0}) == 3);
  CHECK_FALSE(windows[3].has_deleted({11, 0}));
  CHECK(windows.find({10, 0}) == 2);
}

TEST_CASE("a rewind keeps what trimming has dropped") {
  StreamWindows windows = windows_of_four(20);
  REQUIRE(windows.trim({9, 0}, 8, 0));
  for (std::uint64_t n = 17; n <= 80; ++n) remove(windows, n);
  REQUIRE(windows.rewind({16, 0}));
  REQUIRE(windows.size() == 2);
  CHECK(windows[0].first == StreamId{9, 0});
  CHECK(windows[1].first == StreamId{13, 0});
}

TEST_CASE("a rewind below a live window is refused") {
  StreamWindows windows = windows_of_four(3);
  CHECK_FALSE(windows.rewind({8, 0}));
}

}  // namespace respublica

#include "tools/log/frame_remains.h"

#include <string>

#include "storage/record.h"
#include "tests/support/catch.h"

namespace respublica::test {
namespace {

using logtool::FrameRemains;
using logtool::inspect_remains;

/// Where the length of a record stands.
constexpr std::size_t kLengthAt = 4;

struct Payload {
  std::string bytes;
  std::vector<std::size_t> begins;

  explicit Payload(std::size_t records) {
    for (std::size_t i = 0; i < records; ++i) begins.push_back(RecordWriter(bytes).write(DropRecord{{i}}));
  }
};

}  // namespace

TEST_CASE("all records of a whole payload are whole") {
  const Payload payload(3);
  const FrameRemains remains = inspect_remains(payload.bytes, 3);
  CHECK(remains.whole.size() == 3);
  CHECK(remains.damaged.empty());
  CHECK(remains.is_complete);
  CHECK(inspect_remains("", 0).is_complete);
}

TEST_CASE("a damaged record is stepped over when all lengths lead to the end") {
  Payload payload(3);
  payload.bytes[payload.begins[2] - 1] ^= 1;
  const FrameRemains remains = inspect_remains(payload.bytes, 3);
  REQUIRE(remains.whole.size() == 2);
  CHECK(remains.whole[1].at == payload.begins[2]);
  REQUIRE(remains.damaged.size() == 1);
  CHECK(remains.damaged[0].at == payload.begins[1]);
  CHECK(remains.is_complete);
}

TEST_CASE("behind a record whose length is damaged nothing is believed") {
  Payload payload(3);
  for (const char length : {'\1', '\x0c', '\x7f'}) {
    payload.bytes[payload.begins[1] + kLengthAt] = length;
    const FrameRemains remains = inspect_remains(payload.bytes, 3);
    REQUIRE(remains.whole.size() == 1);
    CHECK(remains.damaged.empty());
    CHECK_FALSE(remains.is_complete);
  }
}

TEST_CASE("a frame with another number of records than it should have is not complete") {
  const Payload payload(3);
  CHECK_FALSE(inspect_remains(payload.bytes, 2).is_complete);
  CHECK(inspect_remains(payload.bytes, 2).whole.size() == 3);
}

TEST_CASE("without a header the records before the first damaged one are found") {
  Payload payload(3);
  const FrameRemains all = inspect_remains(payload.bytes + std::string(7, '\0'), std::nullopt);
  CHECK(all.whole.size() == 3);
  CHECK(all.is_complete);
  CHECK_FALSE(inspect_remains(payload.bytes + std::string(8, '\0'), std::nullopt).is_complete);
  CHECK_FALSE(inspect_remains(payload.bytes + "x", std::nullopt).is_complete);
  payload.bytes[payload.begins[2] - 1] ^= 1;
  const FrameRemains remains = inspect_remains(payload.bytes, std::nullopt);
  CHECK(remains.whole.size() == 1);
  CHECK_FALSE(remains.is_complete);
}

}  // namespace respublica::test

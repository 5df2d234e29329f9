#include "storage/damaged_place.h"

#include "tests/support/catch.h"

namespace respublica::test {
namespace {

constexpr LogPosition kBefore{96};
constexpr LogPosition kPlace{100};
constexpr LogPosition kBehind{104};

TEST_CASE("damage behind all that is known to be durable is of a commit that nobody was told of") {
  CHECK(judge({kPlace, false, {}, std::nullopt}) == DamageVerdict::unacknowledged);
  CHECK(judge({kPlace, false, kPlace, std::nullopt}) == DamageVerdict::unacknowledged);
}

TEST_CASE("damage in a sealed segment is corruption") {
  CHECK(judge({kPlace, true, {}, std::nullopt}) == DamageVerdict::corrupt);
}

TEST_CASE("damage before a place that is known to be durable is corruption") {
  CHECK(judge({kPlace, false, kBehind, std::nullopt}) == DamageVerdict::corrupt);
}

TEST_CASE("damage that a later frame counts as durable is corruption, and only such damage") {
  CHECK(judge({kPlace, false, {}, kBehind}) == DamageVerdict::corrupt);
  CHECK(judge({kPlace, false, {}, kPlace}) == DamageVerdict::unacknowledged);
  CHECK(judge({kPlace, false, {}, kBefore}) == DamageVerdict::unacknowledged);
}

}  // namespace
}  // namespace respublica::test

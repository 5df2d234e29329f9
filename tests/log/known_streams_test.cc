#include "tools/log/known_streams.h"

#include <memory>

#include "tests/support/catch.h"

namespace respublica::test {
namespace {

using logtool::KnownStreams;
using Standing = KnownStreams::Standing;

/// Number 1, with entries 1-0 to 5-0 at 100, 200... of which 2-0 was deleted, as of 1000. Number 0 was dropped; the
/// next one is 2.
Checkpoint sample() {
  auto stream = std::make_shared<Stream>("a", ChannelNumber{1});
  for (std::uint64_t i = 1; i <= 5; ++i) {
    REQUIRE(stream->apply(AppendRecord{{1}, {i, 0}, i == 1 ? 0U : 100U, ""}, {100 * i}));
  }
  REQUIRE(stream->apply(DeleteRecord{{1}, {{2, 0}}}));
  Checkpoint checkpoint;
  checkpoint.header.position = {900};
  checkpoint.header.next_number = 2;
  checkpoint.streams.push_back({stream, nullptr, nullptr, {1000}});
  return checkpoint;
}

Record entry(std::uint64_t channel, std::uint64_t id) {
  Record record;
  record.kind = Record::Kind::append;
  record.append = {{channel}, {id, 0}, 0, ""};
  return record;
}

logtool::RecordPlace at(std::uint64_t position) { return {{position}, {}, {}}; }

}  // namespace

TEST_CASE("entries of a checkpoint live, or do not, and what is behind it is news") {
  const Checkpoint checkpoint = sample();
  const KnownStreams known(checkpoint);
  CHECK(known.standing(entry(1, 1), at(100)) == Standing::live);
  CHECK(known.standing(entry(1, 2), at(200)) == Standing::past);
  CHECK(known.standing(entry(1, 5), at(500)) == Standing::live);
  CHECK(known.standing(entry(1, 6), at(1000)) == Standing::news);
  Record removal;
  removal.kind = Record::Kind::remove;
  removal.remove.channel = {1};
  CHECK(known.standing(removal, at(950)) == Standing::past);
  CHECK(known.standing(removal, at(1000)) == Standing::news);
}

TEST_CASE("a number below that of the next channel, and not in the checkpoint, is of a channel that has gone") {
  const Checkpoint checkpoint = sample();
  const KnownStreams known(checkpoint);
  CHECK(known.standing(entry(0, 1), at(50)) == Standing::past);
  CHECK(known.standing(entry(0, 1), at(999)) == Standing::past);
  CHECK(known.standing(entry(2, 1), at(950)) == Standing::news);
}

TEST_CASE("an entry lives at the place where its window is, and by its ID where the place is not known") {
  const Checkpoint checkpoint = sample();
  const KnownStreams known(checkpoint);
  CHECK(known.standing(entry(1, 3), at(600)) == Standing::past);
  logtool::RecordPlace place = at(20);
  place.is_placed = false;
  CHECK(known.standing(entry(1, 3), place) == Standing::live);
  CHECK(known.standing(entry(1, 2), place) == Standing::past);
  CHECK(known.standing(entry(1, 9), place) == Standing::past);
}

TEST_CASE("without a checkpoint everything is news") {
  const KnownStreams known{Checkpoint()};
  CHECK(known.standing(entry(0, 1), at(0)) == Standing::news);
}

}  // namespace respublica::test

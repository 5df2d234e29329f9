#include "broker/stream_watches.h"

#include <memory>

#include "tests/support/catch.h"

namespace respublica {
namespace {

using Became = StreamWatches::Became;

/// A stream that goes at 100 ms.
std::shared_ptr<Stream> expiring(const std::string& name) {
  auto stream = std::make_shared<Stream>(name, ChannelNumber{0});
  REQUIRE(stream->apply(ExpiryRecord{{0}, 100}));
  return stream;
}

}  // namespace

TEST_CASE("a change is noted by those who watch the stream, from then on") {
  StreamTable streams;
  StreamWatches watches;
  watches.note("a", Became::another);
  const auto first = watches.watch("a", streams, 1);
  const auto other = watches.watch("b", streams, 1);
  CHECK_FALSE(first->changed());
  watches.note("a", Became::another);
  CHECK(first->changed());
  CHECK_FALSE(other->changed());
  const auto second = watches.watch("a", streams, 1);
  CHECK_FALSE(second->changed());
  watches.note("a", Became::gone);
  CHECK(second->changed());
}

TEST_CASE("a watch that has gone is forgotten, the others stay") {
  StreamTable streams;
  StreamWatches watches;
  auto first = watches.watch("a", streams, 1);
  const auto second = watches.watch("a", streams, 1);
  first = nullptr;
  watches.note("a", Became::another);
  CHECK(second->changed());
}

TEST_CASE("that a stream is dropped whose time was over is no change, that another is made is one") {
  StreamTable streams;
  StreamWatches watches;
  streams.put(expiring("a"));
  const auto before = watches.watch("a", streams, 99);
  const auto after = watches.watch("a", streams, 100);
  CHECK(after->expired());
  watches.note("a", Became::gone);
  CHECK(before->changed());
  CHECK_FALSE(after->changed());
  CHECK_FALSE(after->expired());
  watches.note("a", Became::another);
  CHECK(after->changed());
}

}  // namespace respublica

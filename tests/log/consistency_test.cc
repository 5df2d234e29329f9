#include "tools/log/consistency.h"

#include "tests/log/sample_log.h"
#include "tests/support/catch.h"

namespace respublica::test {
namespace {

/// The complaints about a log, in order.
class Complaints final : public logtool::LogVisitor {
 public:
  Result<void> frame(const FrameHeader& header) override { return add(consistency.check(header)); }
  Result<void> record(const Record& record, const logtool::RecordPlace& place) override {
    return add(consistency.check(record, place));
  }
  Result<void> damage(const logtool::Damage&) override { return {}; }

  logtool::KnownStreams nothing{Checkpoint()};
  logtool::Consistency consistency{nothing};
  std::vector<std::string> all;

 private:
  Result<void> add(const std::optional<std::string>& complaint) {
    if (complaint) all.push_back(*complaint);
    return {};
  }
};

std::vector<std::string> complaints(SampleLog& sample) {
  Complaints visitor;
  const auto log = require(logtool::open_log_files(sample.files));
  require(logtool::walk_log(log, visitor, [](std::uint64_t) {}));
  return visitor.all;
}

using Sentences = std::vector<std::string>;
const std::string kFields = one_field("x");

AppendRecord entry(EntryKey id, std::uint64_t back = 0) { return {{0}, id, back, kFields}; }

}  // namespace

TEST_CASE("records that follow from those before them are consistent") {
  SampleLog sample;
  const LogPosition first = sample.add(ChannelRecord{{0}, "a"}, entry({5, 1})) + 60;
  const LogPosition second = sample.log->end() + kFrameHeaderBytes;
  sample.add(entry({5, 2}, second - first));
  sample.add(DeleteRecord{{0}, {{5, 2}}}, TrimRecord{{0}, {9, 0}, 1});
  sample.add(CountersRecord{{0}, {2, 0}, {}, 7});
  sample.add(entry({2, 1}, sample.log->end() + kFrameHeaderBytes - first));
  sample.add(ExpiryRecord{{0}, 9}, DropRecord{{0}}, ChannelRecord{{1}, "a"});
  CHECK(complaints(sample).empty());
}

TEST_CASE("what contradicts the records before it is said") {
  SampleLog sample;
  sample.add(entry({1, 0}));
  CHECK(complaints(sample) == Sentences{"a record is of a channel that does not exist"});
  SampleLog other;
  other.add(ChannelRecord{{1}, "b"}, ChannelRecord{{0}, "a"}, ChannelRecord{{0}, "c"});
  other.add(entry({5, 1}));
  other.add(entry({5, 1}));
  other.add(entry({5, 2}, 17));
  other.add(AppendRecord{{0}, {5, 3}, 0, "\x7f"});
  other.add(TrimRecord{{0}, {9, 0}, 5});
  other.time_ms = 0;
  other.add();
  CHECK(complaints(other) ==
        Sentences{"the number of a new channel is not the next one", "the number of a new channel is not the next one",
                  "a channel gets a second name", "the ID of an entry is not above those before it",
                  "an entry is not tied to the one before it", "the fields of an entry are not as fields are",
                  "more entries are deleted than there are", "the frame is older than the one before it"});
}

TEST_CASE("once records are lost nothing is a contradiction") {
  logtool::KnownStreams nothing{Checkpoint()};
  logtool::Consistency consistency{nothing};
  consistency.lose_records();
  Record record;
  record.kind = Record::Kind::drop;
  CHECK_FALSE(consistency.check(record, logtool::RecordPlace{{48}, {}, {}}));
}

}  // namespace respublica::test

#include "storage/damage_report.h"

#include <string>

#include "storage/record.h"
#include "tests/storage/sample_segment.h"
#include "tests/support/catch.h"

namespace respublica::test {
namespace {

const std::string kUnknown = "the channels concerned cannot be known";

template <typename... Records>
std::string payload_of(const Records&... records) {
  std::string payload;
  RecordWriter writer(payload);
  (writer.write(records), ...);
  return payload;
}

std::string concerned(const SampleSegment& sample, LogPosition position) {
  return channels_concerned(sample.segment, sample.end_offset(), position);
}

TEST_CASE("an error about damage names the file, the byte, the reason and the way out") {
  CHECK(damage_error("x.log", 4096, "it is broken", "").message ==
        "the log is damaged: x.log, byte 4096: it is broken; the channels concerned cannot be known; nothing was "
        "changed: `respublica-log salvage DIR NEWDIR` copies what is whole to a new directory");
  CHECK(damage_error("x.log", 1, "y", "channels: a").message.find("; channels: a; nothing") != std::string::npos);
}

TEST_CASE("channels are named by what the segment says before, and in the frame itself") {
  SampleSegment sample;
  sample.add(payload_of(ChannelRecord{{1}, "orders"}, ChannelRecord{{2}, "others"}));
  const LogPosition position = sample.end;
  sample.add(payload_of(AppendRecord{{1}, {}, 0, "a"}, ChannelRecord{{3}, "new"}, DropRecord{{4}}));
  CHECK(concerned(sample, position) == "channels concerned: \"orders\", \"new\", number 4");
}

TEST_CASE("behind a damaged record others are found as long as its length is right") {
  SampleSegment sample;
  const LogPosition position = sample.end;
  sample.add(payload_of(ChannelRecord{{1}, "a"}, AppendRecord{{2}, {}, 0, "b"}, ChannelRecord{{3}, "c"}));
  const std::uint64_t second =
      sample.segment.offset_of(position) + kFrameHeaderBytes + payload_of(ChannelRecord{{1}, "a"}).size();
  sample.write(second + 10, "!");
  CHECK(concerned(sample, position) == "channels concerned: \"a\", \"c\"; whether there are others cannot be known");
  sample.write(second + 4, "!!!!");
  CHECK(concerned(sample, position) == "channels concerned: \"a\"; whether there are others cannot be known");
}

TEST_CASE("without a header what follows is looked at as far as it is records") {
  SampleSegment sample;
  const LogPosition position = sample.end;
  sample.add(payload_of(ChannelRecord{{1}, "a"}));
  sample.add(payload_of(ChannelRecord{{2}, "b"}));
  sample.write(sample.segment.offset_of(position), "damage");
  CHECK(concerned(sample, position) == "channels concerned: \"a\"; whether there are others cannot be known");
}

TEST_CASE("where nothing decodes nothing is claimed") {
  SampleSegment sample;
  const LogPosition position = sample.end;
  CHECK(concerned(sample, position) == kUnknown);
  sample.add("these are no records");
  CHECK(concerned(sample, position) == kUnknown);
}

TEST_CASE("many channels are counted") {
  SampleSegment sample;
  const LogPosition position = sample.end;
  std::string payload;
  for (std::uint64_t i = 0; i < 20; ++i) RecordWriter(payload).write(DropRecord{{i}});
  sample.add(payload);
  const std::string text = concerned(sample, position);
  CHECK(text.find("number 15 and 4 more") == text.size() - std::string("number 15 and 4 more").size());
}

}  // namespace
}  // namespace respublica::test

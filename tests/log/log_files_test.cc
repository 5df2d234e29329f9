#include "tools/log/log_files.h"

#include "tests/log/sample_log.h"
#include "tests/support/catch.h"

namespace respublica::test {

using logtool::LogFiles;
using logtool::open_log_files;

TEST_CASE("a log without compact segments is complete from its first segment on, and covered by what is behind that") {
  SampleLog sample;
  sample.add(ChannelRecord{{0}, "a"});
  LogFiles files = require(open_log_files(sample.files));
  CHECK(files.complete_from() == LogPosition{});
  CHECK(files.is_covered());
  files.segments[0].segment->header.base = {4096};
  CHECK(files.complete_from() == LogPosition{4096});
  CHECK_FALSE(files.is_covered());
  files.checkpoint.header.position = {4096};
  CHECK(files.is_covered());
}

TEST_CASE("the newest checkpoint that can be read is taken, and each other one that cannot is said") {
  SampleLog sample;
  sample.add(ChannelRecord{{0}, "a"});
  write_checkpoint(sample.files, {8});
  write_checkpoint(sample.files, {16});
  make_file(sample.files, checkpoint_name({24}), "damaged");
  make_file(sample.files, checkpoint_name({32}), read_all(sample.files, checkpoint_name({16})));
  const LogFiles files = require(open_log_files(sample.files));
  CHECK(files.checkpoint.header.position == LogPosition{16});
  CHECK(files.checkpoints == 4);
  CHECK(files.known_durable == LogPosition{32});
  REQUIRE(files.damaged_checkpoints.size() == 2);
  CHECK(files.damaged_checkpoints[0].position == LogPosition{32});
  CHECK(files.damaged_checkpoints[0].reason.ends_with(" has the name of another one"));
  CHECK(files.damaged_checkpoints[1].position == LogPosition{24});
}

}  // namespace respublica::test

#include "broker/log_replay.h"

#include "broker/checkpoint.h"
#include "storage/memory_file_system.h"
#include "tests/support/catch.h"

namespace respublica {
namespace {

Record append_to(std::uint64_t channel) {
  Record record;
  record.kind = Record::Kind::append;
  record.append = {{channel}, {1, 0}, 0, "fields"};
  return record;
}

Record drop_of(std::uint64_t channel) {
  Record record;
  record.kind = Record::Kind::drop;
  record.drop = {{channel}};
  return record;
}

}  // namespace

TEST_CASE("streams that were dropped while a checkpoint was written may have records behind its beginning") {
  MemoryFileSystem files{1 << 22};
  // At 1000 there were two streams. Both were gone at 2000, when what there was of them was to be written.
  auto file = CheckpointFile::create(files, {LogPosition{1000}, 0, 1, 2});
  REQUIRE(file);
  CheckpointWriter writer(std::move(file.value()));
  REQUIRE(writer.add(LogPosition{2000}, {}));
  REQUIRE(writer.file().finish());
  REQUIRE(writer.file().publish());
  auto found = find_checkpoint(files);
  REQUIRE(found);
  REQUIRE(found.value().damaged.empty());
  LogReplay replay(std::move(found.value().newest));
  CHECK(replay.from() == LogPosition{1000});
  CHECK(replay.apply(append_to(0), LogPosition{1000}));
  CHECK(replay.apply(drop_of(0), LogPosition{1100}));
  CHECK(replay.apply(append_to(1), LogPosition{1900}));
  CHECK_FALSE(replay.apply(append_to(1), LogPosition{2000}));
  CHECK_FALSE(replay.apply(append_to(2), LogPosition{1900}));
  CHECK(replay.take_streams().empty());
}

}  // namespace respublica

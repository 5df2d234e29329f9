#include "storage/checkpoint_file.h"

#include <string>
#include <vector>

#include "storage/memory_file_system.h"
#include "tests/support/catch.h"

namespace respublica {
namespace {

constexpr LogPosition kPosition{4096};

std::unique_ptr<CheckpointFile> begin(FileSystem& files) {
  return std::move(CheckpointFile::create(files, {kPosition, 0, 1234, 7}).value());
}

/// A checkpoint with two sections.
void write_sample(FileSystem& files) {
  const auto file = begin(files);
  REQUIRE(file->add({4096}, "first"));
  REQUIRE(file->add({5000}, "second"));
  REQUIRE(file->finish());
  REQUIRE(file->publish());
}

/// "4096 first, 5000 second", or "damaged".
std::string shown(FileSystem& files) {
  std::string sections;
  const auto header =
      read_checkpoint(files, checkpoint_name(kPosition), [&](const CheckpointHeader&, LogPosition as_of, auto section) {
        if (!sections.empty()) sections += ", ";
        sections += std::to_string(as_of.value) + ' ' + std::string(section);
        return Result<void>();
      });
  if (!header) return "damaged";
  return sections + ", " + std::to_string(header.value().time_ms) + ", " + std::to_string(header.value().next_number);
}

constexpr std::string_view kSample = "4096 first, 5000 second, 1234, 7";

}  // namespace

TEST_CASE("a checkpoint is read as it was written") {
  MemoryFileSystem files(1 << 20);
  write_sample(files);
  CHECK(files.list().value() == std::vector<std::string>{"00000000000000004096.checkpoint"});
  CHECK(shown(files) == kSample);
}

TEST_CASE("a checkpoint that is not published leaves nothing") {
  MemoryFileSystem files(1 << 20);
  {
    const auto file = begin(files);
    REQUIRE(file->add({4096}, "first"));
    REQUIRE(file->finish());
    REQUIRE(files.list().value().size() == 1);
    CHECK(is_unfinished_checkpoint_name(files.list().value().front()));
    CHECK_FALSE(parse_checkpoint_name(files.list().value().front()));
  }
  CHECK(files.list().value().empty());
}

TEST_CASE("a checkpoint takes the place of what an attempt before it left") {
  MemoryFileSystem files(1 << 20);
  const auto left = begin(files);
  const auto again = begin(files);
  REQUIRE(again->add({4096}, "first"));
  REQUIRE(again->add({5000}, "second"));
  REQUIRE(again->finish());
  REQUIRE(again->publish());
  CHECK(shown(files) == kSample);
}

TEST_CASE("every bit of a checkpoint that is flipped is found") {
  MemoryFileSystem files(1 << 20);
  write_sample(files);
  const auto file = std::move(files.open(checkpoint_name(kPosition)).value());
  const std::uint64_t size = file->size().value();
  for (std::uint64_t bit = 0; bit < size * 8; ++bit) {
    char byte = 0;
    REQUIRE(file->read_at(bit / 8, {&byte, 1}));
    const char flipped = static_cast<char>(byte ^ (1 << (bit % 8)));
    REQUIRE(file->write_at(bit / 8, {&flipped, 1}));
    INFO("bit " << bit);
    CHECK(shown(files) == "damaged");
    REQUIRE(file->write_at(bit / 8, {&byte, 1}));
  }
  CHECK(shown(files) == kSample);
}

TEST_CASE("a checkpoint that is cut off or has more bytes is damaged") {
  MemoryFileSystem files(1 << 20);
  write_sample(files);
  const auto file = std::move(files.open(checkpoint_name(kPosition)).value());
  const std::uint64_t size = file->size().value();
  REQUIRE(file->truncate(size + 1));
  CHECK(shown(files) == "damaged");
  for (std::uint64_t left = size; left-- > 0;) {
    REQUIRE(file->truncate(left));
    INFO("of " << left << " bytes");
    CHECK(shown(files) == "damaged");
  }
}

TEST_CASE("an error of the visitor ends the reading") {
  MemoryFileSystem files(1 << 20);
  write_sample(files);
  int sections = 0;
  const auto header = read_checkpoint(files, checkpoint_name(kPosition),
                                      [&](const CheckpointHeader&, LogPosition, std::string_view) -> Result<void> {
                                        ++sections;
                                        return Error{"enough"};
                                      });
  REQUIRE_FALSE(header);
  CHECK(header.error().message == "enough");
  CHECK(sections == 1);
}

}  // namespace respublica

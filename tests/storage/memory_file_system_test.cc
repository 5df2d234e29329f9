#include "storage/memory_file_system.h"

#include "tests/storage/file_access.h"
#include "tests/support/catch.h"

namespace respublica::test {
namespace {

constexpr std::uint64_t kChunk = MemoryFileSystem::kChunk;

TEST_CASE("memory is taken where something is written, not where space is set aside") {
  MemoryFileSystem files(10 * kChunk);
  const auto file = require(files.create("a"));
  require(file->preallocate(1'000 * kChunk));
  CHECK(files.memory() == 0);
  require(file->write_at(500 * kChunk - 1, "ab"));
  CHECK(files.memory() == 2 * kChunk);
  require(file->write_at(500 * kChunk, "bcd"));
  CHECK(files.memory() == 2 * kChunk);
}

TEST_CASE("a write above the limit fails, says so and changes nothing") {
  MemoryFileSystem files(2 * kChunk);
  const auto file = require(files.create("a"));
  require(file->write_at(0, "abc"));
  const Error error = file->write_at(0, std::string(2 * kChunk + 1, 'x')).error();
  CHECK(error.kind == ErrorKind::no_space);
  CHECK(error.message == "cannot write a: the log may have no more than 131072 bytes of memory");
  CHECK(read_all(*file) == "abc");
  CHECK(files.memory() == kChunk);
  const auto other = require(files.create("b"));
  require(other->write_at(0, "abc"));
  CHECK(other->write_at(kChunk, "x").error().kind == ErrorKind::no_space);
  CHECK(file->write_at(0, std::string(kChunk, 'y')).ok());
}

TEST_CASE("memory that is occupied is there for the writes, and too much of it is refused and changes nothing") {
  MemoryFileSystem files(3 * kChunk);
  const auto file = require(files.create("a"));
  require(file->preallocate(10 * kChunk));
  require(file->occupy(kChunk - 1, kChunk + 1));
  CHECK(files.memory() == 2 * kChunk);
  require(file->occupy(5, 5));
  CHECK(file->occupy(0, 4 * kChunk).error().kind == ErrorKind::no_space);
  CHECK(files.memory() == 2 * kChunk);
  const auto other = require(files.create("b"));
  require(other->write_at(0, "abc"));
  CHECK(file->write_at(0, std::string(2 * kChunk, 'x')).ok());
  CHECK(read(*file, 2 * kChunk, 3) == std::string(3, '\0'));
}

TEST_CASE("truncating and removing give memory back, once a file is closed") {
  MemoryFileSystem files(10 * kChunk);
  auto file = require(files.create("a"));
  require(file->write_at(0, std::string(5 * kChunk, 'x')));
  require(file->truncate(2 * kChunk + 1));
  CHECK(files.memory() == 3 * kChunk);
  require(file->truncate(2 * kChunk));
  CHECK(files.memory() == 2 * kChunk);
  require(files.remove("a"));
  CHECK(files.memory() == 2 * kChunk);
  file.reset();
  CHECK(files.memory() == 0);
}

TEST_CASE("a file in memory outlives the file system while it is open") {
  std::unique_ptr<LogFile> file;
  {
    MemoryFileSystem files(kChunk);
    file = require(files.create("a"));
  }
  require(file->write_at(0, "abc"));
  CHECK(read_all(*file) == "abc");
}

}  // namespace
}  // namespace respublica::test

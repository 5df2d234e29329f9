#include "storage/file_window.h"

#include "storage/memory_file_system.h"
#include "tests/storage/file_access.h"
#include "tests/support/catch.h"
#include "tests/support/seeded_random.h"
#include "tests/support/simulated_disk.h"

namespace respublica::test {
namespace {

TEST_CASE("any piece of a file is shown, in any order, and less at its end") {
  MemoryFileSystem files(std::uint64_t{16} << 20);
  SeededRandom random(1);
  std::string bytes(2 * FileWindow::kPiece + 1000, '\0');
  for (char& c : bytes) c = static_cast<char>(random.below(256));
  make_file(files, "a", bytes);
  const auto file = require(files.open("a"));
  FileWindow window(*file);
  for (int i = 0; i < 200; ++i) {
    const auto offset = static_cast<std::size_t>(random.below(bytes.size() + 100));
    const auto count = static_cast<std::size_t>(random.below(random.percent(10) ? bytes.size() : 100));
    const std::string wanted = offset < bytes.size() ? bytes.substr(offset, count) : "";
    CHECK((require(window.at(offset, count)) == wanted));
  }
  CHECK((require(window.at(0, bytes.size())) == bytes));
}

TEST_CASE("small pieces one behind the other are read at once") {
  SimulatedDisk disk;
  make_file(disk, "a", std::string(64 * 1024, 'x'));
  const auto file = require(disk.open("a"));
  FileWindow window(*file);
  for (std::uint64_t offset = 0; offset < std::uint64_t{64} * 1024; offset += 64) require(window.at(offset, 64));
  CHECK(disk.operations(DiskOperation::read) == 1);
}

TEST_CASE("an error while reading is told, and what was read before is not shown for it") {
  SimulatedDisk disk;
  make_file(disk, "a", "abcdef");
  const auto file = require(disk.open("a"));
  FileWindow window(*file);
  require(window.at(0, 3));
  disk.fail(DiskOperation::read, 1, DiskFault::io_error);
  CHECK_FALSE(window.at(4, 10).ok());
  CHECK(require(window.at(0, 3)) == "abc");
}

}  // namespace
}  // namespace respublica::test

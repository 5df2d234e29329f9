// What the simulated disk does when it is told to fail, or is full.

#include <set>
#include <string>

#include "tests/storage/file_access.h"
#include "tests/support/catch.h"
#include "tests/support/simulated_disk.h"

namespace respublica::test {
namespace {

constexpr std::size_t kSector = SimulatedFile::kSector;
constexpr std::uint64_t kSeeds = 100;

TEST_CASE("the nth operation of a kind fails, once") {
  SimulatedDisk disk;
  make_file(disk, "a", "abc");
  const auto file = require(disk.open("a"));
  disk.fail(DiskOperation::truncate, 2, DiskFault::io_error);
  require(file->truncate(2));
  require(file->write_at(0, "x"));
  const Error error = file->truncate(1).error();
  CHECK(error.message == "cannot resize a: simulated input/output error");
  CHECK(error.kind == ErrorKind::other);
  CHECK(read_all(*file) == "xb");
  CHECK(file->truncate(1).ok());
}

TEST_CASE("every operation can fail, and then changes nothing") {
  SimulatedDisk disk;
  make_file(disk, "a", "abc");
  const auto file = require(disk.open("a"));
  for (const auto fault : {DiskFault::io_error, DiskFault::no_space}) {
    const ErrorKind kind = fault == DiskFault::no_space ? ErrorKind::no_space : ErrorKind::other;
    disk.fail(DiskOperation::create, 1, fault);
    CHECK(disk.create("b").error().kind == kind);
    disk.fail(DiskOperation::preallocate, 1, fault);
    CHECK(file->preallocate(10).error().kind == kind);
    disk.fail(DiskOperation::truncate, 1, fault);
    CHECK(file->truncate(1).error().kind == kind);
    disk.fail(DiskOperation::rename, 1, fault);
    CHECK(disk.rename("a", "b").error().kind == kind);
    disk.fail(DiskOperation::remove, 1, fault);
    CHECK(disk.remove("a").error().kind == kind);
    disk.fail(DiskOperation::sync_directory, 1, fault);
    CHECK(disk.sync_directory().error().kind == kind);
    disk.fail(DiskOperation::read, 1, fault);
    char byte = 0;
    CHECK(file->read_at(0, {&byte, 1}).error().kind == kind);
  }
  CHECK(require(disk.list()) == std::vector<std::string>{"a"});
  CHECK(read_all(*file) == "abc");
}

TEST_CASE("a fault for any operation passes over reading") {
  SimulatedDisk disk;
  make_file(disk, "a", "abc");
  const auto file = require(disk.open("a"));
  disk.fail_any(2, DiskFault::io_error);
  CHECK(read_all(*file) == "abc");
  CHECK(file->sync().ok());
  CHECK(read_all(*file) == "abc");
  CHECK_FALSE(disk.sync_directory().ok());
  CHECK(disk.sync_directory().ok());
}

TEST_CASE("a write that fails leaves some of its bytes") {
  std::set<std::size_t> sizes;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    SimulatedDisk disk(seed);
    const auto file = require(disk.create("a"));
    disk.fail(DiskOperation::write, 1, DiskFault::no_space);
    const Error error = file->write_at(0, "abc").error();
    CHECK(error.kind == ErrorKind::no_space);
    CHECK(error.message == "cannot write a: no space left on the simulated disk");
    CHECK(read_all(*file) == std::string("abc").substr(0, require(file->size())));
    sizes.insert(require(file->size()));
  }
  CHECK(sizes == std::set<std::size_t>{0, 1, 2, 3});
}

TEST_CASE("after a sync that failed reads show what the next sync does not save") {
  std::set<std::string> left;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    SimulatedDisk disk(seed);
    const auto file = require(disk.create("a"));
    require(disk.sync_directory());
    require(file->write_at(0, std::string(2 * kSector, 'a')));
    require(file->sync());
    require(file->write_at(0, std::string(2 * kSector, 'b')));
    disk.fail(DiskOperation::sync, 1, DiskFault::io_error);
    CHECK_FALSE(file->sync().ok());
    CHECK(read_all(*file) == std::string(2 * kSector, 'b'));
    require(file->write_at(2 * kSector, "c"));
    require(file->sync());
    CHECK(read_all(*file) == std::string(2 * kSector, 'b') + "c");
    disk.crash(seed);
    const std::string bytes = read_all(disk, "a");
    left.insert({bytes[0], bytes[kSector], bytes[2 * kSector]});
  }
  CHECK(left == std::set<std::string>{"aac", "abc", "bac", "bbc"});
}

TEST_CASE("a full disk takes what fits, and preallocates all or nothing") {
  SimulatedDisk disk;
  disk.set_capacity(4 * kSector);
  const auto file = require(disk.create("a"));
  require(file->preallocate(2 * kSector));
  CHECK(disk.used() == 2 * kSector);
  CHECK(file->preallocate(4 * kSector + 1).error().kind == ErrorKind::no_space);
  CHECK(require(file->size()) == 2 * kSector);
  require(file->write_at(0, std::string(2 * kSector, 'a')));
  const Error error = file->write_at(kSector, std::string(4 * kSector, 'b')).error();
  CHECK(error.kind == ErrorKind::no_space);
  CHECK(read_all(*file) == std::string(kSector, 'a') + std::string(3 * kSector, 'b'));
  CHECK(disk.used() == 4 * kSector);
  CHECK(file->write_at(0, std::string(4 * kSector, 'c')).ok());
}

TEST_CASE("zeros past the end take no space") {
  SimulatedDisk disk;
  disk.set_capacity(2 * kSector);
  const auto file = require(disk.create("a"));
  require(file->truncate(100 * kSector));
  CHECK(disk.used() == 0);
  require(file->write_at(50 * kSector, "a"));
  CHECK(disk.used() == kSector);
  require(file->truncate(50 * kSector));
  CHECK(disk.used() == 0);
}

TEST_CASE("space is free again when a file is removed and closed, or replaced") {
  SimulatedDisk disk;
  disk.set_capacity(4 * kSector);
  auto file = require(disk.create("a"));
  require(file->preallocate(4 * kSector));
  make_file(disk, "b", "");
  CHECK(require(disk.open("b"))->write_at(0, "b").error().kind == ErrorKind::no_space);
  require(disk.remove("a"));
  CHECK(disk.used() == 4 * kSector);
  file.reset();
  CHECK(disk.used() == 0);
  make_file(disk, "a", "a");
  make_file(disk, "c", "c");
  require(disk.rename("a", "c"));
  CHECK(disk.used() == kSector);
}

}  // namespace
}  // namespace respublica::test

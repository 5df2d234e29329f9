// What storage/file_system.h promises, of every file system behind it.

#include "storage/file_system.h"

#include <atomic>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "storage/memory_file_system.h"
#include "storage/posix_file_system.h"
#include "tests/storage/file_access.h"
#include "tests/support/catch.h"
#include "tests/support/simulated_disk.h"
#include "tests/support/temporary_directory.h"

namespace respublica::test {
namespace {

using Names = std::vector<std::string>;
constexpr std::uint64_t kNoSize = std::numeric_limits<std::uint64_t>::max();

struct Posix {
  TemporaryDirectory directory;
  std::unique_ptr<PosixFileSystem> made = require(PosixFileSystem::at(directory.path()));
  FileSystem& files = *made;
};

struct Memory {
  MemoryFileSystem made{64 * 1024 * 1024};
  FileSystem& files = made;
};

struct Simulated {
  SimulatedDisk made;
  FileSystem& files = made;
};

TEMPLATE_TEST_CASE("a new file is empty", "", Posix, Memory, Simulated) {
  TestType system;
  const auto file = require(system.files.create("a"));
  CHECK(require(file->size()) == 0);
  CHECK(read(*file, 0, 10).empty());
}

TEMPLATE_TEST_CASE("what is written is read, in any part", "", Posix, Memory, Simulated) {
  TestType system;
  const auto file = require(system.files.create("a"));
  require(file->write_at(0, "hello world"));
  CHECK(read(*file, 0, 11) == "hello world");
  CHECK(read(*file, 6, 3) == "wor");
  CHECK(read(*file, 6, 100) == "world");
  CHECK(read(*file, 11, 1).empty());
  CHECK(read(*file, 12, 1).empty());
  CHECK(read(*file, kNoSize, 1).empty());
  CHECK(read(*file, 0, 0).empty());
}

TEMPLATE_TEST_CASE("what is written twice is what was written last", "", Posix, Memory, Simulated) {
  TestType system;
  const auto file = require(system.files.create("a"));
  require(file->write_at(0, "hello world"));
  require(file->write_at(3, "p!"));
  CHECK(read_all(*file) == "help! world");
  require(file->write_at(11, ""));
  require(file->write_at(100, ""));
  CHECK(require(file->size()) == 11);
}

TEMPLATE_TEST_CASE("a file grows as needed, with zeros in between", "", Posix, Memory, Simulated) {
  TestType system;
  const auto file = require(system.files.create("a"));
  require(file->write_at(200'000, "end"));
  CHECK(require(file->size()) == 200'003);
  CHECK(read_all(*file) == std::string(200'000, '\0') + "end");
}

TEMPLATE_TEST_CASE("writes of all lengths at all places keep their neighbours", "", Posix, Memory, Simulated) {
  TestType system;
  const auto file = require(system.files.create("a"));
  std::string expected(300'000, '\0');
  require(file->truncate(expected.size()));
  std::size_t at = 1;
  for (std::size_t i = 1; i < 200; ++i) {
    const std::string bytes(i * 997 % 70'000, static_cast<char>('a' + i % 26));
    at = at * 31'337 % (expected.size() - bytes.size());
    require(file->write_at(at, bytes));
    expected.replace(at, bytes.size(), bytes);
    if (i % 20 == 0) require(file->sync());
  }
  CHECK(read_all(*file) == expected);
}

TEMPLATE_TEST_CASE("preallocating makes a file longer with zeros, and never shorter", "", Posix, Memory, Simulated) {
  TestType system;
  const auto file = require(system.files.create("a"));
  require(file->preallocate(0));
  CHECK(require(file->size()) == 0);
  require(file->write_at(0, "abc"));
  require(file->preallocate(100'000));
  CHECK(read_all(*file) == "abc" + std::string(99'997, '\0'));
  require(file->preallocate(10));
  CHECK(require(file->size()) == 100'000);
}

TEMPLATE_TEST_CASE("truncating cuts a file off, or makes it longer with zeros", "", Posix, Memory, Simulated) {
  TestType system;
  const auto file = require(system.files.create("a"));
  require(file->write_at(0, std::string(150'000, 'x')));
  require(file->truncate(70'001));
  CHECK(read_all(*file) == std::string(70'001, 'x'));
  require(file->truncate(3));
  require(file->truncate(100'000));
  CHECK(read_all(*file) == "xxx" + std::string(99'997, '\0'));
  require(file->truncate(0));
  CHECK(read_all(*file).empty());
}

TEMPLATE_TEST_CASE("no file is as large as numbers go: no space, and nothing changes", "", Posix, Memory, Simulated) {
  TestType system;
  const auto file = require(system.files.create("a"));
  require(file->write_at(0, "abc"));
  CHECK(file->write_at(kNoSize, "x").error().kind == ErrorKind::no_space);
  CHECK(file->write_at(kNoSize / 2, "xy").error().kind == ErrorKind::no_space);
  CHECK(file->preallocate(kNoSize).error().kind == ErrorKind::no_space);
  CHECK(file->preallocate(kNoSize / 2 + 1).error().kind == ErrorKind::no_space);
  CHECK(file->truncate(kNoSize).error().kind == ErrorKind::no_space);
  CHECK(read_all(*file) == "abc");
}

TEMPLATE_TEST_CASE("a file that is opened again has what was written", "", Posix, Memory, Simulated) {
  TestType system;
  {
    const auto file = require(system.files.create("a"));
    require(file->write_at(0, "abc"));
    require(file->sync());
  }
  require(system.files.sync_directory());
  const auto again = require(system.files.open("a"));
  require(again->write_at(3, "def"));
  CHECK(read_all(system.files, "a") == "abcdef");
}

TEMPLATE_TEST_CASE("a file that is there cannot be created", "", Posix, Memory, Simulated) {
  TestType system;
  make_file(system.files, "a", "abc");
  const auto result = system.files.create("a");
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().message.find("cannot create ") == 0);
  CHECK(read_all(system.files, "a") == "abc");
}

TEMPLATE_TEST_CASE("a file that is not there is not found, and named", "", Posix, Memory, Simulated) {
  TestType system;
  const Error error = system.files.open("absent").error();
  CHECK(error.kind == ErrorKind::not_found);
  CHECK(error.message.find("cannot open ") == 0);
  CHECK(error.message.find("absent") != std::string::npos);
  CHECK(system.files.rename("absent", "b").error().kind == ErrorKind::not_found);
  CHECK(system.files.remove("absent").error().kind == ErrorKind::not_found);
  CHECK(require(system.files.list()).empty());
}

TEMPLATE_TEST_CASE("the list has the names of all files, sorted", "", Posix, Memory, Simulated) {
  TestType system;
  for (const char* name : {"b", "10", "a.tmp", "9"}) make_file(system.files, name, "x");
  CHECK(require(system.files.list()) == Names{"10", "9", "a.tmp", "b"});
  require(system.files.remove("9"));
  require(system.files.rename("b", "0"));
  CHECK(require(system.files.list()) == Names{"0", "10", "a.tmp"});
}

TEMPLATE_TEST_CASE("a file that is renamed takes the place of another one", "", Posix, Memory, Simulated) {
  TestType system;
  make_file(system.files, "old", "old");
  make_file(system.files, "new", "new");
  const auto replaced = require(system.files.open("old"));
  const auto file = require(system.files.open("new"));
  require(system.files.rename("new", "old"));
  CHECK(require(system.files.list()) == Names{"old"});
  require(file->write_at(3, "er"));
  CHECK(read_all(system.files, "old") == "newer");
  CHECK(read_all(*replaced) == "old");
}

TEMPLATE_TEST_CASE("a file that is renamed to its own name stays", "", Posix, Memory, Simulated) {
  TestType system;
  make_file(system.files, "a", "abc");
  require(system.files.rename("a", "a"));
  CHECK(read_all(system.files, "a") == "abc");
}

TEMPLATE_TEST_CASE("a file that is removed while it is open can be read and written", "", Posix, Memory, Simulated) {
  TestType system;
  make_file(system.files, "a", "abc");
  const auto file = require(system.files.open("a"));
  require(system.files.remove("a"));
  require(file->write_at(3, "def"));
  require(file->sync());
  CHECK(read_all(*file) == "abcdef");
  make_file(system.files, "a", "another");
  CHECK(read_all(*file) == "abcdef");
}

TEMPLATE_TEST_CASE("the lock is taken once, and is no file", "", Posix, Memory, Simulated) {
  TestType system;
  require(system.files.lock());
  require(system.files.lock());
  CHECK(require(system.files.list()).empty());
}

TEMPLATE_TEST_CASE("several threads make, rename and remove files of their own", "", Posix, Memory, Simulated) {
  TestType system;
  make_file(system.files, "z", "stays");
  const auto work = [&](const std::string& name) {
    for (int i = 0; i < 100; ++i) {
      make_file(system.files, name + ".new", name);
      require(system.files.rename(name + ".new", name));
      if (read_all(system.files, name) != name) throw std::runtime_error("not its own file");
      if (require(system.files.list()).back() != "z") throw std::runtime_error("the list is not whole");
      require(system.files.remove(name));
    }
  };
  std::thread one(work, "a");
  std::thread other(work, "b");
  work("c");
  one.join();
  other.join();
  CHECK(require(system.files.list()) == Names{"z"});
}

TEMPLATE_TEST_CASE("readers on other threads see what was written before", "", Posix, Memory, Simulated) {
  constexpr std::size_t kBlock = 1000;
  constexpr std::size_t kBlocks = 500;
  TestType system;
  const auto file = require(system.files.create("a"));
  require(file->preallocate(kBlock * kBlocks));
  const auto block = [](std::size_t i) { return std::string(kBlock, static_cast<char>('a' + i % 26)); };
  std::atomic<std::size_t> written = 0;
  std::atomic<int> wrong = 0;
  const auto check_last = [&] {
    for (std::size_t last = 0; last < kBlocks;) {
      last = written.load(std::memory_order_acquire);
      if (last == 0) continue;
      if (read(*file, (last - 1) * kBlock, kBlock) != block(last - 1)) ++wrong;
      if (require(file->size()) < last * kBlock) ++wrong;
    }
  };
  std::thread one(check_last);
  std::thread other(check_last);
  for (std::size_t i = 0; i < kBlocks; ++i) {
    require(file->write_at(i * kBlock, block(i)));
    written.store(i + 1, std::memory_order_release);
  }
  one.join();
  other.join();
  CHECK(wrong == 0);
}

}  // namespace
}  // namespace respublica::test

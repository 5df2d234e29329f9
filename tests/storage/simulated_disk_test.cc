#include "tests/support/simulated_disk.h"

#include <set>
#include <string>
#include <vector>

#include "tests/storage/file_access.h"
#include "tests/support/catch.h"

namespace respublica::test {
namespace {

using Names = std::vector<std::string>;
constexpr std::size_t kSector = SimulatedFile::kSector;
constexpr std::uint64_t kSeeds = 200;

std::string sectors(const std::string& letters) {
  std::string bytes;
  for (const char letter : letters) bytes += std::string(kSector, letter);
  return bytes;
}

/// Makes a file that is there after a crash.
std::unique_ptr<LogFile> make_durable(SimulatedDisk& disk, const std::string& name, const std::string& bytes) {
  auto file = require(disk.create(name));
  require(file->write_at(0, bytes));
  require(file->sync());
  require(disk.sync_directory());
  return file;
}

/// What the file "a" can hold after a crash, one character a sector: '0' for zeros, '?' for a mixture.
template <typename Work>
std::set<std::string> survivors(SectorWrites writes, Work work) {
  std::set<std::string> all;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    SimulatedDisk disk(seed);
    work(disk);
    disk.crash(seed, writes);
    const std::string bytes = read_all(disk, "a");
    std::string letters;
    for (std::size_t i = 0; i < bytes.size(); i += kSector) {
      const std::string sector = bytes.substr(i, kSector);
      const bool is_mixed = sector.find_first_not_of(sector.front()) != std::string::npos;
      letters += is_mixed ? '?' : sector.front() == '\0' ? '0' : sector.front();
    }
    all.insert(letters);
  }
  return all;
}

TEST_CASE("what was synced survives") {
  const auto left = survivors(SectorWrites::torn, [](SimulatedDisk& disk) {
    const auto file = make_durable(disk, "a", sectors("abc"));
    require(file->write_at(kSector, sectors("d")));
    require(file->truncate(2 * kSector));
    require(file->preallocate(4 * kSector));
    require(file->sync());
  });
  CHECK(left == std::set<std::string>{"ad00"});
}

TEST_CASE("of a write that was not synced any sectors survive") {
  const auto left = survivors(SectorWrites::whole, [](SimulatedDisk& disk) {
    const auto file = make_durable(disk, "a", sectors("aaa"));
    require(file->write_at(0, sectors("bbb")));
  });
  CHECK(left == std::set<std::string>{"aaa", "aab", "aba", "abb", "baa", "bab", "bba", "bbb"});
}

TEST_CASE("a sector may have what any write since the last sync gave it") {
  const auto left = survivors(SectorWrites::whole, [](SimulatedDisk& disk) {
    const auto file = make_durable(disk, "a", sectors("a"));
    require(file->write_at(0, sectors("b")));
    require(file->write_at(0, sectors("c")));
  });
  CHECK(left == std::set<std::string>{"a", "b", "c"});
}

TEST_CASE("a sector tears when that is asked for, and keeps the first of the new bytes") {
  SimulatedDisk disk;
  std::set<std::string> left;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const auto file = seed == 0 ? make_durable(disk, "a", "") : require(disk.open("a"));
    require(file->write_at(0, sectors("a")));
    require(file->sync());
    require(file->write_at(0, sectors("b")));
    disk.crash(seed, SectorWrites::torn);
    left.insert(read_all(disk, "a"));
  }
  CHECK(left.size() > 10);
  for (const std::string& bytes : left) CHECK(bytes.find_first_not_of('b') == bytes.find('a'));
}

TEST_CASE("a file that grew is as long as before or as after, with zeros for what is lost") {
  const auto left = survivors(SectorWrites::whole, [](SimulatedDisk& disk) {
    const auto file = make_durable(disk, "a", sectors("a"));
    require(file->write_at(kSector, sectors("b")));
  });
  CHECK(left == std::set<std::string>{"a", "a0", "ab"});
  const auto preallocated = survivors(SectorWrites::whole, [](SimulatedDisk& disk) {
    const auto file = make_durable(disk, "a", sectors("a"));
    require(file->preallocate(2 * kSector));
  });
  CHECK(preallocated == std::set<std::string>{"a", "a0"});
}

TEST_CASE("what was cut off is there as before, or gone for good") {
  const auto left = survivors(SectorWrites::torn, [](SimulatedDisk& disk) {
    const auto file = make_durable(disk, "a", sectors("aaa"));
    require(file->truncate(kSector));
    require(file->truncate(3 * kSector));
  });
  CHECK(left == std::set<std::string>{"aaa", "a", "a00"});
  const auto rewritten = survivors(SectorWrites::whole, [](SimulatedDisk& disk) {
    const auto file = make_durable(disk, "a", sectors("aa"));
    require(file->truncate(kSector));
    require(file->write_at(kSector, sectors("b")));
  });
  CHECK(rewritten == std::set<std::string>{"aa", "a", "a0", "ab"});
}

TEST_CASE("a cut inside a sector leaves no byte behind it") {
  std::set<std::string> left;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    SimulatedDisk disk;
    const auto file = make_durable(disk, "a", "abcdef");
    require(file->truncate(2));
    require(file->truncate(4));
    disk.crash(seed, SectorWrites::torn);
    left.insert(read_all(disk, "a"));
  }
  CHECK(left == std::set<std::string>{"abcdef", "ab", std::string("ab\0\0", 4)});
}

TEST_CASE("a file that was created may be gone until the directory is synced") {
  std::set<Names> left;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    SimulatedDisk disk;
    make_durable(disk, "durable", "");
    require(require(disk.create("a"))->sync());
    require(require(disk.create("b"))->sync());
    disk.crash(seed);
    left.insert(require(disk.list()));
  }
  CHECK(left == std::set<Names>{{"durable"}, {"a", "durable"}, {"b", "durable"}, {"a", "b", "durable"}});
}

TEST_CASE("a file that was removed may be back until the directory is synced") {
  std::set<std::size_t> left;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    SimulatedDisk disk;
    make_durable(disk, "a", "abc");
    require(disk.remove("a"));
    CHECK(require(disk.list()).empty());
    disk.crash(seed);
    left.insert(require(disk.list()).size());
    if (require(disk.list()).size() == 1) CHECK(read_all(disk, "a") == "abc");
  }
  CHECK(left == std::set<std::size_t>{0, 1});
}

TEST_CASE("a rename has happened or has not, and the name never lacks a file") {
  std::set<std::string> left;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    SimulatedDisk disk;
    make_durable(disk, "current", "old");
    const auto file = require(disk.create("new"));
    require(file->write_at(0, "new"));
    require(file->sync());
    require(disk.rename("new", "current"));
    disk.crash(seed);
    std::string state = read_all(disk, "current");
    if (require(disk.list()).size() == 2) state += "+" + read_all(disk, "new");
    left.insert(state);
  }
  CHECK(left == std::set<std::string>{"old", "old+new", "new"});
}

TEST_CASE("the same seed leaves the same") {
  const auto crashed = [](std::uint64_t seed) {
    SimulatedDisk disk;
    const auto file = make_durable(disk, "a", sectors("aaaaaaaa"));
    require(file->write_at(0, sectors("bbbbbbbb")));
    require(disk.create("b"));
    disk.crash(seed, SectorWrites::torn);
    return read_all(disk, "a") + std::to_string(require(disk.list()).size());
  };
  std::set<std::string> all;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    CHECK(crashed(seed) == crashed(seed));
    all.insert(crashed(seed));
  }
  CHECK(all.size() > 5);
}

TEST_CASE("chance is the same on every machine") {
  SeededRandom random(5489);  // The standard says what the 10000th number of this engine is.
  for (int i = 1; i < 10'000; ++i) random.below(2);
  CHECK(random.below(std::uint64_t{0} - 1) == 9981545732273789042U);
}

TEST_CASE("files that were open when the power failed are dead") {
  SimulatedDisk disk;
  const auto file = make_durable(disk, "a", "abc");
  disk.crash(1);
  char byte = 0;
  CHECK_FALSE(file->read_at(0, {&byte, 1}).ok());
  CHECK_FALSE(file->write_at(0, "x").ok());
  CHECK_FALSE(file->sync().ok());
  CHECK_FALSE(file->size().ok());
  CHECK(file->truncate(0).error().message == "cannot resize a: the simulated disk has lost power");
  CHECK(read_all(disk, "a") == "abc");
}

TEST_CASE("the power fails at the nth operation, and all fails until it is back") {
  SimulatedDisk disk;
  const auto file = make_durable(disk, "a", "abc");
  CHECK(disk.operations() == 4);
  CHECK(disk.operations(DiskOperation::write) == 1);
  disk.crash_at(2);
  require(file->write_at(3, "d"));
  CHECK_FALSE(disk.has_lost_power());
  CHECK_FALSE(file->sync().ok());
  CHECK(disk.has_lost_power());
  CHECK_FALSE(file->write_at(0, "x").ok());
  CHECK_FALSE(file->size().ok());
  CHECK_FALSE(disk.open("a").ok());
  CHECK_FALSE(disk.create("b").ok());
  CHECK_FALSE(disk.list().ok());
  CHECK_FALSE(disk.rename("a", "b").ok());
  CHECK_FALSE(disk.remove("a").ok());
  CHECK_FALSE(disk.sync_directory().ok());
  CHECK_FALSE(disk.lock().ok());
  CHECK(disk.operations() == 6);
  disk.crash(1);
  CHECK_FALSE(disk.has_lost_power());
  CHECK(read_all(disk, "a").substr(0, 3) == "abc");
  CHECK(disk.create("b").ok());
}

TEST_CASE("the operation in which the power fails may have happened") {
  std::set<std::string> left;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    SimulatedDisk disk;
    make_durable(disk, "a", "old");
    make_durable(disk, "b", "new");
    disk.crash_at(1);
    CHECK_FALSE(disk.rename("b", "a").ok());
    disk.crash(seed);
    left.insert(read_all(disk, "a"));
  }
  CHECK(left == std::set<std::string>{"old", "new"});
}

TEST_CASE("a new file takes the place of an old one, whichever operation the power fails in") {
  for (std::uint64_t n = 1;; ++n) {
    REQUIRE(n < 10);
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      SimulatedDisk disk;
      make_durable(disk, "a", "old");
      disk.crash_at(n);
      const auto replace = [&]() -> Result<void> {
        const auto file = disk.create("new");
        if (!file) return file.error();
        if (auto result = file.value()->write_at(0, sectors("nnn")); !result) return result;
        if (auto result = file.value()->sync(); !result) return result;
        if (auto result = disk.rename("new", "a"); !result) return result;
        return disk.sync_directory();
      };
      const bool is_done = replace().ok();
      if (!disk.has_lost_power()) return;
      CHECK_FALSE(is_done);
      disk.crash(seed, SectorWrites::torn);
      const std::string bytes = read_all(disk, "a");
      CHECK((bytes == "old" || bytes == sectors("nnn")));
    }
  }
}

TEST_CASE("a bit is turned round on the disk") {
  SimulatedDisk disk;
  const auto file = make_durable(disk, "a", "abc");
  CHECK(disk.flip_bit("a", 8 + 1));
  CHECK(read_all(*file) == "a`c");
  disk.crash(1);
  CHECK(read_all(disk, "a") == "a`c");
  CHECK_FALSE(disk.flip_bit("a", 24));
  CHECK_FALSE(disk.flip_bit("absent", 0));
}

}  // namespace
}  // namespace respublica::test

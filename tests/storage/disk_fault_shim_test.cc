// The shim that makes a disk fail (tests/support/disk_fault_shim.c): the hidden tests here run in a second process,
// which has it loaded.

#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "storage/posix_file_system.h"
#include "tests/storage/file_access.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace respublica::test {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) throw std::runtime_error(std::string(name) + " is not set: the shim is not loaded");
  return value;
}

/// Where ctest says that the shim is, or beside this program.
std::string shim() {
  if (const char* path = std::getenv("RESPUBLICA_DISK_SHIM")) return path;
  return std::filesystem::read_symlink("/proc/self/exe").replace_filename("disk_fault_shim.so").string();
}

TEST_CASE("with the disk shim loaded its orders are followed") {
  const TemporaryDirectory directory;
  std::filesystem::create_directory(directory.path_of("log"));
  std::vector<std::string> environment = {"LD_PRELOAD=" + shim(),
                                          "RESPUBLICA_DISK_SHIM_BELOW=" + directory.path_of("log"),
                                          "RESPUBLICA_DISK_SHIM_ORDERS=" + directory.path_of("orders")};
  for (char** each = environ; *each != nullptr; ++each) environment.emplace_back(*each);
  std::vector<char*> variables;
  for (std::string& each : environment) variables.push_back(each.data());
  variables.push_back(nullptr);
  std::string words[] = {"storage_tests", "[disk_shim]"};
  char* arguments[] = {words[0].data(), words[1].data(), nullptr};
  pid_t child = -1;
  REQUIRE(::posix_spawn(&child, "/proc/self/exe", nullptr, nullptr, arguments, variables.data()) == 0);
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(std::filesystem::exists(directory.path_of("orders.followed")));
}

/// A log below the shim's directory, gone with the object; so are the orders.
class FailingLog {
 public:
  FailingLog()
      : path_(variable("RESPUBLICA_DISK_SHIM_BELOW")),
        orders_(variable("RESPUBLICA_DISK_SHIM_ORDERS")),
        files_(require(PosixFileSystem::at(path_))),
        file_(require(files_->create("a"))) {}
  FailingLog(const FailingLog&) = delete;
  FailingLog& operator=(const FailingLog&) = delete;
  ~FailingLog() {
    // For the first process: the tests have been found and run.
    const std::ofstream followed(orders_ + ".followed");
    std::filesystem::remove(orders_);
    std::filesystem::remove(path_ + "/a");
  }

  void order(const std::string& orders) const {
    std::ofstream(orders_ + ".new") << orders;
    std::filesystem::rename(orders_ + ".new", orders_);
  }

  std::string path() const { return path_ + "/a"; }
  FileSystem& files() const { return *files_; }
  LogFile& file() const { return *file_; }

 private:
  const std::string path_;
  const std::string orders_;
  const std::unique_ptr<PosixFileSystem> files_;
  const std::unique_ptr<LogFile> file_;
};

TEST_CASE("without orders all goes well", "[.][disk_shim]") {
  const FailingLog log;
  require(log.file().write_at(0, "abc"));
  require(log.file().preallocate(10));
  require(log.file().truncate(2));
  require(log.file().sync());
  require(log.files().sync_directory());
  CHECK(read_all(log.file()) == "ab");
}

TEST_CASE("syncs fail as long as that is ordered", "[.][disk_shim]") {
  const FailingLog log;
  log.order("fail sync EIO\n");
  CHECK(log.file().sync().error().message == "cannot sync " + log.path() + ": Input/output error");
  CHECK_FALSE(log.file().sync().ok());
  CHECK_FALSE(log.files().sync_directory().ok());
  CHECK(log.file().write_at(0, "abc").ok());
  log.order("");
  CHECK(log.file().sync().ok());
}

TEST_CASE("writing and preallocating find the disk full", "[.][disk_shim]") {
  const FailingLog log;
  log.order("fail write ENOSPC\nfail allocate ENOSPC\nfail truncate EIO\n");
  CHECK(log.file().write_at(0, "abc").error().kind == ErrorKind::no_space);
  CHECK(log.file().preallocate(10).error().kind == ErrorKind::no_space);
  CHECK(log.file().truncate(10).error().message == "cannot resize " + log.path() + ": Input/output error");
  CHECK(require(log.file().size()) == 0);
}

TEST_CASE("a call fails so many times, after so many calls", "[.][disk_shim]") {
  const FailingLog log;
  log.order("fail sync EIO 2 1\n");
  CHECK(log.file().sync().ok());
  CHECK_FALSE(log.file().sync().ok());
  CHECK_FALSE(log.file().sync().ok());
  CHECK(log.file().sync().ok());
  log.order("fail sync EIO 1\n");
  CHECK_FALSE(log.file().sync().ok());
  CHECK(log.file().sync().ok());
}

TEST_CASE("short writes and signals leave nothing out", "[.][disk_shim]") {
  const FailingLog log;
  log.order("short_writes 7\nfail write EINTR 2 3\nfail sync EINTR 1\nfail allocate EINTR 1\n");
  std::string bytes;
  for (int i = 0; i < 30; ++i) bytes += std::to_string(i);
  require(log.file().preallocate(bytes.size()));
  require(log.file().write_at(0, bytes));
  require(log.file().sync());
  CHECK(read_all(log.file()) == bytes);
}

TEST_CASE("a write that finds the disk full half way leaves its first bytes", "[.][disk_shim]") {
  const FailingLog log;
  log.order("short_writes 3\nfail write ENOSPC 0 1\n");
  CHECK(log.file().write_at(0, "abcdef").error().kind == ErrorKind::no_space);
  CHECK(read_all(log.file()) == "abc");
}

TEST_CASE("where no space can be set aside zeros are written", "[.][disk_shim]") {
  const FailingLog log;
  require(log.file().write_at(0, "abc"));
  log.order("fail allocate EOPNOTSUPP\n");
  require(log.file().preallocate(200'000));
  CHECK(read_all(log.file()) == "abc" + std::string(199'997, '\0'));
  struct stat status {};
  REQUIRE(::stat(log.path().c_str(), &status) == 0);
  CHECK(status.st_blocks * 512 >= 200'000);
  log.order("fail allocate EOPNOTSUPP\nfail write ENOSPC 0 1\n");
  CHECK(log.file().preallocate(400'000).error().kind == ErrorKind::no_space);
  CHECK(require(log.file().size()) == 200'000);
}

TEST_CASE("syncs take as long as that is ordered", "[.][disk_shim]") {
  using Clock = std::chrono::steady_clock;
  const FailingLog log;
  log.order("delay_sync 30\n");
  const auto begin = Clock::now();
  require(log.file().sync());
  CHECK(Clock::now() - begin >= std::chrono::milliseconds(30));
}

TEST_CASE("files elsewhere are not meant", "[.][disk_shim]") {
  const FailingLog log;
  log.order("fail write EIO\nfail sync EIO\n");
  const TemporaryDirectory directory;
  const auto files = require(PosixFileSystem::at(directory.path()));
  make_file(*files, "a", "abc");
  CHECK(require(files->open("a"))->sync().ok());
  CHECK(files->sync_directory().ok());
}

}  // namespace
}  // namespace respublica::test

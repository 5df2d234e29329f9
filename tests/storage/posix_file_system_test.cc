#include "storage/posix_file_system.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/storage/file_access.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace respublica::test {
namespace {

/// Limits the size of files for a scope, and has it answered with an error.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t size) : signal_(::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{size, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, signal_);
  }

 private:
  rlimit before_{};
  sighandler_t signal_;
};

struct stat status_of(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) throw std::runtime_error("no " + path);
  return status;
}

TEST_CASE("a directory that is absent is made, for its owner and group") {
  const TemporaryDirectory directory;
  const std::string path = directory.path_of("log");
  const mode_t before = ::umask(0);
  const auto files = PosixFileSystem::at(path);
  ::umask(before);
  REQUIRE(files.ok());
  CHECK((status_of(path).st_mode & 07777) == 0750);
  CHECK(PosixFileSystem::at(path).ok());
}

TEST_CASE("a directory whose parent is absent is not found") {
  const TemporaryDirectory directory;
  const Error error = PosixFileSystem::at(directory.path_of("absent/log")).error();
  CHECK(error.kind == ErrorKind::not_found);
  CHECK(error.message == "cannot make directory " + directory.path_of("absent/log") + ": No such file or directory");
}

TEST_CASE("a file in place of the directory is an error") {
  const TemporaryDirectory directory;
  std::ofstream(directory.path_of("log")) << "text";
  CHECK(PosixFileSystem::at(directory.path_of("log")).error().message ==
        "cannot open directory " + directory.path_of("log") + ": Not a directory");
}

TEST_CASE("an error names the file, what was tried and why it failed") {
  const TemporaryDirectory directory;
  const auto files = require(PosixFileSystem::at(directory.path()));
  CHECK(files->open("absent").error().message ==
        "cannot open " + directory.path_of("absent") + ": No such file or directory");
  make_file(*files, "a", "");
  CHECK(files->create("a").error().message == "cannot create " + directory.path_of("a") + ": File exists");
  CHECK(files->rename("absent", "b").error().message ==
        "cannot rename to b the file " + directory.path_of("absent") + ": No such file or directory");
}

TEST_CASE("directories and the lock are not listed") {
  const TemporaryDirectory directory;
  const auto files = require(PosixFileSystem::at(directory.path()));
  std::filesystem::create_directory(directory.path_of("lost+found"));
  std::filesystem::create_symlink("nowhere", directory.path_of("dangling"));
  require(files->lock());
  make_file(*files, "a", "");
  CHECK(require(files->list()) == std::vector<std::string>{"a"});
}

TEST_CASE("who wants a directory that is locked hears which process uses it") {
  const TemporaryDirectory directory;
  auto first = require(PosixFileSystem::at(directory.path()));
  const auto second = require(PosixFileSystem::at(directory.path()));
  require(first->lock());
  CHECK(second->lock().error().message ==
        "the log in " + directory.path().string() + " is in use by process " + std::to_string(::getpid()));
  first.reset();
  CHECK(second->lock().ok());
}

TEST_CASE("a lock whose file tells no process is a lock") {
  const TemporaryDirectory directory;
  const auto first = require(PosixFileSystem::at(directory.path()));
  const auto second = require(PosixFileSystem::at(directory.path()));
  require(first->lock());
  for (const char* text : {"", "12", "\n", "-1\n", "12 13\n", "123456789012345678901234567890\n"}) {
    std::ofstream(directory.path_of("LOCK")) << text;
    CHECK(second->lock().error().message ==
          "the log in " + directory.path().string() + " is in use by another process");
  }
}

TEST_CASE("a lock that a process left behind is taken, whatever its file says") {
  const TemporaryDirectory directory;
  std::ofstream(directory.path_of("LOCK")) << "1234567890\nand more";
  const auto files = require(PosixFileSystem::at(directory.path()));
  require(files->lock());
  std::ifstream text(directory.path_of("LOCK"));
  CHECK(std::string(std::istreambuf_iterator<char>(text), {}) == std::to_string(::getpid()) + "\n");
}

TEST_CASE("preallocated space is set aside") {
  const TemporaryDirectory directory;
  const auto files = require(PosixFileSystem::at(directory.path()));
  const auto file = require(files->create("a"));
  require(file->preallocate(1'000'000));
  CHECK(status_of(directory.path_of("a")).st_blocks * 512 >= 1'000'000);
}

TEST_CASE("a file may grow up to a limit, and stays as long when it must not") {
  const TemporaryDirectory directory;
  const auto files = require(PosixFileSystem::at(directory.path()));
  const auto file = require(files->create("a"));
  require(file->write_at(0, "abc"));
  const FileSizeLimit limit(8192);
  CHECK(file->preallocate(100'000).error().kind == ErrorKind::no_space);
  CHECK(require(file->size()) == 3);
  const Error error = file->write_at(0, std::string(10'000, 'x')).error();
  CHECK(error.kind == ErrorKind::no_space);
  CHECK(error.message == "cannot write " + directory.path_of("a") + ": File too large");
  CHECK(file->truncate(100'000).error().kind == ErrorKind::no_space);
}

TEST_CASE("files are for their owner and group, and are closed when another program is run") {
  const TemporaryDirectory directory;
  const auto files = require(PosixFileSystem::at(directory.path()));
  require(files->lock());
  const auto file = require(files->create("a"));
  CHECK((status_of(directory.path_of("a")).st_mode & 07027) == 0);
  const std::string seen = directory.path_of("seen");
  REQUIRE(std::system(("ls -l /proc/self/fd > " + seen).c_str()) == 0);
  std::ifstream text(seen);
  const std::string all(std::istreambuf_iterator<char>(text), {});
  CHECK(all.find(seen) != std::string::npos);
  CHECK(all.find(directory.path().string() + "/a") == std::string::npos);
  CHECK(all.find(directory.path().string() + "/LOCK") == std::string::npos);
  CHECK(all.find(directory.path().string() + "\n") == std::string::npos);
}

TEST_CASE("what is opened to read only is never changed") {
  const TemporaryDirectory directory;
  std::ofstream(directory.path_of("file")) << "bytes";
  const auto files = require(PosixFileSystem::read_only(directory.path()));
  CHECK(require(files->list()) == std::vector<std::string>{"file"});
  const auto file = require(files->open("file"));
  CHECK(read_all(*file) == "bytes");
  CHECK_FALSE(file->write_at(0, "x"));
  CHECK_FALSE(file->truncate(0));
  CHECK_FALSE(file->preallocate(4096));
  CHECK_FALSE(files->create("other"));
  CHECK_FALSE(files->rename("file", "other"));
  CHECK_FALSE(files->remove("file"));
  CHECK(files->lock());
  CHECK(require(files->list()) == std::vector<std::string>{"file"});
  CHECK_FALSE(std::filesystem::exists(directory.path_of("LOCK")));
  CHECK(read_all(*file) == "bytes");
  CHECK(PosixFileSystem::read_only(directory.path_of("absent")).error().kind == ErrorKind::not_found);
}

TEST_CASE("a reader and a broker keep each other out by the same lock, and the reader leaves it as it is") {
  const TemporaryDirectory directory;
  auto broker = require(PosixFileSystem::at(directory.path()));
  require(broker->lock());
  const auto reader = require(PosixFileSystem::read_only(directory.path()));
  CHECK_FALSE(reader->lock());
  broker = nullptr;
  CHECK(reader->lock());
  CHECK(read_all(*require(reader->open("LOCK"))) == std::to_string(::getpid()) + "\n");
  broker = require(PosixFileSystem::at(directory.path()));
  CHECK_FALSE(broker->lock());
}

}  // namespace
}  // namespace respublica::test

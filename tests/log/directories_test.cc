#include "tools/log/directories.h"

#include <filesystem>
#include <fstream>

#include "storage/segment_format.h"
#include "tests/storage/file_access.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace respublica::test {

using logtool::make_log_directory;
using logtool::open_log_directory;

TEST_CASE("a directory without segments is no log") {
  const TemporaryDirectory directory;
  CHECK_FALSE(open_log_directory(directory.path_of("absent")));
  std::ofstream(directory.path_of("file")) << "x";
  CHECK(open_log_directory(directory.path()).error().message ==
        directory.path().string() + " has no segment of a log: the directory of the log is `appenddirname` in `dir`");
  std::ofstream(directory.path_of(segment_name({}))) << "x";
  CHECK(open_log_directory(directory.path()));
}

TEST_CASE("a new log is made in a directory that is not there, or empty") {
  const TemporaryDirectory directory;
  const std::string log = directory.path_of("log");
  CHECK(make_log_directory(directory.path_of("new"), log));
  CHECK(std::filesystem::is_directory(directory.path_of("new")));
  CHECK(make_log_directory(directory.path_of("new"), log));
  std::ofstream(directory.path_of("new/file")) << "x";
  CHECK_FALSE(make_log_directory(directory.path_of("new"), log));
  CHECK_FALSE(make_log_directory(directory.path_of("new/file"), log));
}

TEST_CASE("a new log is never made within the old one, by whatever name") {
  const TemporaryDirectory directory;
  const std::string log = directory.path_of("log");
  std::filesystem::create_directory(log);
  CHECK_FALSE(make_log_directory(log, log));
  CHECK_FALSE(make_log_directory(log + "/new", log));
  CHECK_FALSE(make_log_directory(directory.path_of("other/../log/new"), log + "/"));
  std::filesystem::create_directory_symlink(log, directory.path_of("link"));
  CHECK_FALSE(make_log_directory(directory.path_of("link/new"), log));
  CHECK(make_log_directory(directory.path_of("log2"), log));
}

}  // namespace respublica::test

#include "tools/log/directories.h"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "storage/segment_format.h"

namespace respublica::logtool {
namespace {

bool lies_in(const std::filesystem::path& inner, const std::filesystem::path& outer) {
  const auto mismatch = std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end());
  return mismatch.first == outer.end();
}

}  // namespace

Result<std::unique_ptr<PosixFileSystem>> open_log_directory(const std::string& directory) {
  auto files = PosixFileSystem::read_only(directory);
  if (!files) return files.error();
  const auto names = files.value()->list();
  if (!names) return names.error();
  const auto is_segment = [](std::string_view name) {
    return parse_segment_name(name) || parse_compact_segment_name(name);
  };
  if (std::ranges::none_of(names.value(), is_segment)) {
    return Error{directory + " has no segment of a log: the directory of the log is `appenddirname` in `dir`"};
  }
  return files;
}

Result<std::unique_ptr<PosixFileSystem>> make_log_directory(const std::string& directory,
                                                            const std::string& log_directory) {
  namespace fs = std::filesystem;
  std::error_code problem;
  const fs::path inner = fs::weakly_canonical(directory, problem);
  if (problem) return Error{"cannot look at " + directory + ": " + problem.message()};
  const fs::path outer = fs::weakly_canonical(log_directory, problem);
  if (problem) return Error{"cannot look at " + log_directory + ": " + problem.message()};
  if (lies_in(inner, outer)) return Error{directory + " lies in " + log_directory + ", which is not to be changed"};
  if (fs::exists(inner, problem) && (!fs::is_directory(inner, problem) || !fs::is_empty(inner, problem))) {
    return Error{directory + " is not an empty directory"};
  }
  return PosixFileSystem::at(inner.string());
}

}  // namespace respublica::logtool

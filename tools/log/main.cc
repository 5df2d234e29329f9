#include <fmt/format.h>

#include <csignal>
#include <iostream>
#include <memory>

#include "tools/log/directories.h"
#include "tools/log/options.h"
#include "tools/log/salvage.h"
#include "tools/log/verify.h"

namespace respublica::logtool {
namespace {

int end(const Error& error, ExitCode code) {
  fmt::print(stderr, "respublica-log: {}\n", error.message);
  return static_cast<int>(code);
}

Result<ExitCode> run(const Options& options, FileSystem& files, FileSystem* new_files, Console& console) {
  switch (options.command) {
    case Options::Command::dump:
      return dump(files, options.dump, console);
    case Options::Command::verify:
      return verify(files, console);
    case Options::Command::salvage:
      return salvage(files, *new_files, LogOptions{}, console);
    case Options::Command::stats:
      break;
  }
  return stats(files, options.stats, console);
}

int run(const Options& options) {
  const auto files = open_log_directory(options.directory);
  if (!files) return end(files.error(), ExitCode::wrong_use);
  std::unique_ptr<FileSystem> new_files;
  if (options.command == Options::Command::salvage) {
    if (const auto locked = files.value()->lock(); !locked) return end(locked.error(), ExitCode::wrong_use);
    auto made = make_log_directory(options.new_directory, options.directory);
    if (!made) return end(made.error(), ExitCode::wrong_use);
    new_files = std::move(made.value());
  }
  std::ios::sync_with_stdio(false);
  ProgressLine progress(options.progress);
  Console console(std::cout, std::cerr, progress);
  const auto code = run(options, *files.value(), new_files.get(), console);
  progress.clear();
  if (!code) return end(code.error(), ExitCode::failure);
  if (!console.is_written()) return end({"cannot write to standard output"}, ExitCode::failure);
  return static_cast<int>(code.value());
}

}  // namespace
}  // namespace respublica::logtool

int main(int argc, char** argv) {
  // A file system with a limit on the size of files: an error, not a signal.
  std::signal(SIGXFSZ, SIG_IGN);
  return respublica::logtool::run(respublica::logtool::parse_options(argc, argv));
}

#include "tools/terminal/progress_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace respublica {

ProgressLine::ProgressLine(Use use) : enabled_(use == Use::always), terminal_(isatty(STDERR_FILENO) == 1) {
  if (use == Use::if_terminal) {
    enabled_ = terminal_;
  }
}

ProgressLine::~ProgressLine() { clear(); }

void ProgressLine::set_task(std::string task) { task_ = std::move(task); }

void ProgressLine::show(const std::string& detail) {
  if (!enabled_) {
    return;
  }
  // \r and "erase to the end of the line" only where a terminal reads them.
  const std::string text = fmt::format("{}: {}", task_, detail);
  std::fputs(terminal_ ? fmt::format("\r\x1b[K{}", text).c_str() : (text + "\n").c_str(), stderr);
  std::fflush(stderr);
  shown_ = true;
}

void ProgressLine::clear() {
  if (shown_ && terminal_) {
    std::fputs("\r\x1b[K", stderr);
    std::fflush(stderr);
  }
  shown_ = false;
}

}  // namespace respublica

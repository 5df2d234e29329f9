#pragma once

#include <string>

namespace respublica {

/// The one line on stderr that says what a long run is doing. Thread: one.
class ProgressLine {
 public:
  enum class Use { if_terminal, always, never };

  explicit ProgressLine(Use use);
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  ~ProgressLine();

  /// What is being run ("fanout-100-64, run 2 of 5, respublica"): the start of the line from now on.
  void set_task(std::string task);
  /// Shows the task and `detail`. On a terminal the line is overwritten by the next one.
  void show(const std::string& detail);
  /// Removes the line, before something is printed.
  void clear();

 private:
  bool enabled_;
  bool terminal_;
  bool shown_ = false;
  std::string task_;
};

}  // namespace respublica

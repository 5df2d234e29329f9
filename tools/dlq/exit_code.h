#pragma once

namespace respublica::dlqtool {

/// What the process ends with; --help and docs/operations.md say the same.
enum class ExitCode : int {
  fine = 0,
  /// Not all was done: letters were skipped, or the task was cancelled or failed; `show`: there is no such letter.
  incomplete = 1,
  /// Nothing was done: the command line is wrong, or nobody has confirmed.
  wrong_use = 2,
  /// The broker cannot be reached, or has refused.
  failure = 3,
};

}  // namespace respublica::dlqtool

#pragma once

namespace respublica::logtool {

/// What the process ends with; --help and docs/operations.md say the same.
enum class ExitCode : int {
  fine = 0,
  /// Damage was found, or what was written is not complete.
  damage = 1,
  /// Nothing was done: the command line is wrong, or names what cannot be used.
  wrong_use = 2,
  /// A file could not be read or written.
  failure = 3,
};

}  // namespace respublica::logtool

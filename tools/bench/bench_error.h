#pragma once

#include <stdexcept>
#include <string>

namespace respublica::bench {

/// What ends the run: the server cannot be reached, it died, it lost or reordered a message. The message is the
/// sentence that the user reads; main() prints it and exits with 1.
class BenchError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace respublica::bench

#pragma once
// A broker that is ready, for integration tests.

#include <string>
#include <vector>

#include "tests/support/broker_process.h"

namespace respublica::test {

/// A broker on a free loopback port (`--port 0`), ready when the constructor returns. It gives up unsent output at its
/// end at once, unless the arguments say otherwise (`--shutdown-timeout`).
class RunningServer : public BrokerProcess {
 public:
  explicit RunningServer(std::vector<std::string> arguments = {}, const std::vector<std::string>& environment = {});

  int port() const { return port_; }

 private:
  int port_ = 0;
};

}  // namespace respublica::test

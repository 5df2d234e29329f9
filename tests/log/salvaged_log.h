#pragma once
// What salvage makes of a broker's log.

#include <memory>
#include <string>

#include "tests/log/sample_broker.h"
#include "tests/log/sample_log.h"
#include "tests/support/catch.h"
#include "tools/log/salvage.h"

namespace respublica::test {

struct Salvaged {
  logtool::ExitCode code = logtool::ExitCode::failure;
  std::string out;
  std::string error;
  Streams streams;
};

inline Salvaged salvage(ObservedDisk& disk) {
  CapturedConsole captured;
  const auto to = std::make_shared<ObservedDisk>();
  Salvaged salvaged;
  salvaged.code = require(logtool::salvage(disk.files(), to->files(), kSmallSegments, captured.console));
  salvaged.out = captured.out.str();
  salvaged.error = captured.error.str();
  CHECK(walk(to->files()).damages.empty());
  salvaged.streams = Broker(to).streams();
  return salvaged;
}

}  // namespace respublica::test

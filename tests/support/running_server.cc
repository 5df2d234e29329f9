#include "tests/support/running_server.h"

#include <cstdlib>

namespace respublica::test {
namespace {

std::vector<std::string> with_defaults(std::vector<std::string> arguments) {
  // A configuration file stands first.
  const bool has_file = !arguments.empty() && !arguments.front().starts_with("--");
  arguments.insert(arguments.begin() + (has_file ? 1 : 0), {"--port", "0", "--shutdown-timeout", "0"});
  return arguments;
}

}  // namespace

RunningServer::RunningServer(std::vector<std::string> arguments, const std::vector<std::string>& environment)
    : BrokerProcess(with_defaults(std::move(arguments)), environment) {
  const std::string ready = "Ready to accept connections";
  await_output(ready);
  // port=1234 in a line of text, "port":1234 in one of JSON.
  const std::size_t port = output().find("port", output().find(ready) + ready.size());
  port_ = std::stoi(output().substr(output().find_first_of("0123456789", port)));
}

}  // namespace respublica::test

#include "tools/bench/durable_rule.h"

#include <fmt/format.h>

#include "tools/bench/client_connection.h"

namespace respublica::bench {

bool make_durable(const Target& target, std::string_view options) {
  ClientConnection connection = ClientConnection::open(target.endpoint(), ProtocolVersion::resp2);
  connection.send_all(encode_command({"CONFIG", "SET", "durable", fmt::format("channel:* {}", options)}));
  return connection.read_reply() == "+OK\r\n";
}

}  // namespace respublica::bench

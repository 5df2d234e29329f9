#include "tests/support/message_stream.h"

#include <utility>

#include "tests/support/raw_client.h"

namespace respublica::test {

MessageStream::MessageStream(int port, std::string channel)
    : channel_(std::move(channel)), thread_([this, port] { publish(port); }) {}

MessageStream::~MessageStream() {
  over_.store(true);
  thread_.join();
}

void MessageStream::publish(int port) {
  RawClient client(port);
  constexpr int kPipeline = 8;
  for (long count = 0; !over_.load();) {
    std::string asking;
    for (int i = 0; i < kPipeline; ++i) asking += request({"PUBLISH", channel_, std::to_string(count++)});
    client.send(asking);
    for (int i = 0; i < kPipeline; ++i) client.read_reply();
  }
}

}  // namespace respublica::test

#pragma once
// Messages that do not end.

#include <atomic>
#include <string>
#include <thread>

namespace respublica::test {

/// Publishes numbered messages from a thread of its own, without a pause, until it goes.
class MessageStream {
 public:
  MessageStream(int port, std::string channel);
  MessageStream(const MessageStream&) = delete;
  MessageStream& operator=(const MessageStream&) = delete;
  ~MessageStream();

 private:
  void publish(int port);

  const std::string channel_;
  std::atomic<bool> over_{false};
  std::thread thread_;
};

}  // namespace respublica::test

#pragma once
// A broker that answers what the test says.

#include <deque>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tools/dlq/broker.h"
#include "tools/dlq/dialogue.h"

namespace respublica::test {

/// The reply that these bytes are.
inline dlqtool::Reply reply_of(const std::string& bytes) {
  redisReader* const reader = redisReaderCreate();
  void* reply = nullptr;
  REQUIRE(redisReaderFeed(reader, bytes.data(), bytes.size()) == REDIS_OK);
  REQUIRE(redisReaderGetReply(reader, &reply) == REDIS_OK);
  redisReaderFree(reader);
  REQUIRE(reply != nullptr);
  return dlqtool::Reply(
      std::shared_ptr<redisReply>(static_cast<redisReply*>(reply), [](redisReply* it) { freeReplyObject(it); }));
}

inline std::string bulk(const std::string& text) { return '$' + std::to_string(text.size()) + "\r\n" + text + "\r\n"; }

/// Answers the replies in their order, as RESP, and writes down what it was asked.
class ScriptedBroker final : public dlqtool::Broker {
 public:
  explicit ScriptedBroker(std::deque<std::string> replies) : replies_(std::move(replies)) {}

  Result<dlqtool::Reply> call(const std::vector<std::string>& words) override {
    std::string line;
    for (const std::string& word : words) line += (line.empty() ? "" : " ") + word;
    asked.push_back(line);
    return next();
  }
  Result<dlqtool::Reply> next() override {
    if (replies_.empty()) return Error{"the connection is lost"};
    const std::string bytes = replies_.front();
    replies_.pop_front();
    if (bytes.starts_with('-')) return Error{bytes.substr(1, bytes.size() - 3)};
    return reply_of(bytes);
  }

  std::vector<std::string> asked;

 private:
  std::deque<std::string> replies_;
};

struct CapturedConsole {
  explicit CapturedConsole(const std::string& answer = "",
                           dlqtool::Dialogue::Input input = dlqtool::Dialogue::Input::nobody)
      : in(answer), console(in, input, out, error, progress) {}

  std::istringstream in;
  std::ostringstream out;
  std::ostringstream error;
  ProgressLine progress{ProgressLine::Use::never};
  dlqtool::Dialogue console;
};

}  // namespace respublica::test

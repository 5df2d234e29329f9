#pragma once
// The broker, as the tool asks it.

#include <hiredis/hiredis.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace respublica::dlqtool {

/// Where the broker listens, and what it asks for.
struct Endpoint {
  std::string host = "127.0.0.1";
  int port = 6379;
  /// Empty: over TCP.
  std::string unix_socket;
  /// Both empty: no AUTH; without a user the default one.
  std::string user;
  std::string password;

  std::string name() const;
};

/// A reply, in RESP2. Reading what is not there gives nothing: replies come from the network.
class Reply {
 public:
  explicit Reply(std::shared_ptr<const redisReply> reply) : reply_(std::move(reply)) {}

  bool is_number() const { return reply_->type == REDIS_REPLY_INTEGER; }
  /// Of a string, a status or an error; empty otherwise.
  std::string_view text() const;
  /// Of an integer; 0 otherwise.
  long long number() const;
  /// Of an array; none otherwise.
  std::size_t size() const;
  Reply at(std::size_t index) const;
  /// The value of a map, which is a flat array; null when there is none.
  Reply field(std::string_view name) const;

 private:
  std::shared_ptr<const redisReply> reply_;
};

/// What the tool needs of a broker; tests have one of their own.
class Broker {
 public:
  virtual ~Broker() = default;
  /// Asks for one thing. An error is what the broker answered, or why it cannot be reached.
  virtual Result<Reply> call(const std::vector<std::string>& words) = 0;
  /// The next message of a subscription.
  virtual Result<Reply> next() = 0;
};

/// Connects, and authenticates if need be; an error is a sentence that names the broker.
Result<std::unique_ptr<Broker>> connect(const Endpoint& endpoint);

}  // namespace respublica::dlqtool

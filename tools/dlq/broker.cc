#include "tools/dlq/broker.h"

#include <fmt/format.h>
#include <sys/time.h>

#include <utility>

namespace respublica::dlqtool {
namespace {

constexpr timeval kPatience{5, 0};

struct FreeContext {
  void operator()(redisContext* context) const { redisFree(context); }
};

/// A connection over hiredis.
class HiredisBroker final : public Broker {
 public:
  HiredisBroker(std::unique_ptr<redisContext, FreeContext> context, std::string name)
      : context_(std::move(context)), name_(std::move(name)) {}

  Result<Reply> call(const std::vector<std::string>& words) override {
    std::vector<const char*> texts;
    std::vector<std::size_t> sizes;
    for (const std::string& word : words) {
      texts.push_back(word.data());
      sizes.push_back(word.size());
    }
    return taken(redisCommandArgv(context_.get(), static_cast<int>(words.size()), texts.data(), sizes.data()));
  }

  Result<Reply> next() override {
    void* reply = nullptr;
    redisGetReply(context_.get(), &reply);
    return taken(reply);
  }

 private:
  Result<Reply> taken(void* raw) {
    if (raw == nullptr) return Error{fmt::format("the connection to {} is lost: {}", name_, context_->errstr)};
    const std::shared_ptr<redisReply> reply(static_cast<redisReply*>(raw), [](redisReply* it) { freeReplyObject(it); });
    if (reply->type == REDIS_REPLY_ERROR) return Error{std::string(reply->str, reply->len)};
    return Reply(reply);
  }

  std::unique_ptr<redisContext, FreeContext> context_;
  const std::string name_;
};

}  // namespace

std::string Endpoint::name() const { return unix_socket.empty() ? fmt::format("{}:{}", host, port) : unix_socket; }

std::string_view Reply::text() const {
  const int type = reply_->type;
  const bool is_text = type == REDIS_REPLY_STRING || type == REDIS_REPLY_STATUS || type == REDIS_REPLY_ERROR;
  return is_text ? std::string_view(reply_->str, reply_->len) : std::string_view();
}

long long Reply::number() const { return reply_->type == REDIS_REPLY_INTEGER ? reply_->integer : 0; }

std::size_t Reply::size() const { return reply_->type == REDIS_REPLY_ARRAY ? reply_->elements : 0; }

Reply Reply::at(std::size_t index) const {
  static const redisReply kNothing = [] {
    redisReply reply{};
    reply.type = REDIS_REPLY_NIL;
    return reply;
  }();
  const redisReply* const found = index < size() ? reply_->element[index] : &kNothing;
  return Reply(std::shared_ptr<const redisReply>(reply_, found));
}

Reply Reply::field(std::string_view name) const {
  for (std::size_t i = 0; i + 1 < size(); i += 2) {
    if (at(i).text() == name) return at(i + 1);
  }
  return at(size());
}

Result<std::unique_ptr<Broker>> connect(const Endpoint& endpoint) {
  std::unique_ptr<redisContext, FreeContext> context(
      endpoint.unix_socket.empty() ? redisConnectWithTimeout(endpoint.host.c_str(), endpoint.port, kPatience)
                                   : redisConnectUnixWithTimeout(endpoint.unix_socket.c_str(), kPatience));
  if (context == nullptr) return Error{"out of memory"};
  if (context->err != 0) return Error{fmt::format("cannot connect to {}: {}", endpoint.name(), context->errstr)};
  std::unique_ptr<Broker> broker = std::make_unique<HiredisBroker>(std::move(context), endpoint.name());
  if (!endpoint.password.empty()) {
    std::vector<std::string> auth{"AUTH"};
    if (!endpoint.user.empty()) auth.push_back(endpoint.user);
    auth.push_back(endpoint.password);
    if (const Result<Reply> answer = broker->call(auth); !answer) return answer.error();
  }
  return broker;
}

}  // namespace respublica::dlqtool

#include "tests/clients/cpp/broker.h"

#include <cstdlib>
#include <sstream>
#include <stdexcept>

namespace {

std::string field(const std::string& line, const std::string& key) {
  std::istringstream fields(line);
  for (std::string field; fields >> field;) {
    if (field.starts_with(key + "=")) {
      return field.substr(key.size() + 1);
    }
  }
  throw std::runtime_error("CLIENT LIST has no field " + key + ": " + line);
}

}  // namespace

BrokerAddress broker_address() {
  const char* address = std::getenv("BROKER_ADDRESS");
  if (address == nullptr) {
    throw std::runtime_error("BROKER_ADDRESS is not set: start the tests with tests/clients/run.sh cpp");
  }
  const std::string whole = address;
  const auto colon = whole.rfind(':');
  return {whole.substr(0, colon), std::stoi(whole.substr(colon + 1))};
}

std::string unique_name(const std::string& prefix) {
  static int names = 0;
  return prefix + "." + std::to_string(++names);
}

std::vector<std::pair<std::string, std::string>> payloads() {
  std::string all_bytes;
  for (int byte = 0; byte < 256; ++byte) {
    all_bytes.push_back(static_cast<char>(byte));
  }
  std::string megabyte;
  for (int i = 0; i < 4096; ++i) {
    megabyte += all_bytes;
  }
  return {{"all 256 bytes", all_bytes},
          {"invalid UTF-8", "\xc3\x28\xa0\xa1\xe2\x28\xa1\xf0\x28\x8c\x28\xff\xfe"},
          {"line ends", "\r\n$5\r\nhello\r\n*1\r\n+OK\r\n\n\r"},
          {"nothing", ""},
          {"one megabyte", megabyte}};
}

Context connect() {
  const BrokerAddress address = broker_address();
  Context context(redisConnect(address.host.c_str(), address.port), redisFree);
  if (!context || context->err != 0) {
    throw std::runtime_error(context ? context->errstr : "out of memory");
  }
  redisSetTimeout(context.get(), timeval{kDeadline.count(), 0});
  return context;
}

Reply command(redisContext* context, const std::vector<std::string>& arguments) {
  std::vector<const char*> data;
  std::vector<size_t> sizes;
  for (const std::string& argument : arguments) {
    data.push_back(argument.data());
    sizes.push_back(argument.size());
  }
  redisAppendCommandArgv(context, static_cast<int>(data.size()), data.data(), sizes.data());
  return next_reply(context);
}

Reply next_reply(redisContext* context) {
  void* reply = nullptr;
  if (redisGetReply(context, &reply) != REDIS_OK) {
    throw std::runtime_error(context->errstr);
  }
  return Reply(static_cast<redisReply*>(reply), freeReplyObject);
}

std::string text(const redisReply* reply) { return reply->str == nullptr ? "" : std::string(reply->str, reply->len); }

std::string subscribed_connection(redisContext* admin, const std::string& name) {
  std::istringstream list(text(command(admin, {"CLIENT", "LIST"}).get()));
  for (std::string line; std::getline(list, line);) {
    if (field(line, "name") == name && field(line, "sub") + field(line, "psub") + field(line, "ssub") != "000") {
      return field(line, "id");
    }
  }
  throw std::runtime_error("no subscribed connection is called " + name);
}

#include "tests/support/replies.h"

#include <chrono>
#include <random>
#include <stdexcept>

namespace respublica::test {

std::string bulk(std::string_view text) {
  std::string bytes = "$" + std::to_string(text.size()) + "\r\n";
  bytes += text;
  bytes += "\r\n";
  return bytes;
}

std::string message(std::string_view channel, std::string_view payload) {
  return request({"message", channel, payload});
}

std::string pattern_message(std::string_view pattern, std::string_view channel, std::string_view payload) {
  return request({"pmessage", pattern, channel, payload});
}

std::string shard_message(std::string_view channel, std::string_view payload) {
  return request({"smessage", channel, payload});
}

std::string as_push(std::string frame) {
  frame.front() = '>';
  return frame;
}

std::string text_of(const std::string& reply) {
  if (reply.empty() || (reply.front() != '$' && reply.front() != '=')) throw std::runtime_error("no text: " + reply);
  const std::size_t begin = reply.find('\n') + 1;
  const std::string text = reply.substr(begin, reply.size() - begin - 2);
  return reply.front() == '=' ? text.substr(4) : text;
}

std::vector<std::string> texts_of(const std::string& reply) {
  std::vector<std::string> texts;
  std::size_t at = 0;
  while ((at = reply.find('$', at)) != std::string::npos) {
    const std::size_t begin = reply.find("\r\n", at) + 2;
    const long size = std::stol(reply.substr(at + 1));
    if (size >= 0) texts.push_back(reply.substr(begin, static_cast<std::size_t>(size)));
    at = size >= 0 ? begin + static_cast<std::size_t>(size) : begin;
  }
  return texts;
}

long number_of(const std::string& reply) {
  if (reply.empty() || reply.front() != ':') throw std::runtime_error("no number: " + reply);
  return std::stol(reply.substr(1));
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

std::string field_of(const std::string& line, const std::string& key) {
  const std::string spaced = " " + line + " ";
  const std::size_t found = spaced.find(" " + key + "=");
  if (found == std::string::npos) throw std::runtime_error("no " + key + " in " + line);
  const std::size_t begin = found + key.size() + 2;
  return spaced.substr(begin, spaced.find(' ', begin) - begin);
}

long info(RawClient& client, const std::string& field) {
  const std::string text = "\n" + text_of(client.call({"INFO", "everything"}));
  const std::size_t found = text.find("\n" + field + ":");
  if (found == std::string::npos) throw std::runtime_error("INFO tells no " + field);
  return std::stol(text.substr(found + field.size() + 2));
}

void await_info(RawClient& client, const std::string& field, long value) {
  const auto patience = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  long seen = info(client, field);
  while (seen != value) {
    if (std::chrono::steady_clock::now() > patience) {
      throw std::runtime_error(field + " is " + std::to_string(seen) + " and not " + std::to_string(value));
    }
    seen = info(client, field);
  }
}

std::string random_bytes(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random() >> 24);
  return bytes;
}

}  // namespace respublica::test

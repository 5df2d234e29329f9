#include "protocol/reply_parser.h"

#include <charconv>

#include "protocol/integer.h"

namespace respublica {

namespace {

bool read_double(std::string_view text, double& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

/// Builds values from bytes that a ReplyScanner found complete.
class Builder {
 public:
  explicit Builder(std::string_view bytes) : bytes_(bytes) {}

  std::size_t position() const { return at_; }

  [[nodiscard]] bool build(Reply& reply, std::size_t depth) {
    if (depth > ReplyParser::kMaxDepth) return false;
    const std::size_t end = bytes_.find("\r\n", at_);
    const char type = bytes_[at_];
    const std::string_view line = bytes_.substr(at_ + 1, end - at_ - 1);
    if (const auto simple = simple_type(type)) {
      reply.type = *simple;
      reply.text = line;
      if (!read_simple(reply)) return false;
      at_ = end + 2;
      return true;
    }
    const std::int64_t length = parse_integer(line).value_or(-1);
    at_ = end + 2;
    if (length == -1) {
      reply.type = Reply::Type::null;
      return true;
    }
    const auto count = static_cast<std::size_t>(length);
    switch (type) {
      case '$':
        return bulk(reply, Reply::Type::bulk_string, count);
      case '!':
        return bulk(reply, Reply::Type::error, count);
      case '=':
        return bulk(reply, Reply::Type::verbatim, count);
      case '%':
        return aggregate(reply, Reply::Type::map, 2 * count, depth);
      case '~':
        return aggregate(reply, Reply::Type::set, count, depth);
      case '>':
        return aggregate(reply, Reply::Type::push, count, depth);
      case '|': {
        Reply attributes;
        return aggregate(attributes, Reply::Type::map, 2 * count, depth) && build(reply, depth + 1);
      }
      default:
        return aggregate(reply, Reply::Type::array, count, depth);
    }
  }

 private:
  static std::optional<Reply::Type> simple_type(char type) {
    switch (type) {
      case '+':
        return Reply::Type::simple_string;
      case '-':
        return Reply::Type::error;
      case ':':
        return Reply::Type::integer;
      case ',':
        return Reply::Type::double_value;
      case '#':
        return Reply::Type::boolean;
      case '(':
        return Reply::Type::big_number;
      case '_':
        return Reply::Type::null;
      default:
        return std::nullopt;
    }
  }

  static bool read_simple(Reply& reply) {
    if (reply.type == Reply::Type::integer) {
      const auto value = parse_integer(reply.text);
      reply.integer = value.value_or(0);
      return value.has_value();
    }
    if (reply.type == Reply::Type::boolean) {
      reply.integer = reply.text == "t" ? 1 : 0;
      return reply.text == "t" || reply.text == "f";
    }
    if (reply.type == Reply::Type::double_value) return read_double(reply.text, reply.number);
    if (reply.type == Reply::Type::null) return reply.text.empty();
    return true;
  }

  bool bulk(Reply& reply, Reply::Type type, std::size_t length) {
    std::string_view text = bytes_.substr(at_, length);
    if (type == Reply::Type::verbatim) {
      if (length < 4 || text[3] != ':') return false;
      text.remove_prefix(4);
    }
    reply.type = type;
    reply.text = text;
    at_ += length + 2;
    return true;
  }

  bool aggregate(Reply& reply, Reply::Type type, std::size_t count, std::size_t depth) {
    reply.type = type;
    reply.elements.resize(count);  // the scanner saw them all: each is three bytes of input at least
    for (Reply& element : reply.elements) {
      if (!build(element, depth + 1)) return false;
    }
    return true;
  }

  std::string_view bytes_;
  std::size_t at_ = 0;
};

}  // namespace

const Reply* Reply::find(std::string_view key) const {
  for (std::size_t i = 0; i + 1 < elements.size(); i += 2) {
    if (elements[i].text == key) return &elements[i + 1];
  }
  return nullptr;
}

ReplyParser::Status ReplyParser::parse(std::string_view input) {
  switch (scanner_.scan(input)) {
    case ReplyScanner::Status::need_more:
      return Status::need_more;
    case ReplyScanner::Status::malformed:
      return fail(input, scanner_.size());
    case ReplyScanner::Status::complete:
      break;
  }
  Builder builder(input.substr(0, scanner_.size()));
  reply_ = Reply();
  if (!builder.build(reply_, 0)) return fail(input, builder.position());
  consumed_ = scanner_.size();
  scanner_.reset();
  return Status::reply;
}

ReplyParser::Status ReplyParser::fail(std::string_view input, std::size_t at) {
  error_ = "not a reply, or one that nests too deep, at byte " + std::to_string(at) + ": ";
  error_ += input.substr(at, 40);
  scanner_.reset();
  return Status::error;
}

}  // namespace respublica

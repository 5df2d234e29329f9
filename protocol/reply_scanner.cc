#include "protocol/reply_scanner.h"

#include <cstring>
#include <limits>

#include "protocol/integer.h"

namespace respublica {

namespace {

/// No reply of ours comes near; keeps sums far from overflow.
constexpr std::int64_t kMaxElements = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kMaxBulk = std::int64_t{1} << 40;

}  // namespace

ReplyScanner::Status ReplyScanner::scan(std::string_view input) {
  while (missing_ != 0) {
    if (bulk_ != 0) {
      if (input.size() - position_ < bulk_) return Status::need_more;
      if (input.substr(position_ + bulk_ - 2, 2) != "\r\n") return Status::malformed;
      position_ = searched_ = position_ + bulk_;
      bulk_ = 0;
      --missing_;
      continue;
    }
    if (searched_ >= input.size()) return Status::need_more;
    const void* const found = std::memchr(input.data() + searched_, '\n', input.size() - searched_);
    if (found == nullptr) {
      searched_ = input.size();
      return Status::need_more;
    }
    const auto end = static_cast<std::size_t>(static_cast<const char*>(found) - input.data());
    const std::string_view line = input.substr(position_, end - position_);
    if (line.size() < 2 || line.back() != '\r') return Status::malformed;
    const Status status = scan_line(line.substr(0, line.size() - 1));
    if (status != Status::complete) return status;
    position_ = searched_ = end + 1;
  }
  return Status::complete;
}

/// Complete: the line is understood, whatever must follow it.
ReplyScanner::Status ReplyScanner::scan_line(std::string_view line) {
  const char type = line.front();
  if (std::string_view("+-:,#_(").find(type) != std::string_view::npos) {
    --missing_;
    return Status::complete;
  }
  const auto length = parse_integer(line.substr(1));
  if (!length || *length < -1) return Status::malformed;
  if (*length == -1) {
    if (type != '$' && type != '*') return Status::malformed;
    --missing_;
    return Status::complete;
  }
  const auto count = static_cast<std::uint64_t>(*length);
  switch (type) {
    case '$':
    case '=':
    case '!':
      if (*length > kMaxBulk) return Status::malformed;
      bulk_ = count + 2;
      return Status::complete;
    case '*':
    case '~':
    case '>':
      missing_ += count - 1;
      break;
    case '%':
      missing_ += 2 * count - 1;
      break;
    case '|':  // attributes stand before the value they belong to
      missing_ += 2 * count;
      break;
    default:
      return Status::malformed;
  }
  return *length > kMaxElements ? Status::malformed : Status::complete;
}

std::optional<std::size_t> complete_reply_size(std::string_view input) {
  ReplyScanner scanner;
  if (scanner.scan(input) != ReplyScanner::Status::complete) return std::nullopt;
  return scanner.size();
}

}  // namespace respublica

#include "tools/bench/xadd_replies.h"

#include <fmt/format.h>

#include <charconv>

#include "tools/bench/printable.h"

namespace respublica::bench {

namespace {

constexpr std::size_t kExcerpt = 120;
constexpr std::string_view kEnd = "\r\n";
/// "$41", the ends of two lines, and two numbers of 20 digits.
constexpr std::size_t kLongestReply = 3 + 2 + 41 + 2;

/// Reads a decimal number at the start of `text` and removes it. False: there is none.
bool take_number(std::string_view& text, std::uint64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return error == std::errc();
}

/// Removes `expected` from the start of `text`. False: it is not there.
bool take_text(std::string_view& text, std::string_view expected) {
  const bool found = text.starts_with(expected);
  text.remove_prefix(found ? expected.size() : 0);
  return found;
}

}  // namespace

Result<std::size_t> XaddReplies::feed(std::string_view bytes) {
  std::size_t replies = 0;
  std::string joined;
  if (!cut_.empty()) {
    joined = std::exchange(cut_, {}).append(bytes);
    bytes = joined;
  }
  while (!bytes.empty()) {
    const auto size = take_reply(bytes);
    if (!size) {
      return size;
    }
    if (size.value() == 0) {
      cut_ = bytes;
      break;
    }
    bytes.remove_prefix(size.value());
    ++replies;
  }
  return replies;
}

Result<std::size_t> XaddReplies::take_reply(std::string_view bytes) {
  const auto wrong = [bytes](std::string_view must) {
    return Error{fmt::format("XADD must answer {}, got {}", must, printable(bytes.substr(0, kExcerpt)))};
  };
  const std::size_t first_line = bytes.find(kEnd);
  const std::size_t end = first_line == std::string_view::npos ? first_line : bytes.find(kEnd, first_line + 2);
  if (end == std::string_view::npos) {
    const bool can_be_one = bytes.front() == '$' && bytes.size() < kLongestReply;
    return can_be_one ? Result<std::size_t>(std::size_t{0}) : wrong("an ID");
  }
  std::string_view rest = bytes.substr(0, end);
  std::uint64_t size = 0;
  Id id;
  const bool is_id = take_text(rest, "$") && take_number(rest, size) && take_text(rest, kEnd) && rest.size() == size &&
                     take_number(rest, id.first) && take_text(rest, "-") && take_number(rest, id.second) &&
                     rest.empty();
  if (!is_id) {
    return wrong("an ID");
  }
  if (id <= last_[channel_]) {
    return wrong(fmt::format("an ID greater than {}-{}", last_[channel_].first, last_[channel_].second));
  }
  last_[channel_] = id;
  channel_ = channel_ + 1 == last_.size() ? 0 : channel_ + 1;
  return end + kEnd.size();
}

}  // namespace respublica::bench

#include "protocol/request_parser.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <limits>
#include <utility>

#include "protocol/inline_request.h"
#include "protocol/integer.h"

namespace respublica {

namespace {

constexpr std::size_t kIrregular = std::numeric_limits<std::size_t>::max();

/// Requests of more arguments are not tried in one go: how many there will be is only the client's word.
constexpr std::size_t kMaxWhole = 1024;

/// A parser keeps the room of its vectors from request to request, but not that of a giant.
constexpr std::size_t kKeptArguments = 4096;

/// An argument that was read into a block has no place in the input.
constexpr std::size_t kInBlock = std::numeric_limits<std::size_t>::max();

std::size_t bulk_limit(const ParseLimits& limits) {
  return limits.authenticated == Authenticated::yes ? limits.max_bulk
                                                    : std::min(limits.max_bulk, ParseLimits::kMaxBulkUnauthenticated);
}

/// The number n of "<type><n>\r\n" at `at`, which moves behind it. kIrregular, with `at` anywhere, if the header is not
/// there in full or deserves a closer look: leading zero, sign, more than eight digits.
inline std::size_t take_length(const char*& at, const char* end, char type) {
  if (end - at < 4 || at[0] != type) return kIrregular;
  std::size_t value = static_cast<unsigned char>(at[1] - '0');
  if (value > 9) return kIrregular;
  const char* digit = at + 2;
  if (*digit != '\r') {
    if (value == 0) return kIrregular;
    const char* const last = end - at > 11 ? at + 9 : end - 2;
    do {
      const auto next = static_cast<unsigned char>(*digit - '0');
      if (next > 9 || digit == last) return kIrregular;
      value = value * 10 + next;
      ++digit;
    } while (*digit != '\r');
  }
  at = digit + 2;
  return value;
}

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() && std::equal(text.begin(), text.end(), lower.begin(), [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
         });
}

/// A browser that was made to talk to us sends these first: what follows may be another's commands.
bool is_http(std::string_view name) {
  return (name.size() == 4 || name.size() == 5) &&
         (equals_ignoring_case(name, "post") || equals_ignoring_case(name, "host:"));
}

}  // namespace

SharedBytes Arguments::block(std::size_t index) const {
  const auto found = std::lower_bound(blocks_.begin(), blocks_.end(), index,
                                      [](const Block& block, std::size_t i) { return block.index < i; });
  return found != blocks_.end() && found->index == index ? found->bytes : SharedBytes();
}

RequestParser::Status RequestParser::parse(std::string_view input, const ParseLimits& limits) {
  if (stage_ == Stage::start && parse_whole(input, limits)) return checked_request();
  return parse_onwards(input, limits);
}

/// The usual case in one loop: a request of bulk strings that is there in full, without anything odd.
bool RequestParser::parse_whole(std::string_view input, const ParseLimits& limits) {
  const char* at = input.data();
  const char* const end = at + input.size();
  const std::size_t count = take_length(at, end, '*');
  const std::size_t most =
      limits.authenticated == Authenticated::yes ? kMaxWhole : ParseLimits::kMaxMultibulkUnauthenticated;
  if (count > most) return false;
  const std::size_t longest = bulk_limit(limits);

  if (!arguments_.blocks_.empty()) drop_blocks();
  std::vector<std::string_view>& views = arguments_.views_;
  views.resize(count);
  for (std::string_view& view : views) {
    const std::size_t length = take_length(at, end, '$');
    if (length > longest || static_cast<std::size_t>(end - at) < length + 2) return false;
    view = {at, length};
    at += length + 2;
  }
  consumed_ = static_cast<std::size_t>(at - input.data());
  return true;
}

RequestParser::Status RequestParser::parse_onwards(std::string_view input, const ParseLimits& limits) {
  Status status = Status::request;
  while (status == Status::request) {
    switch (stage_) {
      case Stage::start:
        if (input.empty()) return Status::need_more;
        begin();
        stage_ = input.front() == '*' ? Stage::count : Stage::line;
        break;
      case Stage::line:
        return parse_line(input);
      case Stage::count:
        status = read_count(input, limits);
        break;
      case Stage::argument:
        status = read_argument_header(input, limits);
        break;
      case Stage::bulk:
        status = read_bulk(input);
        break;
      case Stage::complete:
        return finish(input);
    }
  }
  return status;
}

void RequestParser::begin() {
  arguments_.views_.clear();
  drop_blocks();
  spans_.clear();
  if (arguments_.views_.capacity() > kKeptArguments) arguments_.views_.shrink_to_fit();
  if (spans_.capacity() > kKeptArguments) spans_.shrink_to_fit();
  position_ = 0;
  searched_ = 0;
  arguments_missing_ = 0;
  bulk_length_ = 0;
}

void RequestParser::drop_blocks() {
  arguments_.blocks_.clear();
  if (arguments_.blocks_.capacity() > kKeptArguments) arguments_.blocks_.shrink_to_fit();
  block_bytes_ = 0;
}

/// Looks for the `end` of the line at position_; found: it stands at searched_.
RequestParser::HeaderEnd RequestParser::find_end(std::string_view input, char end) {
  const std::size_t limit = std::min(input.size(), position_ + ParseLimits::kMaxInline + 1);
  const void* const found = searched_ < limit ? std::memchr(input.data() + searched_, end, limit - searched_) : nullptr;
  if (found == nullptr) {
    searched_ = limit;
    return limit - position_ > ParseLimits::kMaxInline ? HeaderEnd::too_far : HeaderEnd::missing;
  }
  searched_ = static_cast<std::size_t>(static_cast<const char*>(found) - input.data());
  return HeaderEnd::found;
}

RequestParser::Status RequestParser::parse_line(std::string_view input) {
  switch (find_end(input, '\n')) {
    case HeaderEnd::missing:
      return Status::need_more;
    case HeaderEnd::too_far:
      return fail("Protocol error: too big inline request");
    case HeaderEnd::found:
      break;
  }
  std::string_view line = input.substr(0, searched_);
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (!split_inline_request(line, words_, arguments_.views_)) {
    return fail("Protocol error: unbalanced quotes in request");
  }
  consumed_ = searched_ + 1;
  stage_ = Stage::start;
  return checked_request();
}

RequestParser::Status RequestParser::read_count(std::string_view input, const ParseLimits& limits) {
  const HeaderEnd end = find_end(input, '\r');
  if (end == HeaderEnd::too_far) return fail("Protocol error: too big mbulk count string");
  if (end == HeaderEnd::missing || searched_ + 2 > input.size()) return Status::need_more;

  const auto count = parse_integer(input.substr(1, searched_ - 1));
  if (!count || *count > std::numeric_limits<std::int32_t>::max()) {
    return fail("Protocol error: invalid multibulk length");
  }
  if (limits.authenticated == Authenticated::no &&
      *count > static_cast<std::int64_t>(ParseLimits::kMaxMultibulkUnauthenticated)) {
    return fail("Protocol error: unauthenticated multibulk length");
  }
  position_ = searched_ = searched_ + 2;
  arguments_missing_ = static_cast<std::size_t>(std::max<std::int64_t>(*count, 0));
  stage_ = arguments_missing_ == 0 ? Stage::complete : Stage::argument;
  return Status::request;
}

RequestParser::Status RequestParser::read_argument_header(std::string_view input, const ParseLimits& limits) {
  const HeaderEnd end = find_end(input, '\r');
  if (end == HeaderEnd::too_far) return fail("Protocol error: too big bulk count string");
  if (end == HeaderEnd::missing || searched_ + 2 > input.size()) return Status::need_more;

  if (input[position_] != '$') {
    return fail(std::string("Protocol error: expected '$', got '") + input[position_] + "'");
  }
  const auto length = parse_integer(input.substr(position_ + 1, searched_ - position_ - 1));
  if (!length || *length < 0 || static_cast<std::uint64_t>(*length) > limits.max_bulk) {
    return fail("Protocol error: invalid bulk length");
  }
  if (limits.authenticated == Authenticated::no &&
      static_cast<std::uint64_t>(*length) > ParseLimits::kMaxBulkUnauthenticated) {
    return fail("Protocol error: unauthenticated bulk length");
  }
  position_ = searched_ + 2;
  bulk_length_ = static_cast<std::size_t>(*length);
  stage_ = Stage::bulk;
  return Status::request;
}

RequestParser::Status RequestParser::read_bulk(std::string_view input) {
  // Redis does not look at the two bytes behind a bulk string either.
  const std::size_t there = input.size() - std::min(input.size(), position_);
  if (there < 2 || there - 2 < bulk_length_) return Status::need_more;
  spans_.push_back({position_, bulk_length_});
  position_ = searched_ = position_ + bulk_length_ + 2;
  stage_ = --arguments_missing_ == 0 ? Stage::complete : Stage::argument;
  return Status::request;
}

RequestParser::Status RequestParser::finish(std::string_view input) {
  arguments_.views_.resize(spans_.size());
  for (std::size_t i = 0; i < spans_.size(); ++i) {
    if (spans_[i].offset != kInBlock) arguments_.views_[i] = input.substr(spans_[i].offset, spans_[i].length);
  }
  for (const Arguments::Block& block : arguments_.blocks_) {
    arguments_.views_[block.index] = block.bytes.view().substr(0, spans_[block.index].length);
  }
  consumed_ = position_;
  stage_ = Stage::start;
  return checked_request();
}

RequestParser::Status RequestParser::checked_request() const {
  return arguments_.size() != 0 && is_http(arguments_[0]) ? Status::close : Status::request;
}

RequestParser::Status RequestParser::fail(std::string sentence) {
  error_ = std::move(sentence);
  stage_ = Stage::start;
  return Status::error;
}

std::size_t RequestParser::wanted_bulk() const {
  return stage_ == Stage::bulk && bulk_length_ >= kLargeBulk ? bulk_length_ : 0;
}

std::size_t RequestParser::bulk_start() const { return position_; }

void RequestParser::adopt_bulk(SharedBytes block) {
  assert(wanted_bulk() != 0 && block && block.capacity() >= bulk_length_ + 2);
  block.data()[bulk_length_] = '\r';
  block.data()[bulk_length_ + 1] = '\n';
  block.set_size(bulk_length_ + 2);
  block_bytes_ += block.capacity();
  arguments_.blocks_.push_back({spans_.size(), std::move(block)});
  spans_.push_back({kInBlock, bulk_length_});
  searched_ = position_;
  stage_ = --arguments_missing_ == 0 ? Stage::complete : Stage::argument;
}

void RequestParser::put_back() {
  // Without blocks all of it is still in the input, to be read once more.
  if (!arguments_.blocks_.empty()) stage_ = Stage::complete;
}

void RequestParser::reset() {
  begin();
  stage_ = Stage::start;
}

void RequestParser::forget_served() {
  if (stage_ == Stage::start) begin();
}

std::size_t RequestParser::memory() const {
  const std::size_t views = std::max(arguments_.views_.capacity(), spans_.capacity());
  return block_bytes_ + arguments_.blocks_.capacity() * sizeof(Arguments::Block) + spans_.capacity() * sizeof(Span) +
         views * sizeof(std::string_view) + words_.capacity();
}

}  // namespace respublica

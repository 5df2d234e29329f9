#include "server/commands/argument_values.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>

#include "protocol/error_replies.h"
#include "protocol/integer.h"

namespace respublica {
namespace {

constexpr std::uint64_t kLastSeq = std::numeric_limits<std::uint64_t>::max();

/// A bound of a range, with the ID behind it or before it when it is exclusive; `none` is the error when there is none.
Result<StreamId> parse_bound(std::string_view text, std::uint64_t missing_seq,
                             std::optional<StreamId> (StreamId::*step)() const, std::string_view none) {
  if (text == "-") return kMinStreamId;
  if (text == "+") return kMaxStreamId;
  const bool exclusive = text.size() > 1 && text.starts_with('(');
  Result<StreamId> id = parse_id(exclusive ? text.substr(1) : text, missing_seq);
  if (!id || !exclusive) return id;
  const std::optional<StreamId> inside = (id.value().*step)();
  if (!inside) return fault(none);
  return *inside;
}

}  // namespace

Error fault(std::string_view sentence) { return Error{std::string(sentence)}; }

Result<StreamId> parse_id(std::string_view text, std::uint64_t missing_seq) {
  const std::optional<StreamId> id = parse_stream_id(text, missing_seq);
  if (!id) return fault(errors::kInvalidStreamId);
  return *id;
}

Result<std::vector<StreamId>> parse_ids(StreamArguments arguments) {
  std::vector<StreamId> ids;
  ids.reserve(arguments.size());
  for (const std::string_view text : arguments) {
    const Result<StreamId> id = parse_id(text);
    if (!id) return id.error();
    ids.push_back(id.value());
  }
  return ids;
}

Result<StreamId> parse_range_start(std::string_view text) {
  return parse_bound(text, 0, &StreamId::next, errors::kRangeStartInvalid);
}

Result<IdRange> parse_id_range(std::string_view start, std::string_view end) {
  const Result<StreamId> first = parse_range_start(start);
  if (!first) return first.error();
  const Result<StreamId> last = parse_bound(end, kLastSeq, &StreamId::previous, errors::kRangeEndInvalid);
  if (!last) return last.error();
  return IdRange{first.value(), last.value()};
}

Result<std::int64_t> parse_number(std::string_view text) {
  const std::optional<std::int64_t> number = parse_integer(text);
  if (!number) return fault(errors::kNotAnInteger);
  return *number;
}

Result<std::uint64_t> parse_count(std::string_view text, std::string_view negative) {
  const Result<std::int64_t> number = parse_number(text);
  if (!number) return number.error();
  if (number.value() < 0) return fault(negative);
  return static_cast<std::uint64_t>(number.value());
}

Result<std::uint64_t> parse_raised_count(std::string_view text) {
  const Result<std::int64_t> number = parse_number(text);
  if (!number) return number.error();
  return static_cast<std::uint64_t>(std::max<std::int64_t>(number.value(), 0));
}

Result<std::chrono::milliseconds> parse_block(std::string_view text) {
  constexpr std::int64_t kLongest = std::int64_t{1} << 42;
  const std::optional<std::int64_t> number = parse_integer(text);
  if (!number) return fault(errors::kTimeoutNotAnInteger);
  if (*number < 0) return fault(errors::kTimeoutNegative);
  return std::chrono::milliseconds(std::min(*number, kLongest));
}

}  // namespace respublica

#include "server/commands/stream_arguments.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "protocol/error_replies.h"
#include "protocol/integer.h"
#include "server/setting_values.h"

namespace respublica {
namespace {

Error error(std::string_view sentence) { return Error{std::string(sentence)}; }

constexpr std::uint64_t kLastSeq = std::numeric_limits<std::uint64_t>::max();

/// An ID that is neither `-` nor `+`; without a sequence it gets `missing_seq`.
Result<StreamId> parse_id(std::string_view text, std::uint64_t missing_seq = 0) {
  const std::optional<StreamId> id = parse_stream_id(text, missing_seq);
  if (!id) return error(errors::kInvalidStreamId);
  return *id;
}

/// A number that may not be negative, with the sentence for when it is.
Result<std::uint64_t> parse_count(std::string_view text, std::string_view negative) {
  const std::optional<std::int64_t> number = parse_integer(text);
  if (!number) return error(errors::kNotAnInteger);
  if (*number < 0) return error(negative);
  return static_cast<std::uint64_t>(*number);
}

/// A number of entries; negative numbers are raised to 0.
Result<std::uint64_t> parse_raised_count(std::string_view text) {
  const std::optional<std::int64_t> number = parse_integer(text);
  if (!number) return error(errors::kNotAnInteger);
  return static_cast<std::uint64_t>(std::max<std::int64_t>(*number, 0));
}

/// The options that XADD and XTRIM have in common.
class TrimOptions {
 public:
  /// Reads the option at `at` and moves `at` to its last argument; false when there is none of these.
  Result<bool> read(StreamArguments arguments, std::size_t& at) {
    if (at + 1 == arguments.size()) return false;
    if (equal_ignoring_case(arguments[at], "maxlen")) return read_rule(TrimRule::Strategy::maxlen, arguments, at);
    if (equal_ignoring_case(arguments[at], "minid")) return read_rule(TrimRule::Strategy::minid, arguments, at);
    if (!equal_ignoring_case(arguments[at], "limit")) return false;
    const Result<std::uint64_t> limit = parse_count(arguments[++at], errors::kTrimLimitNegative);
    if (!limit) return limit.error();
    limit_ = limit.value();
    return true;
  }

  /// Whether the options go together, and the rule that they are, if any. XTRIM's must be one.
  Result<std::optional<TrimRule>> finish(bool rule_wanted) const {
    if (!rule_ && limit_.value_or(0) != 0) return error(errors::kTrimLimitAlone);
    if (!rule_ && rule_wanted) return error(errors::kTrimStrategyMissing);
    const bool approximate = rule_ && rule_->precision == TrimRule::Precision::approximate;
    if (limit_ && !approximate) return error(errors::kTrimLimitExact);
    std::optional<TrimRule> rule = rule_;
    if (approximate) rule->limit = limit_.value_or(kDefaultTrimLimit);
    return rule;
  }

 private:
  Result<bool> read_rule(TrimRule::Strategy strategy, StreamArguments arguments, std::size_t& at) {
    if (rule_) return error(errors::kTrimStrategyTwice);
    TrimRule rule;
    rule.strategy = strategy;
    const std::string_view mark = arguments[++at];
    if (at + 1 < arguments.size() && (mark == "~" || mark == "=")) {
      if (mark == "~") rule.precision = TrimRule::Precision::approximate;
      ++at;
    }
    if (strategy == TrimRule::Strategy::maxlen) {
      const Result<std::uint64_t> entries = parse_count(arguments[at], errors::kTrimMaxlenNegative);
      if (!entries) return entries.error();
      rule.max_entries = entries.value();
    } else {
      const Result<StreamId> id = parse_id(arguments[at]);
      if (!id) return id.error();
      rule.min_id = id.value();
    }
    rule_ = rule;
    return true;
  }

  std::optional<TrimRule> rule_;
  std::optional<std::uint64_t> limit_;
};

Result<RequestedId> parse_requested_id(std::string_view text) {
  constexpr std::string_view kAnySeq = "-*";
  RequestedId requested;
  if (text == "*") return requested;
  requested.kind = RequestedId::Kind::exact;
  // Only the milliseconds stand before `-*`: "1-2-*" is no ID.
  if (text.ends_with(kAnySeq) && text.find('-') == text.size() - kAnySeq.size()) {
    requested.kind = RequestedId::Kind::automatic_seq;
    text.remove_suffix(kAnySeq.size());
  }
  const Result<StreamId> id = parse_id(text);
  if (!id) return id.error();
  requested.id = id.value();
  return requested;
}

/// A bound of XRANGE, with the ID behind it or before it when it is exclusive; `none` is the error when there is none.
Result<StreamId> parse_bound(std::string_view text, std::uint64_t missing_seq,
                             std::optional<StreamId> (StreamId::*step)() const, std::string_view none) {
  if (text == "-") return kMinStreamId;
  if (text == "+") return kMaxStreamId;
  const bool exclusive = text.size() > 1 && text.starts_with('(');
  Result<StreamId> id = parse_id(exclusive ? text.substr(1) : text, missing_seq);
  if (!id || !exclusive) return id;
  const std::optional<StreamId> inside = (id.value().*step)();
  if (!inside) return error(none);
  return *inside;
}

Result<ReadPosition> parse_position(std::string_view key, std::string_view text) {
  if (text == "$") return ReadPosition{key, ReadPosition::Kind::new_entries, {}};
  if (text == "+") return ReadPosition{key, ReadPosition::Kind::last_entry, {}};
  if (text == ">") return error(errors::kReadNewWithoutGroup);
  const Result<StreamId> id = parse_id(text);
  if (!id) return id.error();
  return ReadPosition{key, ReadPosition::Kind::after, id.value()};
}

Result<std::chrono::milliseconds> parse_block(std::string_view text) {
  constexpr std::int64_t kLongest = std::int64_t{1} << 42;
  const std::optional<std::int64_t> number = parse_integer(text);
  if (!number) return error(errors::kTimeoutNotAnInteger);
  if (*number < 0) return error(errors::kTimeoutNegative);
  return std::chrono::milliseconds(std::min(*number, kLongest));
}

/// Reads the option of XREAD at `at` and moves `at` to its last argument. STREAMS is none.
Result<void> read_option(ReadArguments& read, StreamArguments arguments, std::size_t& at) {
  const std::size_t more = arguments.size() - 1 - at;
  const std::string_view option = arguments[at];
  if (more > 0 && equal_ignoring_case(option, "block")) {
    const Result<std::chrono::milliseconds> block = parse_block(arguments[++at]);
    if (!block) return block.error();
    read.block = block.value();
    return {};
  }
  if (more > 0 && equal_ignoring_case(option, "count")) {
    const Result<std::uint64_t> count = parse_raised_count(arguments[++at]);
    if (!count) return count.error();
    read.count = count.value();
    return {};
  }
  if (more > 1 && equal_ignoring_case(option, "group")) return error(errors::kReadGroup);
  if (equal_ignoring_case(option, "noack")) return error(errors::kReadNoack);
  return error(errors::kSyntax);
}

}  // namespace

Result<AddArguments> parse_add(StreamArguments arguments) {
  AddArguments add;
  add.key = arguments[1];
  TrimOptions options;
  std::size_t at = 2;
  for (; at < arguments.size() && arguments[at] != "*"; ++at) {
    const Result<bool> option = options.read(arguments, at);
    if (!option) return option.error();
    if (option.value()) continue;
    if (!equal_ignoring_case(arguments[at], "nomkstream")) break;
    add.make_stream = false;
  }
  if (at < arguments.size()) {
    const Result<RequestedId> id = parse_requested_id(arguments[at++]);
    if (!id) return id.error();
    add.id = id.value();
  }
  const Result<std::optional<TrimRule>> trim = options.finish(false);
  if (!trim) return trim.error();
  add.trim = trim.value();
  add.fields = arguments.subspan(at);
  if (add.fields.empty() || add.fields.size() % 2 != 0) return Error{errors::wrong_number_of_arguments("xadd")};
  if (add.id == RequestedId{RequestedId::Kind::exact, kMinStreamId}) return error(errors::kAddIdZero);
  return add;
}

Result<TrimArguments> parse_trim(StreamArguments arguments) {
  TrimOptions options;
  for (std::size_t at = 2; at < arguments.size(); ++at) {
    const Result<bool> option = options.read(arguments, at);
    if (!option) return option.error();
    if (!option.value()) return error(errors::kSyntax);
  }
  const Result<std::optional<TrimRule>> rule = options.finish(true);
  if (!rule) return rule.error();
  return TrimArguments{arguments[1], *rule.value()};
}

Result<RangeArguments> parse_range(StreamArguments arguments, RangeOrder order) {
  const bool forward = order == RangeOrder::forward;
  RangeArguments range;
  range.key = arguments[1];
  const Result<StreamId> first =
      parse_bound(arguments[forward ? 2 : 3], 0, &StreamId::next, errors::kRangeStartInvalid);
  if (!first) return first.error();
  const Result<StreamId> last =
      parse_bound(arguments[forward ? 3 : 2], kLastSeq, &StreamId::previous, errors::kRangeEndInvalid);
  if (!last) return last.error();
  range.range = {first.value(), last.value()};
  for (std::size_t at = 4; at < arguments.size(); at += 2) {
    if (at + 1 == arguments.size() || !equal_ignoring_case(arguments[at], "count")) return error(errors::kSyntax);
    const Result<std::uint64_t> count = parse_raised_count(arguments[at + 1]);
    if (!count) return count.error();
    range.count = count.value();
  }
  return range;
}

Result<ReadArguments> parse_read(StreamArguments arguments) {
  ReadArguments read;
  std::size_t at = 1;
  for (; at < arguments.size(); ++at) {
    if (at + 1 < arguments.size() && equal_ignoring_case(arguments[at], "streams")) break;
    const Result<void> option = read_option(read, arguments, at);
    if (!option) return option.error();
  }
  if (at == arguments.size()) return error(errors::kSyntax);
  const StreamArguments names = arguments.subspan(at + 1);
  if (names.size() % 2 != 0) return error(errors::kReadUnbalanced);
  const std::size_t count = names.size() / 2;
  for (std::size_t i = 0; i < count; ++i) {
    const Result<ReadPosition> position = parse_position(names[i], names[count + i]);
    if (!position) return position.error();
    read.streams.push_back(position.value());
  }
  return read;
}

Result<DeleteArguments> parse_delete(StreamArguments arguments) {
  DeleteArguments deletion;
  deletion.key = arguments[1];
  for (const std::string_view text : arguments.subspan(2)) {
    const Result<StreamId> id = parse_id(text);
    if (!id) return id.error();
    deletion.ids.push_back(id.value());
  }
  return deletion;
}

Result<SetIdArguments> parse_set_id(StreamArguments arguments) {
  SetIdArguments setting;
  setting.key = arguments[1];
  const Result<StreamId> last = parse_id(arguments[2]);
  if (!last) return last.error();
  setting.last_id = last.value();
  for (std::size_t at = 3; at < arguments.size(); at += 2) {
    if (at + 1 == arguments.size()) return error(errors::kSyntax);
    if (equal_ignoring_case(arguments[at], "entriesadded")) {
      const Result<std::uint64_t> added = parse_count(arguments[at + 1], errors::kEntriesAddedNegative);
      if (!added) return added.error();
      setting.entries_added = added.value();
    } else if (equal_ignoring_case(arguments[at], "maxdeletedid")) {
      const Result<StreamId> deleted = parse_id(arguments[at + 1]);
      if (!deleted) return deleted.error();
      if (setting.last_id < deleted.value()) return error(errors::kSetIdBelowGivenMaxDeleted);
      setting.max_deleted_id.reset();
      if (deleted.value() != kMinStreamId) setting.max_deleted_id = deleted.value();
    } else {
      return error(errors::kSyntax);
    }
  }
  return setting;
}

}  // namespace respublica

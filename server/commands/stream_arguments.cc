#include "server/commands/stream_arguments.h"

#include <string>
#include <utility>

#include "protocol/error_replies.h"
#include "server/commands/read_arguments.h"
#include "server/commands/reference_arguments.h"
#include "server/setting_values.h"

namespace respublica {
namespace {

/// The options that XADD and XTRIM have in common.
class TrimOptions {
 public:
  /// Reads the option at `at` and moves `at` to its last argument; false when there is none of these.
  Result<bool> read(StreamArguments arguments, std::size_t& at) {
    if (const std::optional<References> references = parse_references(arguments[at]); references && !references_) {
      references_ = references;
      return true;
    }
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
    if (!rule_ && limit_.value_or(0) != 0) return fault(errors::kTrimLimitAlone);
    if (!rule_ && rule_wanted) return fault(errors::kTrimStrategyMissing);
    const bool approximate = rule_ && rule_->precision == TrimRule::Precision::approximate;
    if (limit_ && !approximate) return fault(errors::kTrimLimitExact);
    std::optional<TrimRule> rule = rule_;
    if (approximate) rule->limit = limit_.value_or(kDefaultTrimLimit);
    return rule;
  }

  References references() const { return references_.value_or(References::keep); }

 private:
  Result<bool> read_rule(TrimRule::Strategy strategy, StreamArguments arguments, std::size_t& at) {
    if (rule_) return fault(errors::kTrimStrategyTwice);
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
  std::optional<References> references_;
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

Result<ReadPosition> parse_position(std::string_view key, std::string_view text) {
  if (text == "$") return ReadPosition{key, ReadPosition::Kind::new_entries, {}};
  if (text == "+") return ReadPosition{key, ReadPosition::Kind::last_entry, {}};
  if (text == ">") return fault(errors::kReadNewWithoutGroup);
  const Result<StreamId> id = parse_id(text);
  if (!id) return id.error();
  return ReadPosition{key, ReadPosition::Kind::after, id.value()};
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
  if (more > 0 && is_read_limit(option)) return read_limit(option, arguments[++at], read.count, read.caps);
  if (more > 1 && equal_ignoring_case(option, "group")) return fault(errors::kReadGroup);
  if (equal_ignoring_case(option, "noack")) return fault(errors::kReadNoack);
  return fault(errors::kSyntax);
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
    const Result<bool> producer = read_producer(arguments, at, add.producer);
    if (!producer) return producer.error();
    if (producer.value()) continue;
    if (!equal_ignoring_case(arguments[at], "nomkstream")) break;
    add.make_stream = false;
  }
  if (at < arguments.size()) {
    const Result<RequestedId> id = parse_requested_id(arguments[at++]);
    if (!id) return id.error();
    add.id = id.value();
    if (add.producer && add.id.kind != RequestedId::Kind::automatic) return fault(errors::kIdempotentExactId);
  }
  const Result<std::optional<TrimRule>> trim = options.finish(false);
  if (!trim) return trim.error();
  add.trim = trim.value();
  add.references = options.references();
  add.fields = arguments.subspan(at);
  if (add.fields.empty() || add.fields.size() % 2 != 0) return Error{errors::wrong_number_of_arguments("xadd")};
  if (add.id == RequestedId{RequestedId::Kind::exact, kMinStreamId}) return fault(errors::kAddIdZero);
  return add;
}

Result<TrimArguments> parse_trim(StreamArguments arguments) {
  TrimOptions options;
  for (std::size_t at = 2; at < arguments.size(); ++at) {
    const Result<bool> option = options.read(arguments, at);
    if (!option) return option.error();
    if (!option.value()) return fault(errors::kSyntax);
  }
  const Result<std::optional<TrimRule>> rule = options.finish(true);
  if (!rule) return rule.error();
  return TrimArguments{arguments[1], *rule.value(), options.references()};
}

Result<RangeArguments> parse_range(StreamArguments arguments, RangeOrder order) {
  const bool forward = order == RangeOrder::forward;
  const Result<IdRange> ids = parse_id_range(arguments[forward ? 2 : 3], arguments[forward ? 3 : 2]);
  if (!ids) return ids.error();
  RangeArguments range;
  range.key = arguments[1];
  range.range = ids.value();
  for (std::size_t at = 4; at < arguments.size(); at += 2) {
    if (at + 1 == arguments.size() || !equal_ignoring_case(arguments[at], "count")) return fault(errors::kSyntax);
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
  if (at == arguments.size()) return fault(errors::kSyntax);
  const StreamArguments names = arguments.subspan(at + 1);
  if (names.size() % 2 != 0) return fault(errors::kReadUnbalanced);
  if (const Result<void> fits = check_read_limits(read.count, read.caps); !fits) return fits.error();
  const std::size_t count = names.size() / 2;
  for (std::size_t i = 0; i < count; ++i) {
    const Result<ReadPosition> position = parse_position(names[i], names[count + i]);
    if (!position) return position.error();
    read.streams.push_back(position.value());
  }
  return read;
}

Result<DeleteArguments> parse_delete(StreamArguments arguments) {
  Result<std::vector<StreamId>> ids = parse_ids(arguments.subspan(2));
  if (!ids) return ids.error();
  return DeleteArguments{arguments[1], std::move(ids.value())};
}

Result<SetIdArguments> parse_set_id(StreamArguments arguments) {
  SetIdArguments setting;
  setting.key = arguments[1];
  const Result<StreamId> last = parse_id(arguments[2]);
  if (!last) return last.error();
  setting.last_id = last.value();
  for (std::size_t at = 3; at < arguments.size(); at += 2) {
    if (at + 1 == arguments.size()) return fault(errors::kSyntax);
    if (equal_ignoring_case(arguments[at], "entriesadded")) {
      const Result<std::uint64_t> added = parse_count(arguments[at + 1], errors::kEntriesAddedNegative);
      if (!added) return added.error();
      setting.entries_added = added.value();
    } else if (equal_ignoring_case(arguments[at], "maxdeletedid")) {
      const Result<StreamId> deleted = parse_id(arguments[at + 1]);
      if (!deleted) return deleted.error();
      if (setting.last_id < deleted.value()) return fault(errors::kSetIdBelowGivenMaxDeleted);
      setting.max_deleted_id.reset();
      if (deleted.value() != kMinStreamId) setting.max_deleted_id = deleted.value();
    } else {
      return fault(errors::kSyntax);
    }
  }
  return setting;
}

}  // namespace respublica

#include "server/commands/group_read_arguments.h"

#include <array>
#include <string_view>
#include <utility>

#include "protocol/error_replies.h"
#include "protocol/integer.h"
#include "server/commands/read_arguments.h"
#include "server/setting_values.h"

namespace respublica {
namespace {

Result<std::uint64_t> parse_claim_idle(std::string_view text) {
  const std::optional<std::int64_t> number = parse_integer(text);
  if (!number) return fault(errors::kClaimIdleNotAnInteger);
  if (*number < 0) return fault(errors::kClaimIdleNegative);
  return static_cast<std::uint64_t>(*number);
}

/// Reads the options until STREAMS.
class GroupReadOptions {
 public:
  GroupReadOptions(GroupReadRequest& request, StreamArguments arguments)
      : request_(request), arguments_(arguments), group_(request.reading.change) {}

  /// Reads the option at `at` and moves `at` to its last argument. STREAMS is none.
  Result<void> read(std::size_t& at) {
    const std::size_t more = arguments_.size() - 1 - at;
    const std::string_view option = arguments_[at];
    if (more > 1 && equal_ignoring_case(option, "group")) {
      group_.group = arguments_[++at];
      group_.consumer = arguments_[++at];
      group_given_ = true;
      return {};
    }
    if (equal_ignoring_case(option, "noack")) {
      group_.pending = ReadGroup::Pending::no;
      return {};
    }
    return more == 0 ? fault(errors::kSyntax) : read_number(option, arguments_[++at]);
  }

  bool group_given() const { return group_given_; }

 private:
  Result<void> read_number(std::string_view option, std::string_view value) {
    if (equal_ignoring_case(option, "block")) {
      const Result<std::chrono::milliseconds> block = parse_block(value);
      if (!block) return block.error();
      request_.block = block.value();
      return {};
    }
    if (is_read_limit(option)) return read_limit(option, value, group_.count, group_.caps);
    if (equal_ignoring_case(option, "claim")) {
      const Result<std::uint64_t> idle = parse_claim_idle(value);
      if (!idle) return idle.error();
      group_.claim_idle_ms = idle.value();
      return {};
    }
    return fault(errors::kSyntax);
  }

  GroupReadRequest& request_;
  StreamArguments arguments_;
  ReadGroup& group_;
  bool group_given_ = false;
};

/// Whence a stream is read: none for what no consumer has been given.
Result<std::optional<StreamId>> parse_after(std::string_view text) {
  if (text == ">") return std::optional<StreamId>();
  if (text == "$") return fault(errors::kReadGroupNewEntries);
  if (text == "+") return fault(errors::kReadGroupLastEntry);
  const Result<StreamId> id = parse_id(text);
  if (!id) return id.error();
  // Nothing can be pending behind the greatest ID; to Redis it is another name of `>`.
  return id.value() == kMaxStreamId ? std::nullopt : std::optional(id.value());
}

}  // namespace

Result<GroupReadRequest> parse_group_read(StreamArguments arguments) {
  GroupReadRequest request;
  ReadGroup& group = request.reading.change;
  GroupReadOptions options(request, arguments);
  std::size_t at = 1;
  for (; at < arguments.size(); ++at) {
    if (at + 1 < arguments.size() && equal_ignoring_case(arguments[at], "streams")) break;
    const Result<void> option = options.read(at);
    if (!option) return option.error();
  }
  if (at == arguments.size()) return fault(errors::kSyntax);
  const StreamArguments names = arguments.subspan(at + 1);
  if (names.size() % 2 != 0) return fault(errors::kReadGroupUnbalanced);
  if (!options.group_given()) return fault(errors::kReadGroupMissing);
  if (const Result<void> fits = check_read_limits(group.count, group.caps); !fits) return fits.error();
  const std::size_t count = names.size() / 2;
  for (std::size_t i = 0; i < count; ++i) {
    const Result<std::optional<StreamId>> after = parse_after(names[count + i]);
    group.places.push_back({std::string(names[i]), after ? after.value() : std::nullopt});
    if (after) continue;
    request.reading.fault = after.error().message;
    break;
  }
  return request;
}

}  // namespace respublica

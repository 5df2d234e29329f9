#include "server/commands/claim_arguments.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "broker/stream_id.h"
#include "protocol/error_replies.h"
#include "protocol/integer.h"
#include "server/setting_values.h"

namespace respublica {
namespace {

/// A number of XCLAIM or XAUTOCLAIM, `argument` in the sentence for when it is none.
Result<std::int64_t> parse_claim_number(std::string_view text, std::string_view command, std::string_view argument) {
  const std::optional<std::int64_t> number = parse_integer(text);
  if (!number) return Error{errors::invalid_claim_argument(command, argument)};
  return *number;
}

std::uint64_t raised(std::int64_t number) { return static_cast<std::uint64_t>(std::max<std::int64_t>(number, 0)); }

/// Reads the options of XCLAIM.
class ClaimOptions {
 public:
  ClaimOptions(ClaimEntries& claim, StreamArguments arguments) : claim_(claim), arguments_(arguments) {}

  /// Reads the option at `at` and moves `at` to its last argument.
  Result<void> read(std::size_t& at) {
    const std::string_view option = arguments_[at];
    if (equal_ignoring_case(option, "force")) {
      claim_.force = true;
    } else if (equal_ignoring_case(option, "justid")) {
      claim_.just_ids = true;
    } else if (at + 1 == arguments_.size()) {
      return unrecognized(option);
    } else {
      return read_value(option, arguments_[++at]);
    }
    return {};
  }

 private:
  static Error unrecognized(std::string_view option) {
    return Error{errors::unrecognized_command_option("XCLAIM", option)};
  }

  Result<void> read_value(std::string_view option, std::string_view value) {
    if (equal_ignoring_case(option, "lastid")) {
      const Result<StreamId> id = parse_id(value);
      if (!id) return id.error();
      claim_.last_id = id.value();
      return {};
    }
    if (equal_ignoring_case(option, "idle")) return read_number(value, "IDLE option", &ClaimOptions::set_idle);
    if (equal_ignoring_case(option, "time")) return read_number(value, "TIME option", &ClaimOptions::set_time);
    if (equal_ignoring_case(option, "retrycount")) {
      return read_number(value, "RETRYCOUNT option", &ClaimOptions::set_deliveries);
    }
    return unrecognized(option);
  }

  Result<void> read_number(std::string_view value, std::string_view name, void (ClaimOptions::*set)(std::int64_t)) {
    const Result<std::int64_t> number = parse_claim_number(value, "XCLAIM", name);
    if (!number) return number.error();
    (this->*set)(number.value());
    return {};
  }

  /// Of IDLE and TIME the last counts; a time that is none is now.
  void set_idle(std::int64_t ms) {
    claim_.idle_ms = raised(ms);
    claim_.time_ms.reset();
  }
  void set_time(std::int64_t ms) {
    claim_.idle_ms.reset();
    claim_.time_ms.reset();
    if (ms >= 0) claim_.time_ms = static_cast<std::uint64_t>(ms);
  }
  /// Negative = as if it was not given.
  void set_deliveries(std::int64_t count) {
    claim_.deliveries.reset();
    if (count >= 0) claim_.deliveries = static_cast<std::uint64_t>(count);
  }

  ClaimEntries& claim_;
  StreamArguments arguments_;
};

Result<void> read_claim(ClaimEntries& claim, StreamArguments arguments) {
  const Result<std::int64_t> idle = parse_claim_number(arguments[4], "XCLAIM", "min-idle-time");
  if (!idle) return idle.error();
  claim.min_idle_ms = raised(idle.value());
  std::size_t at = 5;
  for (; at < arguments.size(); ++at) {
    const std::optional<StreamId> id = parse_stream_id(arguments[at], 0);
    if (!id) break;
    claim.ids.push_back(*id);
  }
  ClaimOptions options(claim, arguments);
  for (; at < arguments.size(); ++at) {
    const Result<void> option = options.read(at);
    if (!option) return option.error();
  }
  return {};
}

Result<ReleaseEntries::Mode> parse_mode(std::string_view text) {
  if (equal_ignoring_case(text, "silent")) return ReleaseEntries::Mode::silent;
  if (equal_ignoring_case(text, "fail")) return ReleaseEntries::Mode::fail;
  if (equal_ignoring_case(text, "fatal")) return ReleaseEntries::Mode::fatal;
  return fault(errors::kReleaseMode);
}

/// Reads the option of XNACK at `at` and moves `at` to its last argument.
Result<void> read_release_option(ReleaseEntries& release, StreamArguments arguments, std::size_t& at) {
  const std::string_view option = arguments[at];
  const bool more = at + 1 < arguments.size();
  if (equal_ignoring_case(option, "force")) {
    release.force = true;
  } else if (more && equal_ignoring_case(option, "retrycount")) {
    const Result<std::uint64_t> count = parse_count(arguments[++at], errors::kReleaseRetrycountNegative);
    if (!count) return count.error();
    release.deliveries = count.value();
  } else if (more && equal_ignoring_case(option, "reason")) {
    release.reason = arguments[++at];
  } else if (more && equal_ignoring_case(option, "delay")) {
    const Result<std::uint64_t> delay = parse_count(arguments[++at], errors::kReleaseDelayNegative);
    if (!delay) return delay.error();
    release.delay_ms = delay.value();
  } else {
    return Error{errors::unrecognized_command_option("XNACK", option)};
  }
  return {};
}

Result<void> read_release(ReleaseEntries& release, StreamArguments arguments) {
  constexpr std::size_t kFirstId = 6;
  const Result<ReleaseEntries::Mode> mode = parse_mode(arguments[3]);
  if (!mode) return mode.error();
  release.mode = mode.value();
  if (!equal_ignoring_case(arguments[4], "ids")) return fault(errors::kReleaseIdsMissing);
  const std::optional<std::int64_t> count = parse_integer(arguments[5]);
  if (!count || *count <= 0) return fault(errors::kReleaseIdsNotPositive);
  const StreamArguments rest = arguments.subspan(kFirstId);
  if (static_cast<std::uint64_t>(*count) > rest.size()) return fault(errors::kReleaseIdsUnmatched);
  Result<std::vector<StreamId>> ids = parse_ids(rest.first(static_cast<std::size_t>(*count)));
  if (!ids) return ids.error();
  release.ids = std::move(ids.value());
  for (std::size_t at = kFirstId + release.ids.size(); at < arguments.size(); ++at) {
    const Result<void> option = read_release_option(release, arguments, at);
    if (!option) return option.error();
  }
  return {};
}

}  // namespace

GroupRequest<ClaimEntries> parse_claim(StreamArguments arguments) {
  GroupRequest<ClaimEntries> request;
  request.change.group = arguments[2];
  request.change.consumer = arguments[3];
  const Result<void> read = read_claim(request.change, arguments);
  if (!read) request.fault = read.error().message;
  return request;
}

Result<ClaimIdle> parse_claim_idle(StreamArguments arguments) {
  // Redis takes no count with which it would have to look at more entries than it can count.
  constexpr std::int64_t kMostCount = std::numeric_limits<std::int64_t>::max() / 16;
  ClaimIdle claim;
  claim.group = arguments[2];
  claim.consumer = arguments[3];
  const Result<std::int64_t> idle = parse_claim_number(arguments[4], "XAUTOCLAIM", "min-idle-time");
  if (!idle) return idle.error();
  claim.min_idle_ms = raised(idle.value());
  const Result<StreamId> from = parse_range_start(arguments[5]);
  if (!from) return from.error();
  claim.from = from.value();
  for (std::size_t at = 6; at < arguments.size(); ++at) {
    if (equal_ignoring_case(arguments[at], "justid")) {
      claim.just_ids = true;
    } else if (at + 1 < arguments.size() && equal_ignoring_case(arguments[at], "count")) {
      const std::optional<std::int64_t> count = parse_integer(arguments[++at]);
      if (!count || *count < 1 || *count > kMostCount) return fault(errors::kAutoclaimCountNotPositive);
      claim.count = static_cast<std::uint64_t>(*count);
    } else {
      return fault(errors::kSyntax);
    }
  }
  return claim;
}

GroupRequest<ReleaseEntries> parse_release(StreamArguments arguments) {
  GroupRequest<ReleaseEntries> request;
  request.change.group = arguments[2];
  const Result<void> read = read_release(request.change, arguments);
  if (!read) request.fault = read.error().message;
  return request;
}

}  // namespace respublica

#include "server/commands/group_arguments.h"

#include <optional>
#include <utility>

#include "protocol/error_replies.h"
#include "server/setting_values.h"

namespace respublica {
namespace {

/// Where the options of XGROUP CREATE and XGROUP SETID begin.
constexpr std::size_t kOptionsBegin = 5;

/// The options of XGROUP CREATE and XGROUP SETID.
struct GroupOptions {
  bool make_stream = false;
  std::optional<std::uint64_t> entries_read;
};

Error no_such_form(StreamArguments arguments) {
  return Error{errors::unknown_subcommand_or_arity("xgroup", arguments[1])};
}

/// ENTRIESREAD; -1 = not known.
Result<std::optional<std::uint64_t>> parse_entries_read(std::string_view text) {
  const Result<std::int64_t> number = parse_number(text);
  if (!number) return number.error();
  if (number.value() < -1) return fault(errors::kEntriesReadNegative);
  std::optional<std::uint64_t> entries;
  if (number.value() >= 0) entries = static_cast<std::uint64_t>(number.value());
  return entries;
}

Result<GroupOptions> parse_options(StreamArguments arguments, MissingStream missing) {
  GroupOptions options;
  for (std::size_t at = kOptionsBegin; at < arguments.size(); ++at) {
    if (missing == MissingStream::make && equal_ignoring_case(arguments[at], "mkstream")) {
      options.make_stream = true;
    } else if (equal_ignoring_case(arguments[at], "entriesread") && at + 1 < arguments.size()) {
      const Result<std::optional<std::uint64_t>> entries = parse_entries_read(arguments[++at]);
      if (!entries) return entries.error();
      options.entries_read = entries.value();
    } else {
      return no_such_form(arguments);
    }
  }
  return options;
}

/// The ID behind which the group reads, none for `$`, which is read in the change's `after`; else the fault.
template <typename Change>
void read_after(GroupRequest<Change>& request, StreamArguments arguments, std::size_t most, bool ends_of_range) {
  const std::string_view text = arguments[kOptionsBegin - 1];
  if (arguments.size() > most) {
    request.fault = no_such_form(arguments).message;
  } else if (ends_of_range && (text == "-" || text == "+")) {
    request.change.after = text == "-" ? kMinStreamId : kMaxStreamId;
  } else if (text != "$") {
    const Result<StreamId> id = parse_id(text);
    if (id) {
      request.change.after = id.value();
    } else {
      request.fault = id.error().message;
    }
  }
}

}  // namespace

Result<GroupRequest<MakeGroup>> parse_make_group(StreamArguments arguments) {
  constexpr std::size_t kMost = 8;
  const Result<GroupOptions> options = parse_options(arguments, MissingStream::make);
  if (!options) return options.error();
  GroupRequest<MakeGroup> request;
  request.change.group = arguments[3];
  request.change.entries_read = options.value().entries_read;
  if (options.value().make_stream) request.change.missing = MissingStream::make;
  read_after(request, arguments, kMost, false);
  // With MKSTREAM no stream is looked for.
  if (options.value().make_stream && !request.fault.empty()) return Error{request.fault};
  return request;
}

Result<GroupRequest<SetGroup>> parse_set_group(StreamArguments arguments) {
  constexpr std::size_t kMost = 7;
  const Result<GroupOptions> options = parse_options(arguments, MissingStream::refuse);
  if (!options) return options.error();
  GroupRequest<SetGroup> request;
  request.change.group = arguments[3];
  request.change.entries_read = options.value().entries_read;
  read_after(request, arguments, kMost, true);
  return request;
}

GroupRequest<Acknowledge> parse_acknowledge(StreamArguments arguments) {
  GroupRequest<Acknowledge> request;
  request.change.group = arguments[2];
  Result<std::vector<StreamId>> ids = parse_ids(arguments.subspan(3));
  if (!ids) {
    request.fault = ids.error().message;
  } else {
    request.change.ids = std::move(ids.value());
  }
  return request;
}

Result<std::variant<CountPending, ListPending>> parse_pending(StreamArguments arguments) {
  using Pending = std::variant<CountPending, ListPending>;
  // With a start, an end and a count; with all that there can be.
  constexpr std::size_t kFewest = 6;
  constexpr std::size_t kMost = 9;
  if (arguments.size() == 3) return Pending(CountPending{std::string(arguments[2])});
  if (arguments.size() < kFewest || arguments.size() > kMost) return fault(errors::kSyntax);
  ListPending list;
  list.group = arguments[2];
  StreamArguments rest = arguments.subspan(3);
  if (equal_ignoring_case(rest[0], "idle")) {
    const Result<std::uint64_t> idle = parse_raised_count(rest[1]);
    if (!idle) return idle.error();
    if (arguments.size() < kFewest + 2) return fault(errors::kSyntax);
    list.min_idle_ms = idle.value();
    rest = rest.subspan(2);
  }
  const Result<std::uint64_t> count = parse_raised_count(rest[2]);
  if (!count) return count.error();
  list.count = count.value();
  const Result<IdRange> range = parse_id_range(rest[0], rest[1]);
  if (!range) return range.error();
  list.range = range.value();
  // What stands behind the consumer is ignored, as in Redis.
  if (rest.size() > 3) list.consumer = rest[3];
  return Pending(std::move(list));
}

}  // namespace respublica

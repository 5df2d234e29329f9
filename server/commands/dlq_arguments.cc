#include "server/commands/dlq_arguments.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/virtual_channel.h"
#include "protocol/error_replies.h"
#include "server/setting_values.h"

namespace respublica {
namespace {

/// Behind "DLQ" and the subcommand.
constexpr std::size_t kOptionsBegin = 2;
constexpr std::uint64_t kListed = 100;

/// Reads one request, option by option.
class LetterParser {
 public:
  LetterParser(StreamArguments arguments, LetterUse use) : arguments_(arguments), use_(use) {}

  Result<LetterArguments> run() {
    std::size_t at = kOptionsBegin;
    if (at < arguments_.size() && option_named(arguments_[at]) == nullptr) dlq_ = arguments_[at++];
    while (at < arguments_.size()) {
      const Option* const option = option_named(arguments_[at++]);
      if (option == nullptr || !option->uses[static_cast<std::size_t>(use_)]) return fault(errors::kSyntax);
      const std::size_t values = std::min(option->is_list ? count_ids(at) : option->values, arguments_.size() - at);
      if (values < option->values) return fault(errors::kSyntax);
      const Result<void> read = (this->*option->read)(arguments_.subspan(at, values));
      if (!read) return read.error();
      at += values;
    }
    if (dlq_) parsed_.channel = *dlq_;
    if (is_broker_name(parsed_.channel)) return fault(errors::kBrokerName);
    if (use_ == LetterUse::discard && !parsed_.filter.any() && !all_) return fault(errors::kDiscardNeedsFilter);
    if (parsed_.to == parsed_.channel) return fault(errors::kRedriveToItself);
    if (use_ == LetterUse::list && parsed_.count == 0) parsed_.count = kListed;
    return std::move(parsed_);
  }

 private:
  using Values = StreamArguments;
  struct Option {
    std::string_view name;
    /// How many it has, at least if it is a list.
    std::size_t values;
    bool is_list;
    /// Which commands have it.
    std::array<bool, 3> uses;
    Result<void> (LetterParser::*read)(Values values);
  };

  Result<void> read_from(Values values) {
    if (dlq_) return fault(errors::kSyntax);
    return take(dlq_, values);
  }
  Result<void> read_channel(Values values) { return take(parsed_.filter.channel, values); }
  Result<void> read_group(Values values) { return take(parsed_.filter.group, values); }
  Result<void> read_reason(Values values) { return take(parsed_.filter.reason, values); }
  Result<void> read_ids(Values values) { return take(parsed_.filter.ids, values); }
  Result<void> read_origins(Values values) { return take(parsed_.filter.origins, values); }
  Result<void> read_count(Values values) { return take(parsed_.count, values, errors::kAutoclaimCountNotPositive); }
  Result<void> read_rate(Values values) { return take(parsed_.rate, values, errors::kRateNotPositive); }
  Result<void> read_after(Values values) {
    const Result<StreamId> id = parse_id(values[0]);
    if (!id) return id.error();
    parsed_.after = id.value();
    return {};
  }
  Result<void> read_to(Values values) {
    if (is_broker_name(values[0])) return fault(errors::kBrokerName);
    return take(parsed_.to, values);
  }
  Result<void> read_dry_run(Values) {
    parsed_.is_dry_run = true;
    return {};
  }
  Result<void> read_all(Values) {
    all_ = true;
    return {};
  }

  static Result<void> take(std::optional<std::string>& into, Values values) {
    into = std::string(values[0]);
    return {};
  }
  static Result<void> take(std::uint64_t& into, Values values, std::string_view not_positive) {
    const Result<std::uint64_t> number = parse_count(values[0], not_positive);
    if (!number) return number.error();
    if (number.value() == 0) return fault(not_positive);
    into = number.value();
    return {};
  }
  static Result<void> take(std::vector<StreamId>& into, Values values) {
    Result<std::vector<StreamId>> ids = parse_ids(values);
    if (!ids) return ids.error();
    into = std::move(ids.value());
    std::ranges::sort(into);
    into.erase(std::unique(into.begin(), into.end()), into.end());
    return {};
  }

  /// The first one, whatever it is, and all behind it that begin with a digit, as no option does.
  std::size_t count_ids(std::size_t at) const {
    std::size_t count = 1;
    const auto is_id = [](std::string_view text) { return !text.empty() && text[0] >= '0' && text[0] <= '9'; };
    while (at + count < arguments_.size() && is_id(arguments_[at + count])) ++count;
    return count;
  }

  /// Of any of the commands, or null.
  static const Option* option_named(std::string_view name) {
    static constexpr std::array<bool, 3> kAny{true, true, true};
    static constexpr std::array<bool, 3> kTasks{false, true, true};
    static constexpr std::array<Option, 12> kOptions{{
        {"from", 1, false, kAny, &LetterParser::read_from},
        {"channel", 1, false, kAny, &LetterParser::read_channel},
        {"group", 1, false, kAny, &LetterParser::read_group},
        {"reason", 1, false, kAny, &LetterParser::read_reason},
        {"id", 1, true, kAny, &LetterParser::read_ids},
        {"origin", 1, true, kAny, &LetterParser::read_origins},
        {"count", 1, false, kAny, &LetterParser::read_count},
        {"after", 1, false, {true, false, false}, &LetterParser::read_after},
        {"to", 1, false, {false, true, false}, &LetterParser::read_to},
        {"rate", 1, false, kTasks, &LetterParser::read_rate},
        {"dryrun", 0, false, kTasks, &LetterParser::read_dry_run},
        {"all", 0, false, kTasks, &LetterParser::read_all},
    }};
    const auto* const found =
        std::ranges::find_if(kOptions, [name](const Option& option) { return equal_ignoring_case(name, option.name); });
    return found == kOptions.end() ? nullptr : found;
  }

  StreamArguments arguments_;
  LetterUse use_;
  LetterArguments parsed_;
  /// LetterArguments::channel, once it is named.
  std::optional<std::string> dlq_;
  bool all_ = false;
};

}  // namespace

Result<LetterArguments> parse_letters(StreamArguments arguments, LetterUse use) {
  return LetterParser(arguments, use).run();
}

Result<ReleaseEntries> parse_letter_making(StreamArguments arguments) {
  constexpr std::size_t kFirstId = 4;
  constexpr std::size_t kReasonArguments = 2;
  ReleaseEntries release;
  release.group = arguments[3];
  release.mode = ReleaseEntries::Mode::dead;
  if (arguments.size() > kFirstId + kReasonArguments && equal_ignoring_case(arguments.end()[-2], "reason")) {
    release.reason = arguments.back();
    arguments = arguments.first(arguments.size() - kReasonArguments);
  }
  Result<std::vector<StreamId>> ids = parse_ids(arguments.subspan(kFirstId));
  if (!ids) return ids.error();
  release.ids = std::move(ids.value());
  return release;
}

Result<std::optional<std::string>> parse_letter_stats(StreamArguments arguments) {
  std::optional<std::string> channel;
  if (arguments.size() == kOptionsBegin) return channel;
  const bool names_channel = equal_ignoring_case(arguments[kOptionsBegin], "channel");
  if (arguments.size() != kOptionsBegin + 2 || !names_channel) return fault(errors::kSyntax);
  channel = std::string(arguments[kOptionsBegin + 1]);
  return channel;
}

}  // namespace respublica

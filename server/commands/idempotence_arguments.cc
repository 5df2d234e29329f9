#include "server/commands/idempotence_arguments.h"

#include "broker/idempotence.h"
#include "protocol/error_replies.h"
#include "server/setting_values.h"

namespace respublica {
namespace {

/// A number from 1 to `most`, once.
Result<void> read_setting(std::string_view text, std::uint32_t most, std::string_view out_of_range,
                          std::string_view twice, std::optional<std::uint32_t>& setting) {
  if (setting) return fault(twice);
  const Result<std::int64_t> number = parse_number(text);
  if (!number) return number.error();
  if (number.value() < 1 || number.value() > std::int64_t{most}) return fault(out_of_range);
  setting = static_cast<std::uint32_t>(number.value());
  return {};
}

}  // namespace

Result<bool> read_producer(StreamArguments arguments, std::size_t& at, std::optional<ProducerWords>& words) {
  const std::size_t more = arguments.size() - 1 - at;
  const bool is_auto = more >= 1 && equal_ignoring_case(arguments[at], "idmpauto");
  const bool is_named = more >= 2 && equal_ignoring_case(arguments[at], "idmp");
  if (!is_auto && !is_named) return false;
  if (words) return fault(errors::kIdempotentTwice);
  words = ProducerWords{arguments[++at], std::nullopt};
  if (words->producer.empty()) return fault(is_auto ? errors::kAutoProducerEmpty : errors::kProducerEmpty);
  if (is_auto) return true;
  words->iid = arguments[++at];
  if (words->iid->empty()) return fault(errors::kIdempotentIdEmpty);
  return true;
}

Result<StreamSettings> parse_stream_settings(StreamArguments arguments) {
  StreamSettings settings;
  for (std::size_t at = 2; at < arguments.size(); at += 2) {
    if (at + 1 == arguments.size()) return fault(errors::kSyntax);
    const std::string_view value = arguments[at + 1];
    Result<void> read;
    if (equal_ignoring_case(arguments[at], "idmp-duration")) {
      read = read_setting(value, IdempotenceLimits::kMostSeconds, errors::kIdempotenceDuration,
                          errors::kIdempotenceDurationTwice, settings.duration_s);
    } else if (equal_ignoring_case(arguments[at], "idmp-maxsize")) {
      read = read_setting(value, IdempotenceLimits::kMostIds, errors::kIdempotenceMaxsize,
                          errors::kIdempotenceMaxsizeTwice, settings.most);
    } else {
      read = fault(errors::kSyntax);
    }
    if (!read) return read.error();
  }
  if (!settings.duration_s && !settings.most) return fault(errors::kStreamSettingsMissing);
  return settings;
}

}  // namespace respublica

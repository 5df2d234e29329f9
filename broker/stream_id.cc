#include "broker/stream_id.h"

#include "base/decimal.h"

namespace respublica {
namespace {

constexpr std::uint64_t kLastPart = std::numeric_limits<std::uint64_t>::max();

}  // namespace

std::optional<StreamId> StreamId::next() const {
  if (seq != kLastPart) return StreamId{ms, seq + 1};
  if (ms != kLastPart) return StreamId{ms + 1, 0};
  return std::nullopt;
}

std::optional<StreamId> StreamId::previous() const {
  if (seq != 0) return StreamId{ms, seq - 1};
  if (ms != 0) return StreamId{ms - 1, kLastPart};
  return std::nullopt;
}

std::string format_stream_id(StreamId id) { return std::to_string(id.ms) + '-' + std::to_string(id.seq); }

std::optional<StreamId> parse_stream_id(std::string_view text, std::uint64_t missing_seq) {
  const std::size_t dash = text.find('-');
  const std::optional<std::uint64_t> ms = parse_decimal(text.substr(0, dash));
  if (!ms) return std::nullopt;
  if (dash == std::string_view::npos) return StreamId{*ms, missing_seq};
  const std::optional<std::uint64_t> seq = parse_decimal(text.substr(dash + 1));
  if (!seq) return std::nullopt;
  return StreamId{*ms, *seq};
}

}  // namespace respublica

#include "server/commands/reference_arguments.h"

#include <optional>
#include <utility>

#include "protocol/error_replies.h"
#include "protocol/integer.h"
#include "server/setting_values.h"

namespace respublica {
namespace {

/// The words that are read before the IDs themselves.
struct IdsBlock {
  References references = References::keep;
  StreamArguments ids;
};

/// Reads [KEEPREF|DELREF|ACKED] IDS numids id [id ...], the block of IDs also before the other word.
Result<IdsBlock> parse_block_of_ids(StreamArguments arguments) {
  IdsBlock block;
  bool references_given = false;
  for (std::size_t at = 0; at < arguments.size(); ++at) {
    const std::optional<References> references = parse_references(arguments[at]);
    if (references && !references_given) {
      block.references = *references;
      references_given = true;
    } else if (at + 1 < arguments.size() && equal_ignoring_case(arguments[at], "ids")) {
      const std::optional<std::int64_t> count = parse_integer(arguments[++at]);
      if (!count || *count <= 0) return fault(errors::kIdsNotPositive);
      const StreamArguments rest = arguments.subspan(at + 1);
      if (static_cast<std::uint64_t>(*count) > rest.size()) return fault(errors::kIdsUnmatched);
      block.ids = rest.first(static_cast<std::size_t>(*count));
      at += block.ids.size();
    } else {
      return fault(errors::kSyntax);
    }
  }
  if (block.ids.empty()) return fault(errors::kIdsMissing);
  return block;
}

template <typename Change>
Result<GroupRequest<Change>> parse_referenced(StreamArguments words) {
  const Result<IdsBlock> block = parse_block_of_ids(words);
  if (!block) return block.error();
  GroupRequest<Change> request;
  request.change.references = block.value().references;
  Result<std::vector<StreamId>> ids = parse_ids(block.value().ids);
  if (ids) {
    request.change.ids = std::move(ids.value());
  } else {
    request.fault = ids.error().message;
    request.change.ids.resize(block.value().ids.size());
  }
  return request;
}

}  // namespace

std::optional<References> parse_references(std::string_view word) {
  if (equal_ignoring_case(word, "keepref")) return References::keep;
  if (equal_ignoring_case(word, "delref")) return References::drop;
  if (equal_ignoring_case(word, "acked")) return References::acknowledged;
  return std::nullopt;
}

Result<GroupRequest<AcknowledgeAndDelete>> parse_acknowledge_and_delete(StreamArguments arguments) {
  Result<GroupRequest<AcknowledgeAndDelete>> request = parse_referenced<AcknowledgeAndDelete>(arguments.subspan(3));
  if (request) request.value().change.group = arguments[2];
  return request;
}

Result<GroupRequest<DeleteReferenced>> parse_delete_referenced(StreamArguments arguments) {
  return parse_referenced<DeleteReferenced>(arguments.subspan(2));
}

}  // namespace respublica

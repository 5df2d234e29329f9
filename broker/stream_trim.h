#pragma once
// Which entries of a stream a rule takes off.

#include <cstdint>

#include "base/result.h"
#include "broker/stream.h"
#include "broker/stream_reader.h"
#include "broker/stream_request.h"

namespace respublica {

/// What goes: `removed` entries, all below `first_kept`.
struct StreamCut {
  StreamId first_kept;
  std::uint64_t removed = 0;
  /// As TrimRecord has it.
  std::uint64_t part_bytes = 0;
};

/// What XTRIM takes off. Errors as StreamReader has them.
Result<StreamCut> cut_by_rule(StreamReader& reader, const Stream& stream, const TrimRule& rule);

/// What is beyond the limits; `old_before` = entries that stand before it in the log are too old. Of the number and the
/// size of entries, one in a hundred more may stay, so that not every append trims. The newest entry always stays,
/// however large it is. Errors as StreamReader has them.
Result<StreamCut> cut_by_limits(StreamReader& reader, const Stream& stream, const StreamLimits& limits,
                                LogPosition old_before);

/// cut_by_limits() may take something off; looks at no entry.
bool may_be_beyond(const Stream& stream, const StreamLimits& limits, LogPosition old_before);

}  // namespace respublica

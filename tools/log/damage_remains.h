#pragma once
// Damage, with what is left there.

#include <string_view>

#include "base/result.h"
#include "tools/log/frame_remains.h"
#include "tools/log/log_visitor.h"

namespace respublica::logtool {

/// Shows `damage` to `visitor`, with what `remains` of `payload` say of it, and then the records that are whole.
/// `place` is that of the first byte of `payload`.
Result<void> show_remains(LogVisitor& visitor, Damage damage, std::string_view payload, const FrameRemains& remains,
                          const RecordPlace& place);

/// Shows the records of `remains` that are whole.
Result<void> show_whole(LogVisitor& visitor, std::string_view payload, const FrameRemains& remains,
                        const RecordPlace& place);

}  // namespace respublica::logtool

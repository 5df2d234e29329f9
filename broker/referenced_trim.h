#pragma once
// Trimming that looks at what groups have of the entries: DELREF and ACKED of XADD and XTRIM.

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "broker/group_edit.h"

namespace respublica {

/// The entries that the rule takes off, but for those that a group has pending or has not been given yet, the smallest
/// ID first. An error when the log cannot be read.
Result<std::vector<StreamId>> acknowledged_beyond(GroupEdit& edit, const Stream& stream, const TrimRule& rule);

/// Entries of the stream below `first_kept` become pending in no group. References to entries that had gone before
/// stay. An error when the log cannot be read.
Result<void> drop_references_below(GroupEdit& edit, const Stream& stream, StreamId first_kept);

}  // namespace respublica

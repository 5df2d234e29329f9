#pragma once
// The consumer groups of a stream as bytes, for a checkpoint. docs/log-format.md describes them.

#include <memory>
#include <string>

#include "broker/group_table.h"
#include "storage/byte_codec.h"

namespace respublica {

/// Appends all that is known of the groups.
void encode_groups(const StreamGroups& groups, std::string& out);

/// Reads what encode_groups() wrote from the front of bytes that may be anything; null when they are no groups.
std::shared_ptr<StreamGroups> decode_groups(ByteReader& in);

}  // namespace respublica

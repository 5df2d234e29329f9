#pragma once
// What an operator is told about damage in the log.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "storage/log_position.h"
#include "storage/segment.h"

namespace respublica {

/// What to do about it.
inline constexpr std::string_view kSalvageHint =
    "nothing was changed: `respublica-log salvage DIR NEWDIR` copies what is whole to a new directory";

/// "the log is damaged: FILE, byte N: REASON; ... `respublica-log salvage` ...". `concerned` says whose records were
/// there.
Error damage_error(std::string_view file, std::uint64_t offset, std::string_view reason, std::string_view concerned);

/// "channels concerned: \"a\", \"b\"", of the records that still decode in the frame at `position`, where the whole
/// frames before it end; and whether there may be others. Names are those in the segment up to there.
std::string channels_concerned(const Segment& segment, std::uint64_t file_bytes, LogPosition position);

}  // namespace respublica

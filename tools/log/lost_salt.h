#pragma once
// The salt of a segment whose header is damaged.

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "storage/segment.h"

namespace respublica::logtool {

/// Sets the salt with which the frames of `segment` were written, whose base is known. It is what stands in the damaged
/// `header` if a frame has been written with that; or what the first frame tells, if both of its checksums agree. Never
/// by a frame elsewhere: its bytes could be a client's. False when it is lost; an error when the file cannot be read.
Result<bool> restore_salt(Segment& segment, std::uint64_t file_bytes, std::string_view header);

}  // namespace respublica::logtool

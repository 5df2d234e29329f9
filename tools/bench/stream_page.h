#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "tools/bench/payload_stamp.h"

namespace respublica::bench {

/// An entry whose one field is the payload. Views into the reply.
struct StreamEntry {
  std::string_view id;
  std::string_view payload;
};

/// The entries in a whole reply of XREAD on one channel, RESP2 or RESP3; none if the reply is null.
/// Error: it is another reply, or an entry has other fields; the text shows where.
Result<std::vector<StreamEntry>> entries_of(std::string_view reply, std::string_view channel);

/// What the publisher wrote at the start of the entry's payload. Throws BenchError if that, or what follows it, is not
/// there any more.
PayloadStamp stamp_of(const StreamEntry& entry);

}  // namespace respublica::bench

#pragma once
// Values in the arguments of stream commands. Every error is the whole error reply, in Redis's words.

#include <chrono>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "broker/stream_id.h"
#include "broker/stream_request.h"

namespace respublica {

/// A request. Argument 0 is the command's name; there are at least as many as the arity of the command's row wants.
/// What is read from them may hold views of them.
using StreamArguments = std::span<const std::string_view>;

/// The error that says `sentence`.
Error fault(std::string_view sentence);

/// An ID that is neither `-` nor `+`; without a sequence it gets `missing_seq`.
Result<StreamId> parse_id(std::string_view text, std::uint64_t missing_seq = 0);
/// One ID for each argument; the error is that of the first that is none.
Result<std::vector<StreamId>> parse_ids(StreamArguments arguments);

/// Where a range begins: `-`, `+`, an ID, or `(` and an ID that is itself left out.
Result<StreamId> parse_range_start(std::string_view text);
Result<IdRange> parse_id_range(std::string_view start, std::string_view end);

/// A whole number.
Result<std::int64_t> parse_number(std::string_view text);
/// A number that may not be negative, with the sentence for when it is.
Result<std::uint64_t> parse_count(std::string_view text, std::string_view negative);
/// A number of entries or of milliseconds; negative numbers are raised to 0.
Result<std::uint64_t> parse_raised_count(std::string_view text);

/// BLOCK. At most 2^42 ms, so that it can be added to a time.
Result<std::chrono::milliseconds> parse_block(std::string_view text);

}  // namespace respublica

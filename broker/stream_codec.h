#pragma once
// A stream as bytes, for a checkpoint. docs/log-format.md describes them.

#include <memory>
#include <string>

#include "broker/stream.h"
#include "storage/byte_codec.h"

namespace respublica {

void put_stream_id(std::string& out, StreamId id);
StreamId read_stream_id(ByteReader& in);

/// Appends all that is known of the stream.
void encode_stream(const Stream& stream, std::string& out);

/// Reads what encode_stream() wrote from the front of bytes that may be anything; null when they are no stream.
std::shared_ptr<Stream> decode_stream(ByteReader& in);

}  // namespace respublica

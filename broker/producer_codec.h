#pragma once
// The idempotent producers of a stream as bytes, for checkpoints.

#include <memory>
#include <string>

#include "broker/stream_producers.h"
#include "storage/byte_codec.h"

namespace respublica {

/// Appends them.
void encode_producers(const StreamProducers& producers, std::string& out);
/// Reads what encode_producers() wrote; null when the bytes are none.
std::shared_ptr<StreamProducers> decode_producers(ByteReader& in);
/// Others that are the same.
std::shared_ptr<StreamProducers> copy_of(const StreamProducers& producers);

}  // namespace respublica

#include "broker/producer_codec.h"

#include <utility>

#include "broker/stream_codec.h"
#include "storage/producer_record.h"

namespace respublica {
namespace {

bool decode_ids(ByteReader& in, StreamProducers& producers) {
  IdempotentId id;
  id.producer = read_fingerprint(in);
  const std::uint64_t count = in.varint();
  for (std::uint64_t i = 0; i < count; ++i) {
    id.iid = read_fingerprint(in);
    OriginalEntry original;
    original.id = read_stream_id(in);
    const std::uint64_t ahead_ms = in.varint();
    if (in.failed() || ahead_ms > original.id.ms) return false;
    original.added_ms = original.id.ms - ahead_ms;
    if (!producers.restore(id, original)) return false;
  }
  return !in.failed();
}

}  // namespace

void encode_producers(const StreamProducers& producers, std::string& out) {
  put_varint(out, producers.limits().duration_s);
  put_varint(out, producers.limits().most);
  put_varint(out, producers.added());
  put_varint(out, producers.duplicates());
  put_varint(out, producers.size());
  producers.for_each([&out](const Fingerprint& producer, const TrackedIds& ids) {
    put_fingerprint(out, producer);
    put_varint(out, ids.size());
    ids.for_each([&out](const Fingerprint& iid, const OriginalEntry& original) {
      put_fingerprint(out, iid);
      put_stream_id(out, original.id);
      put_varint(out, original.id.ms - original.added_ms);
    });
  });
}

std::shared_ptr<StreamProducers> decode_producers(ByteReader& in) {
  const std::uint64_t duration_s = in.varint();
  const std::uint64_t most = in.varint();
  IdempotenceLimits limits;
  if (!read_limits(duration_s, most, limits)) return nullptr;
  auto producers = std::make_shared<StreamProducers>(limits);
  const std::uint64_t added = in.varint();
  producers->restore_counts(added, in.varint());
  const std::uint64_t count = in.varint();
  for (std::uint64_t i = 0; i < count; ++i) {
    if (!decode_ids(in, *producers)) return nullptr;
  }
  return in.failed() ? nullptr : std::move(producers);
}

std::shared_ptr<StreamProducers> copy_of(const StreamProducers& producers) {
  std::string bytes;
  encode_producers(producers, bytes);
  ByteReader in(bytes);
  return decode_producers(in);
}

}  // namespace respublica

#include "storage/producer_record.h"

#include <algorithm>

namespace respublica {

using Kind = ProducerRecord::Kind;

void put_fingerprint(std::string& out, const Fingerprint& fingerprint) {
  for (const std::uint8_t byte : fingerprint.bytes) out.push_back(static_cast<char>(byte));
}

Fingerprint read_fingerprint(ByteReader& reader) {
  Fingerprint fingerprint;
  const std::string_view bytes = reader.take(Fingerprint::kBytes);
  std::ranges::copy(bytes, fingerprint.bytes.begin());
  return fingerprint;
}

void put_producer_record(std::string& out, const ProducerRecord& record) {
  out.push_back(static_cast<char>(record.kind));
  if (record.kind == Kind::limit) {
    put_varint(out, record.duration_s);
    put_varint(out, record.most);
    return;
  }
  put_fingerprint(out, record.producer);
  put_fingerprint(out, record.iid);
  put_varint(out, record.entry.high);
  put_varint(out, record.entry.low);
  put_varint(out, record.ahead_ms);
}

bool read_producer_record(ByteReader& reader, ProducerRecord& record) {
  record.kind = static_cast<Kind>(reader.fixed<std::uint8_t>());
  if (record.kind == Kind::limit) {
    record.duration_s = reader.varint();
    record.most = reader.varint();
    return !reader.failed();
  }
  if (record.kind != Kind::track) return false;
  record.producer = read_fingerprint(reader);
  record.iid = read_fingerprint(reader);
  record.entry.high = reader.varint();
  record.entry.low = reader.varint();
  record.ahead_ms = reader.varint();
  return !reader.failed() && record.ahead_ms <= record.entry.high;
}

}  // namespace respublica

#include "storage/group_record.h"

namespace respublica {
namespace {

using Kind = GroupRecord::Kind;

bool has_name(Kind kind) { return kind == Kind::make || kind == Kind::make_consumer; }
bool has_place(Kind kind) { return kind == Kind::make || kind == Kind::move; }
bool has_consumer(Kind kind) {
  return kind == Kind::make_consumer || kind == Kind::drop_consumer || kind == Kind::deliver;
}
bool is_delivery(Kind kind) { return kind == Kind::deliver || kind == Kind::give_back; }
bool has_time(Kind kind) { return is_delivery(kind) || kind == Kind::make_consumer; }
bool has_entries(Kind kind) { return is_delivery(kind) || kind == Kind::release || kind == Kind::died; }

void put_place(std::string& out, const GroupRecord& record) {
  put_varint(out, record.last_delivered.high);
  put_varint(out, record.last_delivered.low);
  out.push_back(record.entries_read ? '\1' : '\0');
  if (record.entries_read) put_varint(out, *record.entries_read);
}

void read_place(ByteReader& reader, GroupRecord& record) {
  record.last_delivered.high = reader.varint();
  record.last_delivered.low = reader.varint();
  record.entries_read.reset();
  if (reader.fixed<std::uint8_t>() != 0) record.entries_read = reader.varint();
}

/// IDs mostly grow, and have nearly the same first number.
void put_entries(std::string& out, const GroupRecord& record) {
  put_varint(out, record.entries.size());
  std::uint64_t high = 0;
  for (const GroupRecord::Entry& entry : record.entries) {
    // Modulo 2^64: a smaller one takes ten bytes.
    put_varint(out, entry.id.high - high);
    put_varint(out, entry.id.low);
    if (record.kind != Kind::release) put_varint(out, entry.deliveries);
    high = entry.id.high;
  }
}

void read_entries(ByteReader& reader, GroupRecord& record) {
  record.entries.clear();
  const std::uint64_t count = reader.varint();
  std::uint64_t high = 0;
  for (std::uint64_t i = 0; i < count && !reader.failed(); ++i) {
    GroupRecord::Entry entry;
    high += reader.varint();
    entry.id = {high, reader.varint()};
    if (record.kind != Kind::release) entry.deliveries = reader.varint();
    record.entries.push_back(entry);
  }
}

}  // namespace

void put_group_record(std::string& out, const GroupRecord& record) {
  out.push_back(static_cast<char>(record.kind));
  put_varint(out, record.group);
  if (has_consumer(record.kind)) put_varint(out, record.consumer);
  if (has_name(record.kind)) put_bytes(out, record.name);
  if (has_place(record.kind)) put_place(out, record);
  if (has_time(record.kind)) put_varint(out, record.time_ms);
  if (has_entries(record.kind)) put_entries(out, record);
}

bool read_group_record(ByteReader& reader, GroupRecord& record) {
  record.kind = static_cast<Kind>(reader.fixed<std::uint8_t>());
  if (record.kind < Kind::make || record.kind > Kind::died) return false;
  record.group = reader.varint();
  if (has_consumer(record.kind)) record.consumer = reader.varint();
  if (has_name(record.kind)) record.name = reader.bytes();
  if (has_place(record.kind)) read_place(reader, record);
  if (has_time(record.kind)) record.time_ms = reader.varint();
  if (has_entries(record.kind)) read_entries(reader, record);
  return !reader.failed();
}

}  // namespace respublica

// The body of a record, with the length and the checksum that belong to it: what is read must be within the bytes, and
// be read again as it was when it is written anew. The same bytes as fields.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "storage/byte_codec.h"
#include "storage/crc32c.h"
#include "storage/record.h"

namespace {

using respublica::FieldsReader;
using respublica::Record;
using respublica::RecordRead;

std::string written(const Record& record) {
  std::string bytes;
  respublica::RecordWriter writer(bytes);
  switch (record.kind) {
    case Record::Kind::channel:
      writer.write(record.channel);
      break;
    case Record::Kind::append:
      writer.write(record.append);
      break;
    case Record::Kind::remove:
      writer.write(record.remove);
      break;
    case Record::Kind::trim:
      writer.write(record.trim);
      break;
    case Record::Kind::counters:
      writer.write(record.counters);
      break;
    case Record::Kind::drop:
      writer.write(record.drop);
      break;
    case Record::Kind::expiry:
      writer.write(record.expiry);
      break;
    case Record::Kind::group:
      writer.write(record.group);
      break;
    case Record::Kind::producer:
      writer.write(record.producer);
      break;
  }
  return bytes;
}

void read_fields(std::string_view bytes) {
  FieldsReader reader(bytes);
  if (reader.count() > bytes.size()) std::abort();
  respublica::FieldsWriter anew(reader.count());
  for (std::size_t i = 0; i < reader.count(); ++i) {
    const FieldsReader::Field field = reader.next();
    if (field.name.size() + field.value.size() > bytes.size()) std::abort();
    anew.add(field.name, field.value);
  }
  if (!respublica::are_fields(anew.take())) std::abort();
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  Record record;
  static_cast<void>(respublica::read_record(input, record));
  static_cast<void>(respublica::read_damaged_record(input, record));
  read_fields(input);

  std::string length;
  respublica::put_fixed(length, static_cast<std::uint32_t>(size));
  length += input;
  std::string bytes;
  respublica::put_fixed(bytes, respublica::crc32c(0, length));
  bytes += length;
  const RecordRead read = respublica::read_record(bytes, record);
  if (read.status == RecordRead::Status::cut_off || read.bytes != bytes.size()) std::abort();
  if (read.status != RecordRead::Status::whole) return 0;
  if (record.kind == Record::Kind::append) read_fields(record.append.fields);
  const std::string once = written(record);
  Record again;
  if (respublica::read_record(once, again).status != RecordRead::Status::whole || written(again) != once) std::abort();
  return 0;
}

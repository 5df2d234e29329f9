#include "server/entry_encoder.h"

#include <string>

#include "protocol/reply_encoder.h"
#include "storage/record.h"
#include "tests/support/catch.h"

namespace respublica::test {
namespace {

/// Fields `f0`, `f1`... with values of `bytes` bytes.
std::string encoded_fields(std::size_t count, std::size_t bytes) {
  FieldsWriter writer(count);
  for (std::size_t i = 0; i < count; ++i) writer.add("f" + std::to_string(i), std::string(bytes, 'v'));
  return writer.take();
}

/// An entry as ReplyEncoder writes it.
void append_expected(std::string& out, StreamId id, std::string_view fields) {
  ReplyEncoder reply(out, ProtocolVersion::resp2);
  FieldsReader reader(fields);
  reply.array(2);
  reply.bulk_string(format_stream_id(id));
  reply.array(2 * reader.count());
  for (std::size_t i = 0; i < reader.count(); ++i) {
    const FieldsReader::Field field = reader.next();
    reply.bulk_string(field.name);
    reply.bulk_string(field.value);
  }
}

}  // namespace

TEST_CASE("entries are an array of their ID and their fields") {
  EntryEncoder encoder;
  FieldsWriter fields(1);
  fields.add("payload", "hello");
  encoder.add({1526919030474, 55}, fields.take());
  CHECK(encoder.take().view() == "*2\r\n$16\r\n1526919030474-55\r\n*2\r\n$7\r\npayload\r\n$5\r\nhello\r\n");
}

TEST_CASE("an entry of a virtual channel has its channel and its ID there before its fields") {
  EntryEncoder encoder;
  FieldsWriter fields(1);
  fields.add("f", "");
  const std::string encoded = fields.take();
  encoder.add(VirtualEntry{{7, 8}, "orders", {9, 0}, encoded});
  CHECK(encoder.take().view() ==
        "*2\r\n$3\r\n7-8\r\n*6\r\n$8\r\n$channel\r\n$6\r\norders\r\n$3\r\n$id\r\n$3\r\n9-0\r\n$1\r\nf\r\n$0\r\n\r\n");
}

TEST_CASE("entries of any size and ID are written whole, whatever was expected") {
  const StreamId ids[] = {{0, 1}, {9, 9}, {9, 10}, {10, 0}, {1526919030474, 99}, kMaxStreamId, kMaxStreamId, {1, 0}};
  for (const std::uint64_t expected : {0U, 1U, 8U, 1000U, 100'000'000U}) {
    for (const std::size_t bytes : {0U, 1U, 9U, 99U, 100U, 5000U}) {
      EntryEncoder encoder;
      std::string wanted;
      std::size_t count = 0;
      if (expected > 0) encoder.expect(expected, encoded_fields(1, bytes));
      for (const StreamId id : ids) {
        const std::string fields = encoded_fields(count++ % 3, bytes);
        encoder.add(id, fields);
        append_expected(wanted, id, fields);
      }
      CHECK(encoder.take().view() == wanted);
    }
  }
}

TEST_CASE("an encoder that was taken from is empty") {
  EntryEncoder encoder;
  CHECK_FALSE(encoder.take());
  encoder.add({1, 1}, encoded_fields(1, 1));
  CHECK(encoder.take());
  CHECK_FALSE(encoder.take());
  encoder.add({1, 2}, encoded_fields(0, 0));
  CHECK(encoder.take().view() == "*2\r\n$3\r\n1-2\r\n*0\r\n");
}

}  // namespace respublica::test

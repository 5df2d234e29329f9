#include "server/live_payload.h"

#include "storage/record.h"
#include "tests/support/catch.h"

using respublica::FieldsWriter;
using respublica::live_payload;

TEST_CASE("a subscriber gets the value of an entry's one field payload") {
  FieldsWriter fields(1);
  fields.add("payload", "Order \"1\"");
  const std::string encoded = fields.take();
  std::string scratch;
  CHECK(live_payload(encoded, scratch) == "Order \"1\"");
}

TEST_CASE("a subscriber gets other entries as a JSON object, in the order of the fields") {
  FieldsWriter fields(3);
  fields.add("type", "OrderPlaced");
  fields.add("payload", "a\nb");
  fields.add("type", "twice");
  const std::string encoded = fields.take();
  std::string scratch;
  CHECK(live_payload(encoded, scratch) == R"({"type":"OrderPlaced","payload":"a\u000ab","type":"twice"})");
}

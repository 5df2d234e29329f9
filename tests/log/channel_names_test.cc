#include "tools/log/channel_names.h"

#include "tests/support/catch.h"

using namespace respublica;

TEST_CASE("a name is known from its record until its channel ends") {
  logtool::ChannelNames names;
  Record record;
  record.channel = {{3}, "a\nb"};
  CHECK(names.shown({3}) == "number 3");
  names.see(record);
  CHECK(*names.find({3}) == "a\nb");
  CHECK(names.shown({3}) == "\"a\\u000ab\"");
  record.kind = Record::Kind::drop;
  record.drop = {{3}};
  names.see(record);
  CHECK(names.find({3}) == nullptr);
}

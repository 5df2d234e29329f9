#include "tools/log/json_line.h"

#include "tests/log/sample_log.h"
#include "tests/support/catch.h"

namespace respublica::test {
namespace {

std::string json(std::string_view bytes) {
  std::string out;
  append_json_bytes(out, bytes);
  return out;
}

std::string line(const Record& record) {
  logtool::ChannelNames names;
  Record name;
  name.channel = {{1}, "orders"};
  names.see(name);
  return logtool::record_line(record, {{48}, {0}, "0.log", 7, 20}, names);
}

std::string with_place(std::string_view kind, std::string_view rest) {
  return R"({"position":48,"segment":"0.log","time":7,"kind":")" + std::string(kind) +
         R"(","channel":"orders","number":1)" + std::string(rest) + "}";
}

}  // namespace

TEST_CASE("bytes that are no UTF-8 are base64, and all others text") {
  CHECK(json("gr\xc3\xbc\xc3\x9f") == "\"gr\xc3\xbc\xc3\x9f\"");
  CHECK(json(std::string_view("\0", 1)) == R"("\u0000")");
  CHECK(json("\xff") == R"({"base64":"/w=="})");
  CHECK(json("\xff\xfe") == R"({"base64":"//4="})");
  CHECK(json("\xff\xfe\xfd") == R"({"base64":"//79"})");
  CHECK(json("\xff\xfe\xfd!") == R"({"base64":"//79IQ=="})");
}

TEST_CASE("each kind of record has a line") {
  Record record;
  record.channel = {{1}, "orders"};
  CHECK(line(record) == with_place("channel", ""));
  FieldsWriter fields(2);
  fields.add("f", "v");
  fields.add("f", "\xff");
  const std::string bytes = fields.take();
  record.kind = Record::Kind::append;
  record.append = {{1}, {5, 1}, 20, bytes};
  CHECK(line(record) == with_place("append", R"(,"id":"5-1","back":20,"fields":[["f","v"],["f",{"base64":"/w=="}]])"));
  record.append.fields = "\x7f";
  CHECK(line(record) == with_place("append", R"(,"id":"5-1","back":20,"fields":null)"));
  record.kind = Record::Kind::remove;
  record.remove = {{1}, {{5, 1}, {5, 2}}};
  CHECK(line(record) == with_place("remove", R"(,"ids":["5-1","5-2"])"));
  record.kind = Record::Kind::trim;
  record.trim = {{1}, {5, 3}, 2};
  CHECK(line(record) == with_place("trim", R"(,"first_kept":"5-3","removed":2)"));
  record.kind = Record::Kind::counters;
  record.counters = {{1}, {9, 0}, {5, 2}, 12};
  CHECK(line(record) == with_place("counters", R"(,"last_id":"9-0","max_deleted_id":"5-2","entries_added":12)"));
  record.kind = Record::Kind::expiry;
  record.expiry = {{1}, 99};
  CHECK(line(record) == with_place("expiry", R"(,"at":99)"));
  record.expiry.at_ms.reset();
  CHECK(line(record) == with_place("expiry", R"(,"at":null)"));
  record.kind = Record::Kind::drop;
  record.drop = {{1}};
  CHECK(line(record) == with_place("drop", ""));
}

TEST_CASE("each change of a group has a line") {
  using Kind = GroupRecord::Kind;
  Record record;
  record.kind = Record::Kind::group;
  record.group.channel = {1};
  record.group.group = 2;
  record.group.consumer = 3;
  record.group.name = "workers";
  record.group.last_delivered = {5, 1};
  record.group.entries_read = 7;
  record.group.time_ms = 99;
  record.group.entries = {{{5, 1}, 1}, {{5, 2}, 4}};
  const auto of = [&record](Kind kind) {
    record.group.kind = kind;
    return line(record);
  };
  const auto wanted = [](std::string_view rest) { return with_place("group", rest); };
  CHECK(of(Kind::make) ==
        wanted(R"(,"change":"make","group":2,"name":"workers","last_delivered":"5-1","entries_read":7)"));
  CHECK(of(Kind::drop) == wanted(R"(,"change":"drop","group":2)"));
  CHECK(of(Kind::make_consumer) ==
        wanted(R"(,"change":"make_consumer","group":2,"consumer":3,"name":"workers","time_ms":99)"));
  CHECK(of(Kind::drop_consumer) == wanted(R"(,"change":"drop_consumer","group":2,"consumer":3)"));
  CHECK(of(Kind::deliver) ==
        wanted(R"(,"change":"deliver","group":2,"consumer":3,"time_ms":99,"entries":[["5-1",1],["5-2",4]])"));
  CHECK(of(Kind::give_back) ==
        wanted(R"(,"change":"give_back","group":2,"time_ms":99,"entries":[["5-1",1],["5-2",4]])"));
  CHECK(of(Kind::release) == wanted(R"(,"change":"release","group":2,"entries":["5-1","5-2"])"));
  CHECK(of(Kind::died) == wanted(R"(,"change":"died","group":2,"entries":[["5-1",1],["5-2",4]])"));
  record.group.entries_read.reset();
  CHECK(of(Kind::move) == wanted(R"(,"change":"move","group":2,"last_delivered":"5-1","entries_read":null)"));
  record.group.entries.clear();
  CHECK(of(Kind::release) == wanted(R"(,"change":"release","group":2,"entries":[])"));
}

TEST_CASE("a channel without a name has its number only") {
  std::string out;
  logtool::append_channel(out, {7}, {});
  CHECK(out == R"("channel":null,"number":7)");
}

TEST_CASE("what is damaged has a line") {
  logtool::Damage damage;
  damage.begin = {10};
  damage.end = {20};
  damage.reason = "it is \"broken\"";
  CHECK(
      logtool::damage_line(damage, {}) ==
      R"({"kind":"loss","begin":10,"end":20,"reason":"it is \"broken\"","kept_records":0,"channels":[],"others":true,"entries":[]})");
  damage.file = "0.log";
  damage.offset = 4106;
  damage.kept = 2;
  damage.channels = {{7}};
  damage.may_concern_others = false;
  damage.entries = {{{7}, {5, 1}}};
  CHECK(
      logtool::damage_line(damage, {}) ==
      R"({"kind":"loss","file":"0.log","offset":4106,"begin":10,"end":20,"reason":"it is \"broken\"","kept_records":2,)"
      R"("channels":[{"channel":null,"number":7}],"others":false,"entries":[{"channel":null,"number":7,"id":"5-1"}]})");
  damage.kind = logtool::Damage::Kind::tail;
  CHECK(logtool::damage_line(damage, {}) ==
        R"({"kind":"tail","file":"0.log","offset":4106,"begin":10,"end":20,"reason":"it is \"broken\""})");
}

}  // namespace respublica::test

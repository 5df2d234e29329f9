#include "server/commands/stream_arguments.h"

#include <string>

#include "tests/support/catch.h"
#include "tests/support/request_words.h"

namespace respublica {
namespace {

using Strategy = TrimRule::Strategy;
using Precision = TrimRule::Precision;

constexpr auto kMax = kMaxStreamId.ms;

template <typename Value>
Value value_of(const Result<Value>& result) {
  INFO((result ? "" : result.error().message));
  REQUIRE(result);
  return result.value();
}

/// Without the fields, which would be views of what is gone.
AddArguments add(std::string_view line) {
  AddArguments arguments = value_of(parse_add(cut(line)));
  arguments.fields = {};
  return arguments;
}
TrimRule trim(std::string_view line) { return value_of(parse_trim(cut(line))).rule; }
RangeArguments range(std::string_view line, RangeOrder order = RangeOrder::forward) {
  return value_of(parse_range(cut(line), order));
}
ReadArguments read(std::string_view line) { return value_of(parse_read(cut(line))); }
SetIdArguments set_id(std::string_view line) { return value_of(parse_set_id(cut(line))); }

}  // namespace

TEST_CASE("XADD asks for an ID, and names its fields") {
  const std::vector<std::string_view> words = cut("XADD key * f1 v1 f2 v2");
  const AddArguments plain = value_of(parse_add(words));
  CHECK(plain.key == "key");
  CHECK(plain.id == RequestedId{});
  CHECK_FALSE(plain.trim);
  CHECK(plain.make_stream);
  CHECK(std::vector(plain.fields.begin(), plain.fields.end()) == std::vector<std::string_view>{"f1", "v1", "f2", "v2"});
  CHECK(add("XADD k 5 a b").id == RequestedId{RequestedId::Kind::exact, {5, 0}});
  CHECK(add("XADD k 007-06 a b").id == RequestedId{RequestedId::Kind::exact, {7, 6}});
  CHECK(add("XADD k 18446744073709551615-18446744073709551615 a b").id ==
        RequestedId{RequestedId::Kind::exact, kMaxStreamId});
  CHECK(add("XADD k 0-* a b").id == RequestedId{RequestedId::Kind::automatic_seq, {0, 0}});
  CHECK(add("XADD k 5-* a b").id == RequestedId{RequestedId::Kind::automatic_seq, {5, 0}});
  const std::vector<std::string_view> behind_id = cut("XADD k * MAXLEN 5");
  CHECK(value_of(parse_add(behind_id)).fields.size() == 2);
}

TEST_CASE("XADD takes its options in any order and any case") {
  const AddArguments all = add("XADD k limit 7 NoMkStream maxlen ~ 1000 5-5 a b");
  CHECK_FALSE(all.make_stream);
  CHECK(all.trim == TrimRule{Strategy::maxlen, Precision::approximate, 1000, {}, 7});
  CHECK(all.id == RequestedId{RequestedId::Kind::exact, {5, 5}});
  CHECK(add("XADD k MINID = 5 * a b").trim == TrimRule{Strategy::minid, Precision::exact, 0, {5, 0}, 0});
}

TEST_CASE("a rule of trimming is a strategy, its threshold and a limit") {
  CHECK(trim("XTRIM k MAXLEN 5") == TrimRule{Strategy::maxlen, Precision::exact, 5, {}, 0});
  CHECK(trim("XTRIM k MAXLEN = 0") == TrimRule{Strategy::maxlen, Precision::exact, 0, {}, 0});
  CHECK(trim("XTRIM k maxlen ~ 5") == TrimRule{Strategy::maxlen, Precision::approximate, 5, {}, kDefaultTrimLimit});
  CHECK(trim("XTRIM k MAXLEN ~ 5 LIMIT 0") == TrimRule{Strategy::maxlen, Precision::approximate, 5, {}, 0});
  CHECK(trim("XTRIM k LIMIT 3 MINID ~ 5-6 LIMIT 4") == TrimRule{Strategy::minid, Precision::approximate, 0, {5, 6}, 4});
  CHECK(trim("XTRIM k MINID 0") == TrimRule{Strategy::minid, Precision::exact, 0, {}, 0});
}

TEST_CASE("trimming says what becomes of the references of groups") {
  CHECK(add("XADD k * a b").references == References::keep);
  CHECK(add("XADD k NOMKSTREAM acked MAXLEN 5 * a b").references == References::acknowledged);
  CHECK(add("XADD k MAXLEN ~ 5 LIMIT 3 DELREF * a b").references == References::drop);
  const TrimArguments last = value_of(parse_trim(cut("XTRIM k MAXLEN 5 DelRef")));
  CHECK(last.references == References::drop);
  CHECK(last.rule.max_entries == 5);
  CHECK(value_of(parse_trim(cut("XTRIM k KEEPREF MINID 5"))).references == References::keep);
}

TEST_CASE("a range has both its ends, an exclusive end moved inwards") {
  CHECK(range("XRANGE k - +").range == IdRange{});
  CHECK(range("XRANGE k + -").range.empty());
  CHECK(range("XRANGE k 5 6").range == IdRange{{5, 0}, {6, kMax}});
  CHECK(range("XRANGE k 5-1 6-2").range == IdRange{{5, 1}, {6, 2}});
  CHECK(range("XRANGE k (5 (6").range == IdRange{{5, 1}, {6, kMax - 1}});
  CHECK(range("XRANGE k (5-18446744073709551615 (6-0").range == IdRange{{6, 0}, {5, kMax}});
  CHECK(range("XREVRANGE k 6 (5-1", RangeOrder::backward).range == IdRange{{5, 2}, {6, kMax}});
  CHECK(range("XRANGE key - +").key == "key");
}

TEST_CASE("a range contains its ends and what is between them") {
  const IdRange five{{5, 0}, {5, kMax}};
  CHECK(five.contains({5, 0}));
  CHECK(five.contains({5, kMax}));
  CHECK_FALSE(five.contains({4, kMax}));
  CHECK_FALSE(five.contains({6, 0}));
  CHECK_FALSE(five.empty());
}

TEST_CASE("the last COUNT of a range counts, and negative ones are 0") {
  CHECK_FALSE(range("XRANGE k - +").count);
  CHECK(range("XRANGE k - + COUNT 7").count == 7);
  CHECK(range("XRANGE k - + count 7 COUNT 8").count == 8);
  CHECK(range("XRANGE k - + COUNT 0").count == 0);
  CHECK(range("XRANGE k - + COUNT -1").count == 0);
}

TEST_CASE("XREAD pairs keys and positions") {
  const ReadArguments all = read("XREAD block 0 count 5 streams a b c a 5 $ + 0-1");
  CHECK(all.count == 5);
  CHECK(all.block == std::chrono::milliseconds(0));
  REQUIRE(all.streams.size() == 4);
  CHECK(all.streams[0].key == "a");
  CHECK(all.streams[0].kind == ReadPosition::Kind::after);
  CHECK(all.streams[0].after == StreamId{5, 0});
  CHECK(all.streams[1].key == "b");
  CHECK(all.streams[1].kind == ReadPosition::Kind::new_entries);
  CHECK(all.streams[2].kind == ReadPosition::Kind::last_entry);
  CHECK(all.streams[3].key == "a");
  CHECK(all.streams[3].after == StreamId{0, 1});
}

TEST_CASE("XREAD neither waits nor counts unless it is asked to") {
  const ReadArguments plain = read("XREAD STREAMS STREAMS 0");
  CHECK(plain.count == 0);
  CHECK_FALSE(plain.block);
  CHECK(plain.streams.front().key == "STREAMS");
  CHECK(read("XREAD COUNT -5 STREAMS k 0").count == 0);
  CHECK(plain.caps == ReadCaps{});
  CHECK(read("XREAD maxsize 70 COUNT 3 MAXCOUNT 3 STREAMS k 0").caps == ReadCaps{3, 70});
  CHECK(read("XREAD MAXCOUNT 3 STREAMS k 0").count == 0);
  CHECK(read("XREAD COUNT 1 COUNT 2 BLOCK 1 BLOCK 250 STREAMS k 0").block == std::chrono::milliseconds(250));
  CHECK(read("XREAD BLOCK 9223372036854775807 STREAMS k 0").block == std::chrono::milliseconds(1LL << 42));
}

TEST_CASE("XDEL names IDs") {
  const DeleteArguments deletion = value_of(parse_delete(cut("XDEL key 5 6-7 5")));
  CHECK(deletion.key == "key");
  CHECK(deletion.ids == std::vector<StreamId>{{5, 0}, {6, 7}, {5, 0}});
}

TEST_CASE("XSETID sets the last ID, and what else it names") {
  const SetIdArguments plain = set_id("XSETID key 5-6");
  CHECK(plain.key == "key");
  CHECK(plain.last_id == StreamId{5, 6});
  CHECK_FALSE(plain.entries_added);
  CHECK_FALSE(plain.max_deleted_id);
  const SetIdArguments all = set_id("XSETID k 5 maxdeletedid 5-0 EntriesAdded 0");
  CHECK(all.entries_added == 0);
  CHECK(all.max_deleted_id == StreamId{5, 0});
  CHECK_FALSE(set_id("XSETID k 5 MAXDELETEDID 0-0").max_deleted_id);
  CHECK_FALSE(set_id("XSETID k 5 MAXDELETEDID 4 MAXDELETEDID 0").max_deleted_id);
  CHECK(set_id("XSETID k 0").last_id == kMinStreamId);
}

}  // namespace respublica

#include "tools/log/damage_text.h"

#include "tests/support/catch.h"

namespace respublica::test {
namespace {

using logtool::ChannelNames;
using logtool::Damage;
using logtool::damage_text;

Damage sample_damage() {
  Damage damage;
  damage.file = "0.log";
  damage.offset = 4106;
  damage.begin = {10};
  damage.end = {20};
  damage.reason = "it is broken";
  return damage;
}

}  // namespace

TEST_CASE("damage is told with place, reason, channels and lost entries") {
  ChannelNames names;
  Record name;
  name.channel = {{1}, "a\"b"};
  names.see(name);
  Damage damage = sample_damage();
  CHECK(damage_text(damage, names) ==
        "0.log, byte 4106, position 10 to 20: it is broken; the channels concerned cannot be known");
  damage.channels = {{1}, {2}};
  damage.entries = {{{1}, {5, 1}}};
  damage.kept = 3;
  CHECK(damage_text(damage, names) ==
        "0.log, byte 4106, position 10 to 20: it is broken; channels concerned: \"a\\\"b\", number 2; whether there "
        "are others cannot be known; lost, by what is left of them: \"a\\\"b\" 5-1; 3 records there are whole");
}

TEST_CASE("more channels than a reader wants are counted") {
  Damage damage = sample_damage();
  damage.file.clear();
  damage.may_concern_others = false;
  for (std::uint64_t i = 0; i < 20; ++i) damage.channels.push_back({i});
  const std::string text = damage_text(damage, {});
  CHECK(text.starts_with("position 10 to 20: "));
  CHECK(text.ends_with(", number 15 and 4 more"));
}

TEST_CASE("a tail and a flaw are told from a loss") {
  Damage damage = sample_damage();
  damage.kind = Damage::Kind::tail;
  CHECK(damage_text(damage, {}).starts_with("0.log, byte 4106, position 10 to 20: not damage: 10 bytes of a frame"));
  damage.kind = Damage::Kind::flaw;
  damage.end = damage.begin;
  CHECK(damage_text(damage, {}) == "0.log, byte 4106, position 10: it is broken; no record is lost by this");
}

TEST_CASE("bytes are shown in units that can be read") {
  CHECK(logtool::shown_bytes(1023) == "1023 bytes");
  CHECK(logtool::shown_bytes(1536) == "1.5 KiB");
  CHECK(logtool::shown_bytes(64ULL << 20) == "64.0 MiB");
  CHECK(logtool::shown_bytes(5000ULL << 40) == "5000.0 TiB");
}

}  // namespace respublica::test

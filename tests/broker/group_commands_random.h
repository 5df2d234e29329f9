#pragma once
// Commands of streams and consumer groups by chance, which often hit the same few of them.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/broker/durable_commands.h"
#include "tests/support/seeded_random.h"

namespace respublica::test {

class RandomGroupCommands {
 public:
  explicit RandomGroupCommands(SeededRandom& random) : random_(random) {}

  DurableCommand next() {
    std::string channel = random_.percent(70) ? "s" : "t";
    const std::uint64_t kind = random_.below(100);
    if (kind < 25) return append(std::move(channel));
    if (kind < 45) return {{}, read()};
    if (kind < 55) return {std::move(channel), Acknowledge{group(), ids(4)}};
    if (kind < 62) return {std::move(channel), claim()};
    if (kind < 67) return {std::move(channel), claim_idle()};
    if (kind < 73) return {std::move(channel), release()};
    if (kind < 80) return admin(std::move(channel));
    if (kind < 90) return removal(std::move(channel));
    return report(std::move(channel));
  }
  /// Dead letters of one group.
  LetterFilter letters() {
    LetterFilter filter;
    filter.channel = random_.percent(70) ? "s" : "t";
    filter.group = group();
    if (random_.percent(20)) filter.reason = random_.percent(50) ? "rejected" : "max-deliveries";
    if (random_.percent(30)) filter.origins = ids(6);
    std::ranges::sort(filter.origins);
    return filter;
  }

 private:
  std::string group() { return random_.percent(80) ? "g" : "h"; }
  std::string consumer() { return std::string(1, static_cast<char>('a' + random_.below(3))); }
  StreamId id() { return {1 + random_.below(kGreatestMs), random_.below(2)}; }
  std::vector<StreamId> ids(std::uint64_t most) {
    std::vector<StreamId> ids;
    for (std::uint64_t count = 1 + random_.below(most); count > 0; --count) ids.push_back(id());
    return ids;
  }
  template <typename Value>
  std::optional<Value> perhaps(std::uint64_t percent, Value value) {
    return random_.percent(percent) ? std::optional(value) : std::nullopt;
  }
  References references() { return static_cast<References>(random_.below(3)); }

  DurableCommand append(std::string channel) {
    const std::string value(random_.below(300), 'v');
    // IDs that are often hit: the next ones of small milliseconds, and few of the clock.
    const StreamId exact{1 + random_.below(kGreatestMs), random_.below(2)};
    return add(std::move(channel), random_.percent(3) ? "*" : format_stream_id(exact), value);
  }

  ReadGroup read() {
    ReadGroup read;
    read.group = group();
    read.consumer = consumer();
    for (const char* const channel : {"s", "t"}) {
      if (random_.percent(60)) read.places.push_back({channel, perhaps(25, id())});
    }
    if (read.places.empty()) read.places.push_back({"s", std::nullopt});
    if (random_.percent(70)) read.count = 1 + random_.below(4);
    if (random_.percent(10)) read.caps.entries = 1 + random_.below(6);
    if (random_.percent(10)) read.caps.bytes = 1 + random_.below(900);
    if (random_.percent(15)) read.pending = ReadGroup::Pending::no;
    read.claim_idle_ms = perhaps(25, random_.below(20));
    return read;
  }

  ClaimEntries claim() {
    ClaimEntries claim;
    claim.group = group();
    claim.consumer = consumer();
    claim.ids = ids(5);
    claim.min_idle_ms = random_.below(20);
    claim.idle_ms = perhaps(20, random_.below(30));
    if (!claim.idle_ms) claim.time_ms = perhaps(20, 1000 + random_.below(500));
    claim.deliveries = perhaps(20, random_.below(9));
    claim.last_id = perhaps(5, id());
    claim.force = random_.percent(20);
    claim.just_ids = random_.percent(20);
    return claim;
  }

  ClaimIdle claim_idle() {
    return {group(),
            consumer(),
            random_.below(20),
            random_.percent(60) ? StreamId{} : id(),
            1 + random_.below(4),
            random_.percent(20)};
  }

  ReleaseEntries release() {
    ReleaseEntries release;
    release.group = group();
    release.ids = ids(4);
    release.mode = static_cast<ReleaseEntries::Mode>(random_.below(3));
    if (random_.percent(10)) release.mode = ReleaseEntries::Mode::dead;
    release.deliveries = perhaps(20, random_.below(9));
    release.force = random_.percent(20);
    release.delay_ms = perhaps(10, random_.below(20));
    if (random_.percent(30)) release.reason = "bad";
    return release;
  }

  DurableCommand admin(std::string channel) {
    const auto place = [this] { return random_.percent(60) ? std::optional(StreamId{}) : perhaps(50, id()); };
    switch (random_.below(10)) {
      case 0:
        return {std::move(channel), DropGroup{group()}};
      case 1:
        return {std::move(channel), SetGroup{group(), place(), perhaps(50, random_.below(30))}};
      case 2:
        return {std::move(channel), MakeConsumer{group(), consumer()}};
      case 3:
        return {std::move(channel), DropConsumer{group(), consumer()}};
      default:
        break;
    }
    const auto missing = random_.percent(80) ? MissingStream::make : MissingStream::refuse;
    return {std::move(channel), MakeGroup{group(), place(), perhaps(30, random_.below(30)), missing}};
  }

  DurableCommand removal(std::string channel) {
    const std::uint64_t kind = random_.below(100);
    if (kind < 30) return remove(std::move(channel), ids(3));
    if (kind < 50) return {std::move(channel), DeleteReferenced{ids(3), references()}};
    if (kind < 70) return {std::move(channel), AcknowledgeAndDelete{group(), ids(3), references()}};
    if (kind < 85) return trim(std::move(channel), maxlen(random_.below(12)));
    if (kind < 90) return drop(std::move(channel));
    return set_id(std::move(channel), id(), perhaps(50, random_.below(40)), perhaps(20, id()));
  }

  DurableCommand report(std::string channel) {
    switch (random_.below(5)) {
      case 0:
        return {std::move(channel), CountPending{group()}};
      case 1:
        return {
            std::move(channel),
            ListPending{group(), random_.below(20), {id(), kMaxStreamId}, random_.below(6), perhaps(50, consumer())}};
      case 2:
        return {std::move(channel), ShowGroups{}};
      case 3:
        return {std::move(channel), ShowConsumers{group()}};
      default:
        return {std::move(channel), ShowGroupsInFull{random_.below(4)}};
    }
  }

  static constexpr std::uint64_t kGreatestMs = 40;

  SeededRandom& random_;
};

}  // namespace respublica::test

#pragma once
// Commands of consumer groups, and what they answer, in few words.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/durable_command.h"
#include "broker/stream_id.h"
#include "storage/record.h"
#include "tests/broker/durable_commands.h"

namespace respublica::test {

/// "1-0" or "1".
inline StreamId id_of(std::string_view text) { return parse_stream_id(text, 0).value(); }

/// "1-0 2-0".
inline std::vector<StreamId> ids_of(std::string_view text) {
  std::vector<StreamId> ids;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    ids.push_back(id_of(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return ids;
}

/// "1-0 2-0", and so on.
inline std::string ids_up_to(int count) {
  std::string ids;
  for (int i = 1; i <= count; ++i) ids += (i == 1 ? "" : " ") + std::to_string(i) + "-0";
  return ids;
}

/// `after` is an ID or "$".
inline std::optional<StreamId> place_of(std::string_view after) {
  return after == "$" ? std::nullopt : std::optional(id_of(after));
}

inline DurableCommand make_group(std::string_view after = "0", std::optional<std::uint64_t> entries_read = {},
                                 MissingStream missing = MissingStream::make) {
  return {"s", MakeGroup{"g", place_of(after), entries_read, missing}};
}
inline DurableCommand set_group(std::string_view after, std::optional<std::uint64_t> entries_read = {}) {
  return {"s", SetGroup{"g", place_of(after), entries_read}};
}

/// XREADGROUP GROUP g `consumer` STREAMS s >.
inline DurableCommand read_new(std::string consumer, std::uint64_t count = 0) {
  ReadGroup read;
  read.group = "g";
  read.consumer = std::move(consumer);
  read.count = count;
  read.places = {{"s", std::nullopt}};
  return {{}, std::move(read)};
}
/// The same with an ID.
inline DurableCommand read_pending(std::string consumer, std::string_view after = "0", std::uint64_t count = 0) {
  DurableCommand command = read_new(std::move(consumer), count);
  std::get<ReadGroup>(command.change).places[0].after = id_of(after);
  return command;
}
inline DurableCommand read_claiming(std::string consumer, std::uint64_t idle_ms, std::uint64_t count = 0) {
  DurableCommand command = read_new(std::move(consumer), count);
  std::get<ReadGroup>(command.change).claim_idle_ms = idle_ms;
  return command;
}

inline DurableCommand acknowledge(std::string_view ids, std::string group = "g") {
  return {"s", Acknowledge{std::move(group), ids_of(ids)}};
}
inline DurableCommand acknowledge_and_delete(std::string_view ids, References references) {
  return {"s", AcknowledgeAndDelete{"g", ids_of(ids), references}};
}
inline DurableCommand delete_referenced(std::string_view ids, References references) {
  return {"s", DeleteReferenced{ids_of(ids), references}};
}

inline DurableCommand claim(std::string consumer, std::string_view ids, std::uint64_t min_idle_ms = 0) {
  ClaimEntries claim;
  claim.group = "g";
  claim.consumer = std::move(consumer);
  claim.ids = ids_of(ids);
  claim.min_idle_ms = min_idle_ms;
  return {"s", std::move(claim)};
}
/// The options of a claim(), to be changed.
inline ClaimEntries& options(DurableCommand& command) { return std::get<ClaimEntries>(command.change); }

inline DurableCommand claim_idle(std::string consumer, std::uint64_t min_idle_ms, std::string_view from = "0",
                                 std::uint64_t count = 100) {
  return {"s", ClaimIdle{"g", std::move(consumer), min_idle_ms, id_of(from), count, false}};
}

inline DurableCommand give_back(std::string_view ids, ReleaseEntries::Mode mode = ReleaseEntries::Mode::fail) {
  ReleaseEntries release;
  release.group = "g";
  release.ids = ids_of(ids);
  release.mode = mode;
  return {"s", std::move(release)};
}

/// So many entries of s, 1-0 and so on, which have died in the group g.
inline std::vector<DurableCommand> dead_entries(int count) {
  std::vector<DurableCommand> commands;
  for (int i = 1; i <= count; ++i) commands.push_back(add("s", std::to_string(i) + "-0"));
  commands.push_back(make_group());
  commands.push_back(read_new("c"));
  commands.push_back(give_back(ids_up_to(count), ReleaseEntries::Mode::fatal));
  return commands;
}

inline DurableCommand list_pending(std::optional<std::string> consumer = {}, std::uint64_t min_idle_ms = 0,
                                   IdRange range = {}, std::uint64_t count = 1000) {
  return {"s", ListPending{"g", min_idle_ms, range, count, std::move(consumer)}};
}

inline std::string show(const GivenEntries& given) {
  std::string shown;
  for (const GivenEntries::Entry& entry : given.entries) {
    if (!shown.empty()) shown += ' ';
    shown += format_stream_id(entry.id);
    if (entry.begin) shown += '=' + std::string(FieldsReader(given.fields_of(entry)).next().value);
  }
  return shown;
}

inline std::string show(const GroupReading& reading) {
  std::string shown;
  for (const GroupReading::Channel& channel : reading.channels) {
    if (!shown.empty()) shown += ", ";
    shown += channel.name + ": " + show(channel.given);
    if (!channel.claiming) continue;
    for (const GivenEntries::Entry& entry : channel.given.entries) {
      shown += " (" + std::to_string(entry.idle_ms) + ' ' + std::to_string(entry.deliveries) + ')';
    }
  }
  return shown.empty() ? "nothing" : shown;
}

inline std::string show(const ClaimedEntries& claimed) {
  std::string shown = show(claimed.given);
  if (claimed.next != kMinStreamId) shown += " next " + format_stream_id(claimed.next);
  for (const StreamId id : claimed.gone) shown += " gone " + format_stream_id(id);
  return shown;
}

inline std::string show(const PendingSummary& summary) {
  std::string shown =
      std::to_string(summary.count) + ' ' + format_stream_id(summary.first) + ' ' + format_stream_id(summary.last);
  for (const auto& [name, count] : summary.consumers) shown += ' ' + name + '=' + std::to_string(count);
  return shown;
}

/// "1-0 c 10 1": ID, consumer, idle milliseconds, deliveries.
inline std::string show(const PendingDetails& details) {
  std::string shown;
  for (const PendingDetail& entry : details.entries) {
    if (!shown.empty()) shown += ", ";
    shown += format_stream_id(entry.id) + ' ' + (entry.consumer.empty() ? "nobody" : entry.consumer) + ' ' +
             (entry.idle_ms ? std::to_string(*entry.idle_ms) : "-1") + ' ' + std::to_string(entry.deliveries);
  }
  return shown;
}

inline std::string show(const std::optional<std::uint64_t>& number) {
  return number ? std::to_string(static_cast<std::int64_t>(*number)) : "?";
}

inline std::string show(const ConsumerDetail& consumer) {
  std::string shown = consumer.name + ' ' + std::to_string(consumer.pending) + " seen " +
                      std::to_string(consumer.seen_ms) + " active " + show(consumer.active_ms);
  for (const ConsumerDetail::Pending& entry : consumer.entries) {
    shown += " [" + format_stream_id(entry.id) + ' ' + std::to_string(entry.delivered_ms) + ' ' +
             std::to_string(entry.deliveries) + ']';
  }
  return shown;
}

inline std::string show(const ConsumerDetails& details) {
  std::string shown;
  for (const ConsumerDetail& consumer : details.consumers) {
    if (!shown.empty()) shown += ", ";
    shown += show(consumer);
  }
  return shown;
}

/// "g: 1 consumers, 2 pending, at 2-0, read 2, lag 0".
inline std::string show(const GroupDetails& details) {
  std::string shown;
  for (const GroupDetail& group : details.groups) {
    if (!shown.empty()) shown += "; ";
    shown += group.name + ": " + std::to_string(group.consumers) + " consumers, " + std::to_string(group.pending) +
             " pending, at " + format_stream_id(group.last_delivered) + ", read " + show(group.entries_read) +
             ", lag " + show(group.lag);
    for (const GroupDetail::Pending& entry : group.entries) {
      shown += " [" + format_stream_id(entry.id) + ' ' + entry.consumer + ' ' + std::to_string(entry.delivered_ms) +
               ' ' + std::to_string(entry.deliveries) + ']';
    }
    for (const ConsumerDetail& member : group.members) shown += " {" + show(member) + '}';
  }
  return shown;
}

/// What a log keeps of groups: all but when consumers asked for something.
inline GroupDetails without_times(GroupDetails details) {
  for (GroupDetail& group : details.groups) {
    for (ConsumerDetail& member : group.members) {
      member.seen_ms = 0;
      member.active_ms.reset();
    }
  }
  return details;
}

inline std::string show(const EntryFates& fates) {
  std::string shown;
  for (const EntryFates::Fate fate : fates.fates) {
    if (!shown.empty()) shown += ' ';
    shown += std::to_string(static_cast<int>(fate));
  }
  return shown;
}

inline std::string show(const LetterFates& fates) {
  return std::to_string(fates.moved) + " moved, " + std::to_string(fates.added) + " added, " +
         std::to_string(fates.skipped) + " skipped";
}

inline std::string show(const MissingGroup& missing) { return "no group " + missing.group + " of " + missing.channel; }

/// What a command of groups answered: the refusal, the answer, or the count.
inline std::string show(const DurableOutcome& outcome) {
  if (!outcome.detail.empty()) return outcome.detail;
  if (outcome.groups) return std::visit([](const auto& answer) { return show(answer); }, *outcome.groups);
  if (outcome.refusal == Refusal::no_such_stream) return "no stream";
  if (outcome.refusal == Refusal::group_exists) return "group exists";
  if (outcome.refusal != Refusal::none) return "refused";
  return std::to_string(outcome.count);
}

}  // namespace respublica::test

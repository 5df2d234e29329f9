#include <algorithm>
#include <vector>

#include "broker/dead_letters.h"
#include "broker/entry_departure.h"
#include "broker/referenced_trim.h"
#include "broker/stream_batch.h"

// What a batch takes off streams.

namespace respublica {

Result<std::uint64_t> StreamBatch::erase(const Stream& stream, std::vector<StreamId> ids) {
  std::ranges::sort(ids);
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  std::vector<StreamId> present;
  GivenEntries letters;
  GivenEntries* const wanted = is_dlq(stream.name()) ? &letters : nullptr;
  for (const StreamId id : ids) {
    const Result<bool> exists = group_edit_.read(stream, id, wanted);
    if (!exists) return exists.error();
    if (exists.value()) present.push_back(id);
  }
  if (present.empty()) return 0;
  for (const GivenEntries::Entry& entry : letters.entries) {
    const std::optional<DeadLetter> letter = DeadLetter::read(letters.fields_of(entry));
    if (letter) remember_deaths(group_edit_, *letter);
  }
  erase_present(stream, present);
  return present.size();
}

void StreamBatch::erase_present(const Stream& stream, const std::vector<StreamId>& ids, std::string_view event) {
  DeleteRecord record{stream.number(), {}};
  for (const StreamId id : ids) record.ids.push_back(to_entry_key(id));
  change(stream, record);
  note(KeyEventClass::stream, event, stream.name());
}

Result<std::uint64_t> StreamBatch::trim(const Stream& stream, const TrimRule& rule, References references) {
  const bool is_plain = references == References::keep || groups_.find(stream.number()) == nullptr;
  if (!is_plain && references == References::acknowledged) return trim_acknowledged(stream, rule);
  const Result<StreamCut> cut = cut_by_rule(reader_, stream, rule);
  if (!is_plain && cut && cut.value().removed > 0) {
    const Result<void> dropped = drop_references_below(group_edit_, stream, cut.value().first_kept);
    if (!dropped) return dropped.error();
  }
  return take_off(stream, cut);
}

Result<std::uint64_t> StreamBatch::trim_acknowledged(const Stream& stream, const TrimRule& rule) {
  const Result<std::vector<StreamId>> ids = acknowledged_beyond(group_edit_, stream, rule);
  if (!ids) return ids.error();
  if (ids.value().empty()) return 0;
  erase_present(stream, ids.value(), "xtrim");
  return ids.value().size();
}

Result<std::uint64_t> StreamBatch::limit(const Stream& stream, const StreamLimits& limits) {
  const LogPosition old_before = times_.written_by(now_ms_ - std::min(now_ms_, limits.age_ms));
  const Result<StreamCut> cut = cut_by_limits(reader_, stream, limits, old_before);
  if (!cut || cut.value().removed == 0 || !makes_letters(stream)) return take_off(stream, cut);
  return take_off_wanted(stream, cut.value().first_kept, DeathReason::maxlen);
}

bool StreamBatch::makes_letters(const Stream& stream) {
  const StreamGroups* const groups = groups_.find(stream.number());
  if (groups == nullptr || groups->all().empty()) return false;
  const GroupRule* const rule = rule_of(stream.name());
  return rule != nullptr && rule->dlq_trimmed && !is_dlq(stream.name());
}

Result<std::uint64_t> StreamBatch::take_off_wanted(const Stream& stream, StreamId first_kept, DeathReason reason) {
  StreamGroups* const groups = groups_.find(stream.number());
  const GroupRule* const rule = rule_of(stream.name());
  const bool buries = groups != nullptr && rule != nullptr && !is_dlq(stream.name());
  GivenEntries buried;
  if (buries) {
    Result<Departure> departure = departure_of_front(reader_, stream, groups->all().size(), first_kept);
    if (!departure) return departure.error();
    first_kept = departure.value().first_kept;
    buried = std::move(departure.value().entries);
  }
  TrimRule below;
  below.strategy = TrimRule::Strategy::minid;
  below.min_id = first_kept;
  // It is known what goes before anything is changed.
  const Result<StreamCut> cut = cut_by_rule(reader_, stream, below);
  if (cut && buries) {
    const Result<void> done = bury_wanted(group_edit_, stream, *groups, buried, *rule, reason);
    if (!done) return done.error();
  }
  return take_off(stream, cut);
}

DurableOutcome StreamBatch::run(const std::string& channel, const ExpireEntries& command) {
  const Stream* const stream = find(channel);
  const DurableRule* const rule = durable_rule_of(channel);
  if (stream == nullptr || rule == nullptr) return {};
  const Result<std::uint64_t> removed =
      take_off_wanted(*stream, rule->entries.first_alive(command.now_ms), DeathReason::expired);
  if (!removed) return refused(Refusal::log_unreadable, removed.error().message);
  if (removed.value() > 0) wake(channel);
  const Stream& left = *find(channel);
  const Result<StreamId> oldest = group_edit_.first_id(left);
  if (!oldest) return refused(Refusal::log_unreadable, oldest.error().message);
  DurableOutcome outcome = counted(removed.value());
  if (left.length() > 0) outcome.id = oldest.value();
  return outcome;
}

Result<std::uint64_t> StreamBatch::take_off(const Stream& stream, const Result<StreamCut>& cut) {
  if (!cut) return cut.error();
  const auto& [first_kept, removed, part_bytes] = cut.value();
  if (removed == 0) return removed;
  change(stream, TrimRecord{stream.number(), to_entry_key(first_kept), removed, part_bytes});
  note(KeyEventClass::stream, "xtrim", stream.name());
  return removed;
}

}  // namespace respublica

#include "broker/dead_letters.h"

#include <algorithm>
#include <cassert>
#include <optional>
#include <utility>
#include <vector>

#include "base/json_text.h"
#include "broker/stream_batch.h"
#include "broker/virtual_channel.h"

namespace respublica {
namespace {

/// What is told of each death.
constexpr std::string_view kAdvisoryChannel = "$events:dlq";

using Provenance = std::vector<std::pair<std::string_view, std::string>>;

/// `group` is null for an entry that no group has.
Provenance provenance_of(const Stream& stream, const ConsumerGroup* group, const PendingEntry& pending,
                         DeathReason reason, std::string_view detail, std::uint64_t now_ms) {
  const Consumer* const consumer = group == nullptr ? nullptr : group->find_consumer(pending.consumer);
  const bool is_delivered = !pending.order.is_given_back() && !pending.order.is_delayed();
  const auto number = [](std::uint64_t value) { return std::to_string(value); };
  return {{letter_field::kReason, std::string(name_of(reason))},
          {letter_field::kDetail, std::string(detail.substr(0, kMostDetail))},
          {letter_field::kChannel, stream.name()},
          {letter_field::kId, format_stream_id(pending.id)},
          {letter_field::kGroup, group == nullptr ? std::string() : group->name()},
          {letter_field::kConsumer, consumer == nullptr ? std::string() : consumer->name},
          {letter_field::kDeliveries, number(shown_deliveries(pending.deliveries))},
          {letter_field::kPublishedMs, number(pending.id.ms)},
          {letter_field::kFirstDeliveredMs, number(pending.first_delivered_ms)},
          {letter_field::kLastDeliveredMs, number(is_delivered ? pending.order.ms() : 0)},
          {letter_field::kDeadMs, number(now_ms)},
          {letter_field::kDeaths, number((group == nullptr ? 0 : group->deaths_of(pending.id)) + 1)}};
}

/// `original`: the fields of the entry; none when it is gone from its channel.
std::string letter_of(const Provenance& provenance, std::optional<std::string_view> original) {
  FieldsReader fields(original.value_or(std::string_view()));
  FieldsWriter letter(provenance.size() + (original ? fields.count() : 1));
  for (const auto& [name, value] : provenance) letter.add(name, value);
  if (!original) letter.add(letter_field::kPayload, letter_field::kMissing);
  for (std::size_t i = 0; i < fields.count(); ++i) {
    const FieldsReader::Field field = fields.next();
    letter.add(field.name, field.value);
  }
  return letter.take();
}

/// A JSON object of the provenance, and where the letter is.
std::string advisory_of(const Provenance& provenance, std::string_view dlq) {
  std::string text = "{\"dlq\":";
  append_json_string(text, dlq);
  for (const auto& [name, value] : provenance) {
    text += ',';
    append_json_string(text, name);
    text += ':';
    append_json_string(text, value);
  }
  FieldsWriter payload(1);
  payload.add("payload", text + '}');
  return payload.take();
}

/// An error, and nothing has changed, when the letter cannot be appended.
Result<void> send(StreamBatch& batch, DeathReason reason, const std::string& dlq, const Provenance& provenance,
                  std::optional<std::string_view> original) {
  if (Result<void> may = may_append_letters(batch, dlq, 1); !may) return may;
  [[maybe_unused]] const bool added = batch.append_own(dlq, letter_of(provenance, original));
  assert(added);
  ++batch.dead_letter_counts().written[static_cast<std::size_t>(reason)];
  batch.announce(std::string(kAdvisoryChannel), advisory_of(provenance, dlq));
  return {};
}

}  // namespace

Result<void> bury(GroupEdit& edit, const GroupEdit::Place& place, StreamId id, const GroupRule& rule,
                  DeathReason reason, std::string_view detail) {
  GivenEntries entry;
  const Result<bool> exists = edit.read(*place.stream, id, &entry);
  if (!exists) {
    ++edit.batch().dead_letter_counts().failed;
    return exists.error();
  }
  std::optional<std::string_view> original;
  if (exists.value()) original = entry.fields_of(entry.entries.front());
  const Result<KeyOrder*> order = edit.key_order(place);
  if (!order) return order.error();
  const Result<void> sent =
      send(edit.batch(), reason, rule.dlq_of(place.stream->name(), place.group->name()),
           provenance_of(*place.stream, place.group, *place.group->pending().find(id), reason, detail, edit.now_ms()),
           original);
  if (!sent) return sent;
  const bool holds = rule.on_dead == GroupRule::OnDead::hold && order.value() != nullptr && order.value()->knows(id);
  if (!holds) {
    edit.release(place, {id});
    return {};
  }
  GroupRecord held;
  held.kind = GroupRecord::Kind::give_back;
  held.time_ms = ClaimOrder::held().ms();
  held.entries.push_back({to_entry_key(id), kFatalDeliveries});
  edit.change(place, std::move(held));
  return {};
}

Result<void> may_append_letters(StreamBatch& batch, const std::string& dlq, std::uint64_t letters) {
  if (batch.has_ids_left(dlq, letters)) return {};
  ++batch.dead_letter_counts().failed;
  return Error{"no ID is left in the channel of dead letters '" + dlq + "'"};
}

void remember_deaths(GroupEdit& edit, const DeadLetter& letter) {
  if (is_broker_name(letter.channel())) return;
  const GroupEdit::Place place = edit.find(letter.channel(), letter.group());
  if (place.group == nullptr || place.group->pending().find(letter.id()) == nullptr) return;
  GroupRecord record;
  record.kind = GroupRecord::Kind::died;
  record.entries = {{to_entry_key(letter.id()), std::max(letter.deaths(), place.group->deaths_of(letter.id()))}};
  edit.change(place, std::move(record));
}

Result<void> bury_copy(StreamBatch& batch, const Stream& stream, const ConsumerGroup* group, const LetterOf& entry,
                       const GroupRule& rule, DeathReason reason) {
  const PendingEntry* const found = group == nullptr ? nullptr : group->pending().find(entry.id);
  PendingEntry pending;
  pending.id = entry.id;
  if (found != nullptr) pending = *found;
  return send(batch, reason, rule.dlq_of(stream.name(), group == nullptr ? std::string_view() : group->name()),
              provenance_of(stream, group, pending, reason, {}, batch.now_ms()), entry.fields);
}

}  // namespace respublica

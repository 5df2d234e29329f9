#include "broker/dead_letters.h"

#include <optional>
#include <utility>
#include <vector>

#include "base/json_text.h"
#include "broker/stream_batch.h"

namespace respublica {
namespace {

/// What is told of each death.
constexpr std::string_view kAdvisoryChannel = "$events:dlq";

std::string_view name_of(DeathReason reason) {
  switch (reason) {
    case DeathReason::rejected:
      return "rejected";
    case DeathReason::expired:
      return "expired";
    case DeathReason::maxlen:
      return "maxlen";
    case DeathReason::undelivered:
      return "undelivered";
    case DeathReason::max_deliveries:
      break;
  }
  return "max-deliveries";
}

using Provenance = std::vector<std::pair<std::string_view, std::string>>;

/// `group` is null for an entry that no group has.
Provenance provenance_of(const Stream& stream, const ConsumerGroup* group, const PendingEntry& pending,
                         DeathReason reason, std::string_view detail, std::uint64_t now_ms) {
  const Consumer* const consumer = group == nullptr ? nullptr : group->find_consumer(pending.consumer);
  const bool is_delivered = !pending.order.is_given_back() && !pending.order.is_delayed();
  const auto number = [](std::uint64_t value) { return std::to_string(value); };
  return {{"dlq.reason", std::string(name_of(reason))},
          {"dlq.detail", std::string(detail.substr(0, kMostDetail))},
          {"dlq.channel", stream.name()},
          {"dlq.id", format_stream_id(pending.id)},
          {"dlq.group", group == nullptr ? std::string() : group->name()},
          {"dlq.consumer", consumer == nullptr ? std::string() : consumer->name},
          {"dlq.deliveries", number(shown_deliveries(pending.deliveries))},
          {"dlq.published-ms", number(pending.id.ms)},
          {"dlq.first-delivered-ms", number(pending.first_delivered_ms)},
          {"dlq.last-delivered-ms", number(is_delivered ? pending.order.ms() : 0)},
          {"dlq.dead-ms", number(now_ms)}};
}

/// `original`: the fields of the entry; none when it is gone from its channel.
std::string letter_of(const Provenance& provenance, std::optional<std::string_view> original) {
  FieldsReader fields(original.value_or(std::string_view()));
  FieldsWriter letter(provenance.size() + (original ? fields.count() : 1));
  for (const auto& [name, value] : provenance) letter.add(name, value);
  if (!original) letter.add("dlq.payload", "missing");
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

void send(StreamBatch& batch, const std::string& dlq, const Provenance& provenance,
          std::optional<std::string_view> original) {
  AppendEntry letter;
  letter.fields = letter_of(provenance, original);
  letter.live = AppendEntry::Live::deliver;
  batch.append_own(dlq, std::move(letter));
  batch.tell(std::string(kAdvisoryChannel), advisory_of(provenance, dlq));
}

}  // namespace

Result<void> bury(GroupEdit& edit, const GroupEdit::Place& place, StreamId id, const GroupRule& rule,
                  DeathReason reason, std::string_view detail) {
  GivenEntries entry;
  const Result<bool> exists = edit.read(*place.stream, id, &entry);
  if (!exists) return exists.error();
  std::optional<std::string_view> original;
  if (exists.value()) original = entry.fields_of(entry.entries.front());
  const Result<KeyOrder*> order = edit.key_order(place);
  if (!order) return order.error();
  send(edit.batch(), rule.dlq_of(place.stream->name(), place.group->name()),
       provenance_of(*place.stream, place.group, *place.group->pending().find(id), reason, detail, edit.now_ms()),
       original);
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

void bury_copy(StreamBatch& batch, const Stream& stream, const ConsumerGroup* group, const LetterOf& entry,
               const GroupRule& rule, DeathReason reason) {
  const PendingEntry* const found = group == nullptr ? nullptr : group->pending().find(entry.id);
  PendingEntry pending;
  pending.id = entry.id;
  if (found != nullptr) pending = *found;
  send(batch, rule.dlq_of(stream.name(), group == nullptr ? std::string_view() : group->name()),
       provenance_of(stream, group, pending, reason, {}, batch.now_ms()), entry.fields);
}

}  // namespace respublica

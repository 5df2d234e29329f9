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

std::string_view name_of(DeathReason reason) { return reason == DeathReason::rejected ? "rejected" : "max-deliveries"; }

using Provenance = std::vector<std::pair<std::string_view, std::string>>;

Provenance provenance_of(const GroupEdit::Place& place, const PendingEntry& pending, DeathReason reason,
                         std::string_view detail, std::uint64_t now_ms) {
  const Consumer* const consumer = place.group->find_consumer(pending.consumer);
  const bool is_delivered = !pending.order.is_given_back() && !pending.order.is_delayed();
  const auto number = [](std::uint64_t value) { return std::to_string(value); };
  return {{"dlq.reason", std::string(name_of(reason))},
          {"dlq.detail", std::string(detail.substr(0, kMostDetail))},
          {"dlq.channel", place.stream->name()},
          {"dlq.id", format_stream_id(pending.id)},
          {"dlq.group", place.group->name()},
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

}  // namespace

Result<void> bury(GroupEdit& edit, const GroupEdit::Place& place, StreamId id, const GroupRule& rule,
                  DeathReason reason, std::string_view detail) {
  GivenEntries entry;
  const Result<bool> exists = edit.read(*place.stream, id, &entry);
  if (!exists) return exists.error();
  const Provenance provenance = provenance_of(place, *place.group->pending().find(id), reason, detail, edit.now_ms());
  const std::string dlq = rule.dlq_of(place.stream->name(), place.group->name());
  std::optional<std::string_view> original;
  if (exists.value()) original = entry.fields_of(entry.entries.front());
  edit.batch().append_own(dlq, letter_of(provenance, original));
  edit.batch().tell(std::string(kAdvisoryChannel), advisory_of(provenance, dlq));
  edit.release(place, {id});
  return {};
}

}  // namespace respublica

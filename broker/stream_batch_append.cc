#include <cassert>

#include "broker/entry_timers.h"
#include "broker/stream_batch.h"

// How a batch adds entries, each once.

namespace respublica {
namespace {

/// The ID that an entry gets, or why none.
struct NewId {
  StreamId id;
  Refusal refusal = Refusal::none;
};

NewId exactly(StreamId id, StreamId last) { return id > last ? NewId{id} : NewId{{}, Refusal::id_too_small}; }

NewId new_id(const RequestedId& requested, StreamId last, std::uint64_t now_ms) {
  if (last == kMaxStreamId) return {{}, Refusal::ids_exhausted};
  if (requested.kind == RequestedId::Kind::exact) return exactly(requested.id, last);
  const std::uint64_t ms = requested.kind == RequestedId::Kind::automatic ? now_ms : requested.id.ms;
  if (ms > last.ms) return {StreamId{ms, 0}};
  if (ms < last.ms && requested.kind == RequestedId::Kind::automatic_seq) return {{}, Refusal::id_too_small};
  const StreamId next = last.next().value_or(kMaxStreamId);
  // `ms-*` with no sequence left in that millisecond.
  if (requested.kind == RequestedId::Kind::automatic_seq && next.ms != ms) return {{}, Refusal::id_too_small};
  return {next};
}

DurableOutcome already_added(StreamId id) {
  DurableOutcome outcome;
  outcome.id = id;
  outcome.duplicate = true;
  return outcome;
}

}  // namespace

DurableOutcome StreamBatch::run(const std::string& channel, const AppendEntry& command) {
  const Stream* found = find(channel);
  if (found == nullptr && command.missing == MissingStream::refuse) return {};
  if (const OriginalEntry* const original = found == nullptr ? nullptr : original_of(*found, command)) {
    return already_added(original->id);
  }
  if (const auto due_ms = command.timing.due_ms(now_ms_)) return add_later(channel, command, *due_ms);
  const NewId id = new_id(command.id, found != nullptr ? found->last_id() : kMinStreamId, now_ms_);
  if (id.refusal != Refusal::none) return refused(id.refusal);
  Stream& stream = found != nullptr ? edit(*found) : make(channel);

  AppendRecord record{stream.number(), to_entry_key(id.id), 0, command.fields};
  record.back = stream.windows().back_from(position_ + frame_.size());
  [[maybe_unused]] const bool applied = stream.apply(record, position_ + frame_.add(record));
  assert(applied);
  if (command.idempotent) track(stream, command, id.id);
  if (command.live == AppendEntry::Live::deliver) live_.push_back({channel, id.id, command.fields, commands_});
  note(KeyEventClass::stream, "xadd", channel);
  const StreamGroups* const groups = groups_.find(stream.number());
  if (groups != nullptr) wake(channel);
  act_on_new(group_edit_, stream, id.id, command);
  DurableOutcome outcome;
  outcome.id = id.id;
  // The entry is in; that the older ones cannot be read now is no reason to refuse it.
  if (command.trim) {
    const Result<std::uint64_t> trimmed = trim(stream, *command.trim, command.references);
    if (!trimmed) outcome.detail = trimmed.error().message;
  }
  // What groups may want is taken off by a commit of its own.
  if (command.limits.any() && (groups == nullptr || !makes_letters(stream))) {
    const Result<std::uint64_t> limited = limit(stream, command.limits);
    if (!limited) outcome.detail = limited.error().message;
  }
  return outcome;
}

DurableOutcome StreamBatch::add_later(const std::string& channel, const AppendEntry& command, std::uint64_t due_ms) {
  const DurableOutcome waiting = delay_entry(group_edit_, channel, command, due_ms);
  if (!command.idempotent || !waiting.id) return waiting;
  const Stream* const found = find(channel);
  track(found != nullptr ? edit(*found) : make(channel), command, *waiting.id);
  return waiting;
}

const OriginalEntry* StreamBatch::original_of(const Stream& stream, const AppendEntry& command) {
  if (!command.idempotent) return nullptr;
  StreamProducers* const producers = producers_.find(stream.number());
  if (producers == nullptr) return nullptr;
  const OriginalEntry* const original = producers->find(*command.idempotent, now_ms_);
  if (original != nullptr) producers->count_duplicate();
  return original;
}

void StreamBatch::track(const Stream& stream, const AppendEntry& command, StreamId id) {
  if (producers_.find(stream.number()) == nullptr) limit_producers(stream, command.idempotence);
  ProducerRecord record;
  record.channel = stream.number();
  record.kind = ProducerRecord::Kind::track;
  record.producer = command.idempotent->producer;
  record.iid = command.idempotent->iid;
  record.entry = to_entry_key(id);
  // The time is not that of the ID, which may be far ahead: nothing would ever be tracked no more.
  record.ahead_ms = id.ms - now_ms_;
  change_producers(record);
}

void StreamBatch::limit_producers(const Stream& stream, const IdempotenceLimits& limits) {
  ProducerRecord record;
  record.channel = stream.number();
  record.kind = ProducerRecord::Kind::limit;
  record.duration_s = limits.duration_s;
  record.most = limits.most;
  change_producers(record);
}

void StreamBatch::change_producers(const ProducerRecord& record) {
  frame_.add(record);
  [[maybe_unused]] const bool applied = producers_.apply(record);
  assert(applied);
}

DurableOutcome StreamBatch::run(const std::string& channel, const LimitIdempotence& command) {
  const Stream* const stream = find(channel);
  if (stream == nullptr) return refused(Refusal::no_such_stream);
  const StreamProducers* const producers = producers_.find(stream->number());
  IdempotenceLimits limits = producers == nullptr ? command.idempotence : producers->limits();
  limits.duration_s = command.duration_s.value_or(limits.duration_s);
  limits.most = command.most.value_or(limits.most);
  if (producers != nullptr && producers->limits() == limits) return {};
  limit_producers(*stream, limits);
  touch(*stream);
  return {};
}

DurableOutcome StreamBatch::run(const std::string& channel, const ShowProducers& command) {
  const Stream* const stream = find(channel);
  if (stream == nullptr) return refused(Refusal::no_such_stream);
  ProducerDetails details;
  details.limits = command.idempotence;
  if (StreamProducers* const producers = producers_.find(stream->number())) {
    const StreamProducers::Counts counts = producers->count(now_ms_);
    details = {producers->limits(), counts.producers, counts.ids, producers->added(), producers->duplicates()};
  }
  DurableOutcome outcome;
  outcome.producers = std::make_shared<const ProducerDetails>(details);
  return outcome;
}

}  // namespace respublica

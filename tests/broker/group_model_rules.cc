// What becomes of entries that nobody processes, and of their dead letters.

#include <algorithm>
#include <iterator>
#include <set>
#include <tuple>
#include <utility>

#include "tests/broker/durable_commands.h"
#include "tests/broker/group_model.h"

namespace respublica::test {
namespace {

/// Fields of a letter that stand before those of the entry.
constexpr std::ptrdiff_t kProvenance = 12;

bool admits(const LetterFilter& filter, const std::map<std::string, std::string>& letter) {
  const auto holds = [&letter](const std::optional<std::string>& wanted, const std::string& name) {
    return !wanted || *wanted == letter.at(name);
  };
  const auto is_wanted = [&letter](StreamId id) { return format_stream_id(id) == letter.at("dlq.id"); };
  return holds(filter.channel, "dlq.channel") && holds(filter.group, "dlq.group") &&
         holds(filter.reason, "dlq.reason") &&
         (filter.origins.empty() || std::ranges::any_of(filter.origins, is_wanted));
}

}  // namespace

const GroupRule* GroupModel::rule(const std::string& channel) const {
  const auto found = rules_.find(channel);
  return found == rules_.end() ? nullptr : &found->second;
}

bool GroupModel::exhausted(const std::string& channel, std::uint64_t deliveries) const {
  const GroupRule* const by = rule(channel);
  return by != nullptr && by->max_deliveries != 0 && deliveries >= by->max_deliveries;
}

bool GroupModel::last_chance(const std::string& channel, std::uint64_t deliveries) const {
  return exhausted(channel, deliveries + 1) && !exhausted(channel, deliveries);
}

void GroupModel::die(const std::string& channel, const std::string& group_name, StreamId id, const std::string& reason,
                     const std::string& detail) {
  const ModelStream& from = streams_.at(channel);
  ModelGroup& of = *group(channel, group_name);
  const ModelPending pending = of.pending.at(id);
  FieldList fields = {{"dlq.reason", reason},
                      {"dlq.detail", detail},
                      {"dlq.channel", channel},
                      {"dlq.id", format_stream_id(id)},
                      {"dlq.group", group_name},
                      {"dlq.consumer", pending.consumer},
                      {"dlq.deliveries", std::to_string(pending.deliveries)},
                      {"dlq.published-ms", std::to_string(id.ms)},
                      {"dlq.first-delivered-ms", std::to_string(pending.first_delivered_ms)},
                      {"dlq.last-delivered-ms", std::to_string(pending.delivered_ms)},
                      {"dlq.dead-ms", std::to_string(now_ms_)},
                      {"dlq.deaths", std::to_string(pending.deaths + 1)}};
  const auto entry = from.entries.find(id);
  if (entry == from.entries.end()) fields.emplace_back("dlq.payload", "missing");
  if (entry != from.entries.end()) std::ranges::copy(field_list(entry->second), std::back_inserter(fields));
  of.pending.erase(id);
  const std::string dlq = (rule(channel) == nullptr ? GroupRule() : *rule(channel)).dlq_of(channel, group_name);
  add(dlq, next_id(dlq), encoded(fields));
}

bool GroupModel::sweep(std::uint64_t now_ms) {
  now_ms_ = now_ms;
  std::vector<std::pair<std::string, std::string>> places;
  for (const auto& [channel, stream] : streams_) {
    for (const auto& [name, group] : stream.groups) places.emplace_back(channel, name);
  }
  bool any = false;
  for (const auto& [channel, group_name] : places) any |= sweep(channel, group_name);
  return any;
}

bool GroupModel::sweep(const std::string& channel, const std::string& group_name) {
  ModelGroup& of = *group(channel, group_name);
  // Those whose delay is over come first, then what was given back, then what a consumer has had for too long.
  std::vector<std::tuple<int, std::uint64_t, StreamId>> due;
  for (const auto& [id, pending] : of.pending) {
    const bool is_exhausted = exhausted(channel, pending.deliveries);
    if (pending.due_ms != 0) {
      if (pending.due_ms <= now_ms_) due.emplace_back(0, pending.due_ms, id);
    } else if (is_exhausted && pending.consumer.empty()) {
      due.emplace_back(1, pending.given_back, id);
    } else if (is_exhausted && pending.delivered_ms + ms_of(rule(channel)->ack_wait) <= now_ms_) {
      due.emplace_back(2, pending.delivered_ms, id);
    }
  }
  std::ranges::sort(due);
  for (const auto& [rank, order, id] : due) {
    if (exhausted(channel, of.pending[id].deliveries)) {
      die(channel, group_name, id, "max-deliveries", "");
    } else {
      give_back(of, of.pending[id], 0);
    }
  }
  return !due.empty();
}

LetterFates GroupModel::move(const std::string& dlq, MoveLetters::Act act, const LetterFilter& filter,
                             std::uint64_t now_ms) {
  now_ms_ = now_ms;
  LetterFates fates;
  if (stream(dlq) == nullptr) return fates;
  std::set<std::string> added;
  for (const auto& [id, fields] : std::map(stream(dlq)->entries)) {
    const FieldList all = field_list(fields);
    const std::map<std::string, std::string> letter(all.begin(), all.begin() + kProvenance);
    if (!admits(filter, letter)) continue;
    const std::string entry = letter.at("dlq.channel") + ' ' + letter.at("dlq.id");
    Moved moved = Moved::moved;
    if (act == MoveLetters::Act::redrive) moved = redrive(letter, fields, added.contains(entry));
    if (moved == Moved::added) added.insert(entry);
    if (moved != Moved::skipped) erase(*stream(dlq), id);
    ++(moved == Moved::skipped ? fates.skipped : moved == Moved::added ? fates.added : fates.moved);
  }
  return fates;
}

GroupModel::Moved GroupModel::redrive(const std::map<std::string, std::string>& letter, const std::string& fields,
                                      bool is_added) {
  const std::string& channel = letter.at("dlq.channel");
  ModelGroup* const of = group(channel, letter.at("dlq.group"));
  if (of == nullptr) return Moved::skipped;
  const StreamId id = parse_stream_id(letter.at("dlq.id"), 0).value();
  if (stream(channel)->entries.contains(id)) {
    ModelPending& pending = of->pending[id];
    if (!pending.consumer.empty()) return Moved::skipped;
    pending.deliveries = 0;
    pending.deaths = std::max<std::uint64_t>(pending.deaths, std::stoull(letter.at("dlq.deaths")));
    give_back(*of, pending, 0);
    return Moved::moved;
  }
  const FieldList all = field_list(fields);
  FieldList original(all.begin() + kProvenance, all.end());
  if (original.front().first == "dlq.payload") return Moved::skipped;
  if (is_added) return Moved::moved;
  const auto is_origin = [](const auto& field) { return field.first == "dlq.redriven-from"; };
  if (std::ranges::none_of(original, is_origin)) original.emplace_back("dlq.redriven-from", letter.at("dlq.id"));
  add(channel, next_id(channel), encoded(original));
  return Moved::added;
}

}  // namespace respublica::test

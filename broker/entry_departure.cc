#include "broker/entry_departure.h"

#include <algorithm>
#include <map>
#include <string>

namespace respublica {
namespace {

bool is_full(const Departure& departure, std::size_t groups) {
  const std::size_t letters = std::max<std::size_t>(groups, 1);
  return departure.entries.entries.size() * letters >= kLettersAtOnce ||
         departure.entries.fields.size() * letters >= kLetterEntryBytes;
}

/// The group has it pending, or has not been given it yet.
bool wants(const ConsumerGroup& group, StreamId id) {
  return group.pending().find(id) != nullptr || id > group.last_delivered();
}

}  // namespace

Result<Departure> departure_of_front(StreamReader& reader, const Stream& stream, std::size_t groups,
                                     StreamId first_kept) {
  Departure departure;
  departure.first_kept = first_kept;
  const Result<void> read = reader.forward(stream, {}, [&](const StoredEntry& entry) {
    if (entry.id >= first_kept) return false;
    if (is_full(departure, groups)) {
      departure.first_kept = entry.id;
      return false;
    }
    give(departure.entries, entry);
    return true;
  });
  if (!read) return read.error();
  return departure;
}

Result<Departure> departure_of(StreamReader& reader, const Stream& stream, std::size_t groups,
                               const std::vector<StreamId>& ids) {
  Departure departure;
  for (const StreamId id : ids) {
    if (is_full(departure, groups)) break;
    const Result<void> read = reader.forward(stream, {id, id}, [&departure](const StoredEntry& entry) {
      give(departure.entries, entry);
      return false;
    });
    if (!read) return read.error();
    ++departure.looked;
  }
  return departure;
}

Result<void> bury_wanted(GroupEdit& edit, const Stream& stream, StreamGroups& groups, const GivenEntries& entries,
                         const GroupRule& rule, DeathReason reason) {
  std::map<std::string, std::uint64_t> letters;
  for (const auto& [name, group] : groups.all()) {
    const auto wanted = [&of = group](const GivenEntries::Entry& entry) { return wants(of, entry.id); };
    const auto count = static_cast<std::uint64_t>(std::ranges::count_if(entries.entries, wanted));
    if (count > 0) letters[rule.dlq_of(stream.name(), name)] += count;
  }
  for (const auto& [dlq, count] : letters) {
    if (Result<void> may = may_append_letters(edit.batch(), dlq, count); !may) return may;
  }
  for (auto& [name, group] : groups.all()) {
    std::vector<StreamId> pending;
    for (const GivenEntries::Entry& entry : entries.entries) {
      if (!wants(group, entry.id)) continue;
      const LetterOf one{entry.id, entries.fields_of(entry)};
      if (Result<void> buried = bury_copy(edit.batch(), stream, &group, one, rule, reason); !buried) return buried;
      if (group.pending().find(entry.id) != nullptr) pending.push_back(entry.id);
    }
    edit.release({&stream, &group}, pending);
  }
  return {};
}

}  // namespace respublica

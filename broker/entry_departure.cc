#include "broker/entry_departure.h"

#include <algorithm>

namespace respublica {
namespace {

bool is_full(const Departure& departure, std::size_t groups) {
  const std::size_t letters = std::max<std::size_t>(groups, 1);
  return departure.entries.entries.size() * letters >= kLettersAtOnce ||
         departure.entries.fields.size() * letters >= kLetterEntryBytes;
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
  for (auto& [name, group] : groups.all()) {
    std::vector<StreamId> pending;
    for (const GivenEntries::Entry& entry : entries.entries) {
      const bool is_pending = group.pending().find(entry.id) != nullptr;
      if (!is_pending && entry.id <= group.last_delivered()) continue;
      const LetterOf one{entry.id, entries.fields_of(entry)};
      if (Result<void> buried = bury_copy(edit.batch(), stream, &group, one, rule, reason); !buried) return buried;
      if (is_pending) pending.push_back(entry.id);
    }
    edit.release({&stream, &group}, pending);
  }
  return {};
}

}  // namespace respublica

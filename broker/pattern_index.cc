#include "broker/pattern_index.h"

#include <algorithm>

#include "broker/glob_pattern.h"

namespace respublica {
namespace {

void erase_from(std::vector<PatternIndex::Entry>& entries, const Topic& pattern) {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [&](const PatternIndex::Entry& entry) { return entry.pattern == &pattern; });
  *found = entries.back();
  entries.pop_back();
}

void try_each(const std::vector<PatternIndex::Entry>& entries, std::string_view channel,
              std::vector<PatternIndex::Entry>& matches) {
  for (const PatternIndex::Entry& entry : entries) {
    if (glob_match(entry.pattern->name(), channel)) matches.push_back(entry);
  }
}

}  // namespace

PatternIndex::Backwards::Backwards(std::string_view text) : size_(std::min(text.size(), kMaxEnd)) {
  std::reverse_copy(text.end() - static_cast<std::ptrdiff_t>(size_), text.end(), bytes_.begin());
}

void PatternIndex::Group::insert(Entry entry) {
  if (!by_end) {
    undivided.push_back(entry);
    if (undivided.size() <= kMaxUndivided) return;
    by_end = std::make_unique<BackwardTree>();
    const Entries entries = std::move(undivided);
    undivided = Entries();
    for (const Entry& each : entries) insert(each);
    return;
  }
  (*by_end)[Backwards(literal_ends(entry.pattern->name()).suffix).view()].push_back(entry);
}

void PatternIndex::Group::erase(const Topic& pattern) {
  if (!by_end) {
    erase_from(undivided, pattern);
    return;
  }
  by_end->change(Backwards(literal_ends(pattern.name()).suffix).view(),
                 [&](Entries& entries) { erase_from(entries, pattern); });
  if (by_end->empty()) by_end.reset();
}

void PatternIndex::insert(Topic& pattern) {
  const std::string prefix = literal_ends(pattern.name()).prefix.substr(0, kMaxEnd);
  by_beginning_[prefix].insert(Entry{inserted_++, &pattern});
}

void PatternIndex::erase(const Topic& pattern) {
  const std::string prefix = literal_ends(pattern.name()).prefix.substr(0, kMaxEnd);
  by_beginning_.change(prefix, [&](Group& group) { group.erase(pattern); });
}

void PatternIndex::match(std::string_view channel, std::vector<Entry>& matches) const {
  by_beginning_.for_each_prefix_of(channel, [&](const Group& group) {
    if (!group.by_end) {
      try_each(group.undivided, channel, matches);
      return;
    }
    const Backwards backwards(channel);
    group.by_end->for_each_prefix_of(backwards.view(),
                                     [&](const Entries& entries) { try_each(entries, channel, matches); });
  });
  if (matches.size() > 1) {
    std::sort(matches.begin(), matches.end(), [](const Entry& a, const Entry& b) { return a.order < b.order; });
  }
}

}  // namespace respublica

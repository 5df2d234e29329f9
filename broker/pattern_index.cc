#include "broker/pattern_index.h"

#include <algorithm>
#include <utility>

#include "broker/glob_pattern.h"

namespace respublica {

PatternIndex::Backwards::Backwards(std::string_view text) : size_(std::min(text.size(), kMaxEnd)) {
  std::reverse_copy(text.end() - static_cast<std::ptrdiff_t>(size_), text.end(), bytes_.begin());
}

void PatternIndex::Group::insert(IndexedPattern pattern) {
  if (by_end) {
    (*by_end)[Backwards(glob_literals(pattern.pattern->name()).suffix).view()].insert(pattern);
    return;
  }
  undivided.push_back(pattern);
  if (undivided.size() <= kMaxUndivided) return;
  by_end = std::make_unique<BackwardTree>();
  const std::vector<IndexedPattern> patterns = std::exchange(undivided, {});
  for (const IndexedPattern& each : patterns) insert(each);
}

void PatternIndex::Group::erase(const Topic& pattern) {
  if (by_end) {
    by_end->change(Backwards(glob_literals(pattern.name()).suffix).view(),
                   [&](PatternCandidates& candidates) { candidates.erase(pattern); });
    if (by_end->empty()) by_end.reset();
    return;
  }
  std::erase_if(undivided, [&](const IndexedPattern& each) { return each.pattern == &pattern; });
}

void PatternIndex::Group::match(std::string_view channel, std::vector<IndexedPattern>& matches) const {
  for (const IndexedPattern& each : undivided) {
    if (glob_match(each.pattern->name(), channel)) matches.push_back(each);
  }
  if (!by_end) return;
  const Backwards backwards(channel);
  by_end->for_each_prefix_of(backwards.view(),
                             [&](const PatternCandidates& candidates) { candidates.match(channel, matches); });
}

void PatternIndex::insert(Topic& pattern) {
  const std::string prefix = glob_literals(pattern.name()).prefix.substr(0, kMaxEnd);
  by_beginning_[prefix].insert({inserted_++, &pattern});
}

void PatternIndex::erase(const Topic& pattern) {
  const std::string prefix = glob_literals(pattern.name()).prefix.substr(0, kMaxEnd);
  by_beginning_.change(prefix, [&](Group& group) { group.erase(pattern); });
}

void PatternIndex::match(std::string_view channel, std::vector<IndexedPattern>& matches) const {
  by_beginning_.for_each_prefix_of(channel, [&](const Group& group) { group.match(channel, matches); });
  if (matches.size() < 2) return;
  const auto by_order = [](const IndexedPattern& a, const IndexedPattern& b) { return a.order < b.order; };
  const auto same = [](const IndexedPattern& a, const IndexedPattern& b) { return a.order == b.order; };
  std::sort(matches.begin(), matches.end(), by_order);
  matches.erase(std::unique(matches.begin(), matches.end(), same), matches.end());
}

}  // namespace respublica

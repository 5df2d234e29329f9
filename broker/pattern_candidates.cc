#include "broker/pattern_candidates.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "broker/glob_pattern.h"

namespace respublica {
namespace {

constexpr std::size_t kFour = 4;

std::uint32_t four_at(const char* bytes) {
  std::uint32_t four;
  std::memcpy(&four, bytes, sizeof(four));
  return four;
}

void try_each(const std::vector<IndexedPattern>& patterns, std::string_view channel,
              std::vector<IndexedPattern>& matches) {
  for (const IndexedPattern& each : patterns) {
    if (glob_match(each.pattern->name(), channel)) matches.push_back(each);
  }
}

bool erase_from(std::vector<IndexedPattern>& patterns, const Topic& pattern) {
  const auto found = std::find_if(patterns.begin(), patterns.end(),
                                  [&](const IndexedPattern& each) { return each.pattern == &pattern; });
  if (found == patterns.end()) return false;
  *found = patterns.back();
  patterns.pop_back();
  return true;
}

}  // namespace

void PatternCandidates::insert(IndexedPattern pattern) {
  if (divided()) {
    insert_divided(pattern);
    return;
  }
  rest_.push_back(pattern);
  if (rest_.size() <= kMaxUndivided) return;
  const List patterns = std::exchange(rest_, {});
  for (const IndexedPattern& each : patterns) insert_divided(each);
}

void PatternCandidates::insert_divided(IndexedPattern pattern) {
  const std::string middle = glob_literals(pattern.pattern->name()).middle;
  if (middle.size() < kFour) {
    rest_.push_back(pattern);
    return;
  }
  if (!by_four_) by_four_ = std::make_unique<Fours>();
  std::uint32_t rarest = 0;
  std::size_t fewest = SIZE_MAX;
  for (std::size_t i = 0; i + kFour <= middle.size() && fewest > 0; ++i) {
    const std::uint32_t four = four_at(middle.data() + i);
    const auto found = by_four_->find(four);
    const std::size_t taken = found == by_four_->end() ? 0 : found->second.size();
    if (taken < fewest) {
      fewest = taken;
      rarest = four;
    }
  }
  (*by_four_)[rarest].push_back(pattern);
}

void PatternCandidates::erase(const Topic& pattern) {
  if (by_four_) {
    const std::string middle = glob_literals(pattern.name()).middle;
    for (std::size_t i = 0; i + kFour <= middle.size(); ++i) {
      const auto found = by_four_->find(four_at(middle.data() + i));
      if (found == by_four_->end() || !erase_from(found->second, pattern)) continue;
      if (found->second.empty()) by_four_->erase(found);
      if (by_four_->empty()) by_four_.reset();
      return;
    }
  }
  erase_from(rest_, pattern);
}

void PatternCandidates::match(std::string_view channel, std::vector<IndexedPattern>& matches) const {
  try_each(rest_, channel, matches);
  if (!by_four_) return;
  for (std::size_t i = 0; i + kFour <= channel.size(); ++i) {
    const auto found = by_four_->find(four_at(channel.data() + i));
    if (found != by_four_->end()) try_each(found->second, channel, matches);
  }
}

}  // namespace respublica

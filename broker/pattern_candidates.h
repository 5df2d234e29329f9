#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "broker/topic.h"

namespace respublica {

/// A pattern in a PatternIndex.
struct IndexedPattern {
  /// Grows with each insert: the order in which messages are delivered.
  std::uint64_t order;
  Topic* pattern;
};

/// Patterns that have to be tried byte by byte, one after the other; unless they have become many, then by four bytes
/// in their middle that a channel must have:
///
///     news.*.1234.*, news.*.77.*, ...     ".123" -> [news.*.1234.*]     ".77." -> [news.*.77.*]     rest: [news.*.1.*]
///
/// Of the fours of a pattern, that one is taken which the fewest others have taken.
///
/// Thread: its owner's; match() may run on several threads while nobody changes it.
class PatternCandidates {
 public:
  /// A pattern that is not among them.
  void insert(IndexedPattern pattern);
  /// A pattern that is among them.
  void erase(const Topic& pattern);
  bool empty() const { return rest_.empty() && !by_four_; }

  /// Appends those that match, in no order, maybe more than once.
  void match(std::string_view channel, std::vector<IndexedPattern>& matches) const;

 private:
  /// Above this many they are divided.
  static constexpr std::size_t kMaxUndivided = 8;

  using List = std::vector<IndexedPattern>;
  using Fours = boost::unordered_flat_map<std::uint32_t, List>;

  /// Then only patterns that have no four stand in rest_.
  bool divided() const { return by_four_ || rest_.size() > kMaxUndivided; }
  void insert_divided(IndexedPattern pattern);

  List rest_;
  /// Not there, or not empty.
  std::unique_ptr<Fours> by_four_;
};

}  // namespace respublica

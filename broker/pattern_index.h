#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "broker/pattern_candidates.h"
#include "broker/prefix_tree.h"
#include "broker/topic.h"

namespace respublica {

/// Finds the patterns that match a channel without trying all of them. A pattern stands in a tree of literal beginnings
/// (`news.` of `news.*.de`); patterns with one beginning that have become many stand in a tree of literal ends (`.de`,
/// read backwards); those that have both ends in common are PatternCandidates.
///
/// Owns the trees, not the patterns. Never looks at their subscribers.
///
/// Thread: its owner's; match() may run on several threads while nobody changes it.
class PatternIndex {
 public:
  bool empty() const { return by_beginning_.empty(); }

  /// A pattern that is not in the index, and stays where it is until it is erased.
  void insert(Topic& pattern);
  /// A pattern that is in the index.
  void erase(const Topic& pattern);

  /// Fills `matches`, which is empty, with the patterns that match `channel`, in the order of their insertion.
  void match(std::string_view channel, std::vector<IndexedPattern>& matches) const;

 private:
  /// Longer beginnings and ends are cut: the depth of the trees is bounded.
  static constexpr std::size_t kMaxEnd = 64;
  /// Above this many, patterns with one beginning are divided by their ends.
  static constexpr std::size_t kMaxUndivided = 8;

  using BackwardTree = PrefixTree<PatternCandidates>;

  /// Patterns with one beginning.
  struct Group {
    bool empty() const { return undivided.empty() && !by_end; }
    void insert(IndexedPattern pattern);
    void erase(const Topic& pattern);
    void match(std::string_view channel, std::vector<IndexedPattern>& matches) const;

    std::vector<IndexedPattern> undivided;
    /// Not there, or not empty.
    std::unique_ptr<BackwardTree> by_end;
  };

  /// The last bytes of a text, last first.
  class Backwards {
   public:
    explicit Backwards(std::string_view text);
    std::string_view view() const { return {bytes_.data(), size_}; }

   private:
    std::array<char, kMaxEnd> bytes_;
    std::size_t size_;
  };

  PrefixTree<Group> by_beginning_;
  std::uint64_t inserted_ = 0;
};

}  // namespace respublica
